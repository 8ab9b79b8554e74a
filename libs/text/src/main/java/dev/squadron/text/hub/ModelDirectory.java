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

/**
 * A model on this machine's disk.
 *
 * @param path its directory: config.json, tokenizer.json, safetensors
 * @param name as its users name it: the hub's name, or the directory's own
 * @param revision the hub's commit; none for a directory
 */
public record ModelDirectory(Path path, String name, Optional<String> revision) {
    private static final String TOKENIZER = "tokenizer.json";
    private static final String CONFIG = "config.json";
    private static final String GENERATION = "generation_config.json";
    private static final String SINGLE = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";
    private static final Set<String> BESIDE_TOKENIZER = Set.of("tokenizer_config.json", "special_tokens_map.json");

    /** How much of a model is needed. */
    public enum Need {
        /** The tokenizer alone. */
        TOKENIZER,
        /** Everything. */
        WEIGHTS
    }

    /** Finds a model and tells nobody how it comes; see the other. */
    public static ModelDirectory resolve(String nameOrPath, String revision, Need need, HubConfig config) {
        return resolve(nameOrPath, revision, need, config, DownloadProgress.SILENT);
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
        Path path = Path.of(nameOrPath);
        if (Files.isDirectory(path)) {
            return new ModelDirectory(path, nameOf(nameOrPath), Optional.empty());
        }
        if (!HubRepository.isName(nameOrPath)) {
            throw new HubException(
                    nameOrPath + " is neither a directory nor a name of the hub, as google/flan-t5-small.");
        }
        Snapshot snapshot = hub.pin(new HubRepository(Kind.MODEL, nameOrPath), revision);
        hub.fetch(snapshot, wanted(hub, snapshot, need), progress);
        return new ModelDirectory(hub.directory(snapshot), nameOrPath, Optional.of(snapshot.commit()));
    }

    /** Returns what a model is called everywhere: its name on the hub, or its directory's own. */
    public static String nameOf(String nameOrPath) {
        Path path = Path.of(nameOrPath);
        return Files.isDirectory(path)
                ? String.valueOf(path.toAbsolutePath().normalize().getFileName())
                : nameOrPath;
    }

    private static List<String> wanted(HubClient hub, Snapshot snapshot, Need need) {
        List<String> wanted = new ArrayList<>(need == Need.WEIGHTS ? weights(hub, snapshot) : List.of());
        require(hub, snapshot, TOKENIZER, "save its fast tokenizer by " + saving(snapshot));
        wanted.add(TOKENIZER);
        snapshot.files().stream().filter(BESIDE_TOKENIZER::contains).forEach(wanted::add);
        return wanted;
    }

    private static List<String> weights(HubClient hub, Snapshot snapshot) {
        List<String> wanted = new ArrayList<>();
        if (snapshot.files().contains(SINGLE)) {
            wanted.add(SINGLE);
        } else if (snapshot.files().contains(INDEX)) {
            wanted.add(INDEX);
            wanted.addAll(shards(hub.file(snapshot, INDEX)));
        } else if (snapshot.cached()) {
            throw hub.notCached(snapshot, SINGLE);
        } else {
            throw new HubException(snapshot.repository().name() + " has no " + SINGLE
                    + ", only weights of other kinds; pickled ones (pytorch_model.bin) can run code and are never loaded."
                    + " Name a revision that has safetensors, or save them by " + saving(snapshot));
        }
        require(hub, snapshot, CONFIG, "name a model that transformers can load.");
        wanted.add(CONFIG);
        if (snapshot.files().contains(GENERATION)) {
            wanted.add(GENERATION);
        }
        return wanted;
    }

    private static void require(HubClient hub, Snapshot snapshot, String file, String remedy) {
        if (!snapshot.files().contains(file)) {
            throw snapshot.cached()
                    ? hub.notCached(snapshot, file)
                    : new HubException(snapshot.repository().name() + " has no " + file + "; " + remedy);
        }
    }

    private static String saving(Snapshot snapshot) {
        String from = ".from_pretrained(\"" + snapshot.repository().name() + "\").save_pretrained(\"DIR\")";
        return "Python's transformers and name DIR instead: AutoModelForSeq2SeqLM" + from + "; AutoTokenizer" + from;
    }

    private static Set<String> shards(Path index) {
        try {
            JsonNode files = ContractJson.readTree(Files.readAllBytes(index)).path("weight_map");
            Set<String> shards = new TreeSet<>();
            files.forEach(file -> shards.add(file.asText()));
            if (shards.isEmpty()) {
                throw new HubException(index + " names no file of weights; name another revision.");
            }
            return shards;
        } catch (InvalidMessage | IOException e) {
            throw new HubException(index + " cannot be read: " + e.getMessage(), e);
        }
    }
}
