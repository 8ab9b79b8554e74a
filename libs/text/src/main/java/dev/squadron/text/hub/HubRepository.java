package dev.squadron.text.hub;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A repository of the hub.
 *
 * @param kind models or data sets
 * @param name {@code org/name}, or {@code name} alone
 */
public record HubRepository(Kind kind, String name) {
    private static final Pattern NAME =
            Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,95}(/[A-Za-z0-9][A-Za-z0-9._-]{0,95})?");

    /** What a repository holds. */
    public enum Kind {
        MODEL("api/models/", "", "models--"),
        DATASET("api/datasets/", "datasets/", "datasets--");

        private final String api;
        private final String files;
        private final String folder;

        Kind(String api, String files, String folder) {
            this.api = api;
            this.files = files;
            this.folder = folder;
        }
    }

    public HubRepository {
        if (!isName(name) || name.contains("..") || name.contains("--")) {
            throw new HubException("“" + name + "” is no name of the hub; it looks like google/flan-t5-small.");
        }
    }

    /** Returns whether {@code text} looks like a name of the hub. */
    public static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    String apiPath(String revision) {
        return kind.api + name + "/revision/" + encode(revision);
    }

    String filePath(String commit, String file) {
        return kind.files + name + "/resolve/" + commit + "/"
                + Arrays.stream(file.split("/")).map(HubRepository::encode).collect(Collectors.joining("/"));
    }

    /** Returns the path of the page that people read. */
    String page() {
        return kind.files + name;
    }

    String folder() {
        return kind.folder + name.replace("/", "--");
    }

    private static String encode(String segment) {
        return URLEncoder.encode(segment, UTF_8).replace("+", "%20");
    }
}
