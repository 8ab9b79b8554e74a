package dev.squadron.text.hub;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where the hub is and where its files are kept, under the environment variables of Hugging Face's own client, so that both share
 * one cache.
 *
 * @param endpoint {@code HF_ENDPOINT}
 * @param cache {@code HF_HUB_CACHE}, or {@code hub} in {@code HF_HOME}
 * @param token {@code HF_TOKEN}, or what {@code HF_TOKEN_PATH} holds; never shown
 * @param offline {@code HF_HUB_OFFLINE}: only the cache is asked
 */
public record HubConfig(URI endpoint, Path cache, Optional<String> token, boolean offline) {
    private static final Set<String> YES = Set.of("1", "ON", "YES", "TRUE");

    /** Reads the variables of {@code environment}. */
    public static HubConfig of(Map<String, String> environment) {
        Path home = Path.of(environment.getOrDefault(
                "HF_HOME",
                Path.of(
                                environment.getOrDefault(
                                        "XDG_CACHE_HOME",
                                        Path.of(System.getProperty("user.home"), ".cache")
                                                .toString()),
                                "huggingface")
                        .toString()));
        Path cache = Path.of(
                environment.getOrDefault("HF_HUB_CACHE", home.resolve("hub").toString()));
        String endpoint = environment.getOrDefault("HF_ENDPOINT", "https://huggingface.co");
        boolean offline =
                YES.contains(environment.getOrDefault("HF_HUB_OFFLINE", "0").toUpperCase(Locale.ROOT));
        return new HubConfig(URI.create(endpoint), cache, token(environment, home), offline);
    }

    private static Optional<String> token(Map<String, String> environment, Path home) {
        if (environment.containsKey("HF_TOKEN")) {
            return Optional.of(environment.get("HF_TOKEN").strip()).filter(token -> !token.isEmpty());
        }
        Path file = Path.of(
                environment.getOrDefault("HF_TOKEN_PATH", home.resolve("token").toString()));
        try {
            return Files.isReadable(file)
                    ? Optional.of(Files.readString(file).strip()).filter(token -> !token.isEmpty())
                    : Optional.empty();
        } catch (IOException e) {
            throw new HubException("The token file " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public String toString() {
        return endpoint + (offline ? " (offline)" : "");
    }
}
