package dev.squadron.ingest.domain;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The ids of a data set, 16 bytes each: the first half of their SHA-256. Ten million ids take 256 MB or less. */
final class IdSet {
    private static final int SMALLEST = 1 << 10;

    private final MessageDigest digest;
    private long[] slots = new long[2 * SMALLEST];
    private int size;

    IdSet() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    /** Adds an id; returns false where it was there. */
    boolean add(String id) {
        if (4L * (size + 1) > 3L * (slots.length / 2)) {
            grow();
        }
        ByteBuffer hash = ByteBuffer.wrap(digest.digest(id.getBytes(UTF_8)));
        if (!put(slots, hash.getLong() | 1, hash.getLong())) {
            return false;
        }
        size++;
        return true;
    }

    /** Open addressing; a slot with a zero first half is free, so the first half of a hash is made odd. */
    private static boolean put(long[] slots, long high, long low) {
        int mask = slots.length / 2 - 1;
        for (int place = (int) low & mask; ; place = (place + 1) & mask) {
            if (slots[2 * place] == 0) {
                slots[2 * place] = high;
                slots[2 * place + 1] = low;
                return true;
            }
            if (slots[2 * place] == high && slots[2 * place + 1] == low) {
                return false;
            }
        }
    }

    private void grow() {
        long[] larger = new long[slots.length * 2];
        for (int place = 0; place < slots.length; place += 2) {
            if (slots[place] != 0) {
                put(larger, slots[place], slots[place + 1]);
            }
        }
        slots = larger;
    }
}
