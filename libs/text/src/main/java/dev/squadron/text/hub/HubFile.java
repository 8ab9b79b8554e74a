package dev.squadron.text.hub;

import java.util.regex.Pattern;

/**
 * A file of a repository.
 *
 * @param name its path in the repository
 * @param hash 64 hexadecimal digits, the SHA-256 of a large file (LFS), or 40, git's SHA-1 of a small one; its name in the cache
 * @param size bytes
 */
record HubFile(String name, String hash, long size) {
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");

    static boolean isHash(String text) {
        return HASH.matcher(text).matches();
    }
}
