package dev.squadron.seq2seq.t5;

/**
 * T5's buckets of relative positions: near distances have one each, far ones share them on a logarithmic scale (Raffel et al.,
 * 2020, section 2.1; transformers' {@code T5Attention._relative_position_bucket}, fp32 throughout).
 */
public final class RelativePosition {
    private RelativePosition() {}

    /**
     * Returns the bucket of a distance.
     *
     * @param distance key position − query position
     * @param bidirectional true in the encoder; false in the decoder, where what follows shares bucket 0
     * @param numBuckets buckets in all
     * @param maxDistance distance from which on all positions share the last bucket
     */
    public static int bucket(int distance, boolean bidirectional, int numBuckets, int maxDistance) {
        int buckets = bidirectional ? numBuckets / 2 : numBuckets;
        int offset = bidirectional && distance > 0 ? buckets : 0;
        int far = bidirectional ? Math.abs(distance) : Math.max(0, -distance);
        int exact = buckets / 2;
        if (far < exact) {
            return offset + far;
        }
        float share = (float) Math.log((float) far / exact) / (float) Math.log((double) maxDistance / exact);
        return offset + Math.min(buckets - 1, exact + (int) (share * (buckets - exact)));
    }

    /**
     * Returns the buckets between queries and keys.
     *
     * @param firstQuery position of the first query; keys begin at position 0
     * @return [queries, keys] row by row
     */
    public static int[] buckets(
            int firstQuery, int queries, int keys, boolean bidirectional, int numBuckets, int maxDistance) {
        int[] buckets = new int[queries * keys];
        for (int query = 0; query < queries; query++) {
            for (int key = 0; key < keys; key++) {
                buckets[query * keys + key] = bucket(key - firstQuery - query, bidirectional, numBuckets, maxDistance);
            }
        }
        return buckets;
    }
}
