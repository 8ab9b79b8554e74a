package dev.squadron.text.hub;

import dev.squadron.text.hub.HubClient.Snapshot;
import dev.squadron.text.hub.HubRepository.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A model on this machine's disk.
 *
 * @param path its directory: config.json, tokenizer.json, safetensors
 * @param name as its users name it: the hub's name, or the directory's own
 * @param revision the hub's commit; none for a directory
 */
public record ModelDirectory(Path path, String name, Optional<String> revision) {
    private static final List<String> TOKENIZER = List.of("tokenizer.json", "tokenizer_config.json");
    private static final List<String> CONFIG =
            List.of("config.json", "generation_config.json", "special_tokens_map.json");

    /** How much of a model is needed. */
    public enum Need {
        /** The tokenizer alone. */
        TOKENIZER,
        /** Everything. */
        WEIGHTS
    }

    /**
     * Finds a model by the path of its directory or by its name on the hub, and fetches what is missing.
     *
     * @throws HubException when it is neither, or cannot be had
     */
    public static ModelDirectory resolve(String nameOrPath, String revision, Need need, HubConfig config) {
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
        HubClient hub = new HubClient(config);
        Snapshot snapshot = hub.pin(new HubRepository(Kind.MODEL, nameOrPath), revision);
        if (!config.offline()) {
            fetch(hub, snapshot, need);
        }
        return new ModelDirectory(hub.directory(snapshot), nameOrPath, Optional.of(snapshot.commit()));
    }

    /** Returns what a model is called everywhere: its name on the hub, or its directory's own. */
    public static String nameOf(String nameOrPath) {
        Path path = Path.of(nameOrPath);
        return Files.isDirectory(path)
                ? String.valueOf(path.toAbsolutePath().normalize().getFileName())
                : nameOrPath;
    }

    private static void fetch(HubClient hub, Snapshot snapshot, Need need) {
        if (!snapshot.files().contains("tokenizer.json")) {
            throw new HubException(snapshot.repository().name()
                    + " has no tokenizer.json; save its fast tokenizer with transformers and name that directory.");
        }
        Predicate<String> wanted = file -> TOKENIZER.contains(file);
        if (need == Need.WEIGHTS) {
            boolean single = snapshot.files().contains("model.safetensors");
            boolean sharded = snapshot.files().contains("model.safetensors.index.json");
            if (!single && !sharded) {
                throw new HubException(snapshot.repository().name()
                        + " has no safetensors, only pickled weights, which are never loaded;"
                        + " save it again with transformers and name that directory.");
            }
            wanted = wanted.or(CONFIG::contains)
                    .or(file -> single
                            ? file.equals("model.safetensors")
                            : file.matches("model(-\\d+-of-\\d+)?\\.safetensors(\\.index\\.json)?"));
        }
        snapshot.files().stream().filter(wanted).forEach(file -> hub.file(snapshot, file));
    }
}
