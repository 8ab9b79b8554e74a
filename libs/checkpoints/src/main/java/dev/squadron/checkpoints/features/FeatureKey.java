package dev.squadron.checkpoints.features;

import dev.squadron.checkpoints.store.Sha256;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Names an example by its content: the first 16 bytes of the SHA-256 of its input ids and its label ids.
 *
 * @param high the first 8 bytes
 * @param low the last 8 bytes
 */
public record FeatureKey(long high, long low) {
    private static final int BYTES = 16;

    /** Returns the name of an example. */
    public static FeatureKey of(int[] inputIds, int[] labelIds) {
        ByteBuffer content = ByteBuffer.allocate(Integer.BYTES * (inputIds.length + labelIds.length + 1));
        content.putInt(inputIds.length);
        content.asIntBuffer().put(inputIds).put(labelIds);
        ByteBuffer digest = ByteBuffer.wrap(HexFormat.of().parseHex(Sha256.of(content.array())));
        return new FeatureKey(digest.getLong(), digest.getLong());
    }

    /** Returns the names one after another, 16 bytes each. */
    static byte[] pack(List<FeatureKey> keys) {
        ByteBuffer packed = ByteBuffer.allocate(BYTES * keys.size());
        keys.forEach(key -> packed.putLong(key.high).putLong(key.low));
        return packed.array();
    }

    /** Returns what {@link #pack} packed. */
    static List<FeatureKey> unpack(byte[] packed) {
        ByteBuffer left = ByteBuffer.wrap(packed);
        List<FeatureKey> keys = new ArrayList<>();
        while (left.remaining() >= BYTES) {
            keys.add(new FeatureKey(left.getLong(), left.getLong()));
        }
        return keys;
    }
}
