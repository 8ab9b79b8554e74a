package dev.squadron.seq2seq.generation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/** A decoder whose logits are a function of the input's number and the tokens so far: it notices rows in the wrong order. */
final class PrefixDecoder implements Decoder {
    private final int inputs;
    private final int vocabSize;
    private final Function<List<Integer>, float[]> logits;
    private List<List<Integer>> rows = new ArrayList<>();

    /** @param logits logits for a list of the input's number and all tokens, the start token first */
    PrefixDecoder(int inputs, int vocabSize, Function<List<Integer>, float[]> logits) {
        this.inputs = inputs;
        this.vocabSize = vocabSize;
        this.logits = logits;
        IntStream.range(0, inputs).forEach(input -> rows.add(List.of(input)));
    }

    /** Logits that differ for every prefix, of standard deviation about 2. */
    static float[] scattered(List<Integer> prefix, int vocabSize) {
        float[] logits = new float[vocabSize];
        for (int id = 0; id < vocabSize; id++) {
            long hash = 31L * prefix.hashCode() + id;
            hash = (hash ^ (hash >>> 15)) * 0x9E3779B97F4A7C15L;
            hash = (hash ^ (hash >>> 29)) * 0xBF58476D1CE4E5B9L;
            logits[id] = (float) ((hash >>> 40) / (double) (1 << 24) * 7 - 3.5);
        }
        return logits;
    }

    @Override
    public int inputs() {
        return inputs;
    }

    @Override
    public int vocabSize() {
        return vocabSize;
    }

    @Override
    public Step step(int[] ids, int best, boolean wantLogits) {
        float[] all = new float[ids.length * vocabSize];
        int[] bestIds = new int[ids.length * best];
        float[] bestLogProbs = new float[bestIds.length];
        float[] sums = new float[ids.length];
        for (int row = 0; row < ids.length; row++) {
            List<Integer> prefix = new ArrayList<>(rows.get(row));
            prefix.add(ids[row]);
            rows.set(row, prefix);
            float[] found = logits.apply(prefix);
            sums[row] = (float) Math.log(IntStream.range(0, vocabSize)
                    .mapToDouble(id -> Math.exp(found[id]))
                    .sum());
            System.arraycopy(found, 0, all, row * vocabSize, vocabSize);
            int[] order = IntStream.range(0, vocabSize)
                    .boxed()
                    .sorted((a, b) -> Float.compare(found[b], found[a]))
                    .mapToInt(Integer::intValue)
                    .toArray();
            for (int i = 0; i < best; i++) {
                bestIds[row * best + i] = order[i];
                bestLogProbs[row * best + i] = found[order[i]] - sums[row];
            }
        }
        return new Step(bestIds, bestLogProbs, sums, wantLogits ? all : null);
    }

    @Override
    public void reorder(int[] from) {
        rows = new ArrayList<>(Arrays.stream(from).mapToObj(rows::get).toList());
    }

    @Override
    public void close() {}
}
