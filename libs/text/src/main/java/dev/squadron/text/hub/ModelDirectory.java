package dev.squadron.text.hub;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.text.hub.HubClient.Snapshot;
import dev.squadron.text.hub.HubRepository.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * A model on this machine's disk.
 *
 * @param path its directory: config.json, tokenizer.json, safetensors
 * @param name as its users name it: the hub's name, or the last part of its path
 * @param revision the hub's commit; none for a directory
 */
public record ModelDirectory(Path path, String name, Optional<String> revision) {
    private static final String TOKENIZER = "tokenizer.json";
    private static final String CONFIG = "config.json";
    static final String WEIGHTS = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";
    private static final List<String> BESIDE_TOKENIZER = List.of("tokenizer_config.json", "special_tokens_map.json");
    private static final List<String> OPTIONAL =
            List.of("tokenizer_config.json", "special_tokens_map.json", "generation_config.json");
    private static final Pattern SHARD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,200}\\.safetensors");

    /** How much of a model is needed. */
    public enum Need {
        /** The tokenizer alone. */
        TOKENIZER,
        /** Everything. */
        WEIGHTS
    }

    /**
     * Finds a model by the path of its directory or by its name on the hub, and fetches what is missing and needed: the tokenizer,
     * the configurations and the safetensors, not what the repository has for others.
     *
     * @param revision a branch, tag or commit on the hub
     * @throws HubException when it is neither, or cannot be had
     */
    public static ModelDirectory resolve(
            String nameOrPath, String revision, Need need, HubConfig config, DownloadProgress progress) {
        return resolve(nameOrPath, revision, need, new HubClient(config), progress);
    }

    static ModelDirectory resolve(
            String nameOrPath, String revision, Need need, HubClient hub, DownloadProgress progress) {
        if (nameOrPath.isBlank()) {
            throw new HubException(
                    "No model is named; name a directory or a model of the hub, as google/flan-t5-small.");
        }
        if (Files.isDirectory(Path.of(nameOrPath))) {
            return new ModelDirectory(Path.of(nameOrPath), nameOf(nameOrPath), Optional.empty());
        }
        if (!HubRepository.isName(nameOrPath)) {
            throw new HubException(
                    nameOrPath + " is neither a directory nor a name of the hub, as google/flan-t5-small.");
        }
        Snapshot snapshot = hub.pin(new HubRepository(Kind.MODEL, nameOrPath), revision);
        Path path = fetch(new HubModel(hub, snapshot), need, progress);
        return new ModelDirectory(path, nameOrPath, Optional.of(snapshot.commit()));
    }

    /**
     * Brings what is needed of a model, and nothing else, to this machine's disk.
     *
     * @return its directory
     */
    public static Path fetch(ModelFiles files, Need need, DownloadProgress progress) {
        List<String> wanted = new ArrayList<>(need == Need.WEIGHTS ? weights(files) : List.of());
        wanted.add(TOKENIZER);
        for (String file : wanted) {
            if (!files.has(file)) {
                throw files.missing(file);
            }
        }
        (need == Need.WEIGHTS ? OPTIONAL : BESIDE_TOKENIZER)
                .stream().filter(files::has).forEach(wanted::add);
        return files.fetch(wanted, progress);
    }

    /** Returns what a model is called everywhere: its name on the hub, or the last part of its path. */
    public static String nameOf(String nameOrPath) {
        Path path = Path.of(nameOrPath);
        return nameOrPath.startsWith("s3://") || Files.isDirectory(path)
                ? String.valueOf(path.toAbsolutePath().normalize().getFileName())
                : nameOrPath;
    }

    private static List<String> weights(ModelFiles files) {
        if (files.has(WEIGHTS) || !files.has(INDEX)) {
            return List.of(WEIGHTS, CONFIG);
        }
        List<String> weights = new ArrayList<>(List.of(INDEX, CONFIG));
        weights.addAll(
                shards(files.fetch(List.of(INDEX), DownloadProgress.SILENT).resolve(INDEX)));
        return weights;
    }

    private static Set<String> shards(Path index) {
        try {
            JsonNode files = ContractJson.readTree(Files.readAllBytes(index)).path("weight_map");
            Set<String> shards = new TreeSet<>();
            files.forEach(file -> shards.add(file.asText()));
            if (shards.isEmpty()
                    || !shards.stream().allMatch(shard -> SHARD.matcher(shard).matches())) {
                throw new HubException(index + " names the files " + shards
                        + " and should name safetensors beside it; name another revision.");
            }
            return shards;
        } catch (InvalidMessage | IOException e) {
            throw new HubException(index + " cannot be read: " + e.getMessage(), e);
        }
    }
}
