package dev.squadron.text.hub;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where the hub is and where its files are kept, under the environment variables of Hugging Face's own client, so that both share
 * one cache.
 *
 * @param endpoint {@code HF_ENDPOINT}, without a slash at its end
 * @param cache {@code HF_HUB_CACHE}, or {@code hub} in {@code HF_HOME}
 * @param token {@code HF_TOKEN}, or what {@code HF_TOKEN_PATH} holds; never shown
 * @param offline {@code HF_HUB_OFFLINE}: only the cache is asked
 */
public record HubConfig(URI endpoint, Path cache, Optional<String> token, boolean offline) {
    private static final Set<String> YES = Set.of("1", "ON", "YES", "TRUE");

    public HubConfig {
        String text = endpoint.toString().replaceAll("/+$", "");
        if (!text.matches("https?://.+") || endpoint.getHost() == null) {
            throw new HubException("HF_ENDPOINT is “" + endpoint
                    + "”; set it to an address such as https://huggingface.co, or unset it.");
        }
        endpoint = URI.create(text);
        cache = cache.toAbsolutePath().normalize();
    }

    /** Reads the variables of {@code environment}. */
    public static HubConfig of(Map<String, String> environment) {
        Path user = Path.of(System.getProperty("user.home"));
        Path caches = path(environment, "XDG_CACHE_HOME").orElse(user.resolve(".cache"));
        Path home = path(environment, "HF_HOME").orElse(caches.resolve("huggingface"));
        Path cache = path(environment, "HF_HUB_CACHE")
                .or(() -> path(environment, "HUGGINGFACE_HUB_CACHE"))
                .orElse(home.resolve("hub"));
        return new HubConfig(
                endpoint(value(environment, "HF_ENDPOINT").orElse("https://huggingface.co")),
                cache,
                token(environment, home),
                Stream.of("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
                        .anyMatch(name ->
                                YES.contains(environment.getOrDefault(name, "").toUpperCase(Locale.ROOT))));
    }

    private static URI endpoint(String text) {
        try {
            return URI.create(text);
        } catch (IllegalArgumentException e) {
            throw new HubException("HF_ENDPOINT is no address: " + e.getMessage(), e);
        }
    }

    private static Optional<String> token(Map<String, String> environment, Path home) {
        return value(environment, "HF_TOKEN")
                .or(() -> value(environment, "HUGGING_FACE_HUB_TOKEN"))
                .or(() -> tokenIn(path(environment, "HF_TOKEN_PATH").orElse(home.resolve("token"))));
    }

    private static Optional<String> tokenIn(Path file) {
        try {
            return Files.isReadable(file)
                    ? Optional.of(Files.readString(file).strip()).filter(token -> !token.isEmpty())
                    : Optional.empty();
        } catch (IOException e) {
            throw new HubException("The token file " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static Optional<Path> path(Map<String, String> environment, String name) {
        return value(environment, name)
                .map(path -> Path.of(path.replaceFirst("^~(?=/|$)", System.getProperty("user.home"))));
    }

    private static Optional<String> value(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name)).map(String::strip).filter(value -> !value.isEmpty());
    }

    @Override
    public String toString() {
        return endpoint + (offline ? " (offline)" : "");
    }
}
