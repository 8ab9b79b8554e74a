package dev.squadron.seq2seq.generation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/** A decoder whose logits are a function of the input's number and the tokens so far: it notices rows in the wrong order. */
public final class PrefixDecoder implements Decoder {
    private final int inputs;
    private final int vocabSize;
    private final Function<List<Integer>, float[]> logits;
    private final List<Float> logProbs = new ArrayList<>();
    private List<List<Integer>> rows = new ArrayList<>();
    private int steps;

    /** @param logits logits for a list of the input's number and all tokens, the start token first */
    public PrefixDecoder(int inputs, int vocabSize, Function<List<Integer>, float[]> logits) {
        this.inputs = inputs;
        this.vocabSize = vocabSize;
        this.logits = logits;
        IntStream.range(0, inputs).forEach(input -> rows.add(List.of(input)));
    }

    /** Logits that differ for every prefix, of standard deviation about 2. */
    public static float[] scattered(List<Integer> prefix, int vocabSize) {
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
    public Step step(int[] ids, int[] asked, int best, boolean wantLogits) {
        int positions = ids.length / rows.size();
        List<float[]> found = new ArrayList<>();
        for (int row = 0; row < rows.size(); row++) {
            List<Integer> prefix = new ArrayList<>(rows.get(row));
            for (int position = 0; position < positions; position++) {
                prefix.add(ids[row * positions + position]);
                found.add(logits.apply(prefix));
            }
            rows.set(row, prefix);
        }
        steps++;
        return step(Arrays.stream(asked).mapToObj(found::get).toList(), best, wantLogits);
    }

    private Step step(List<float[]> found, int best, boolean wantLogits) {
        float[] all = new float[found.size() * vocabSize];
        int[] bestIds = new int[found.size() * best];
        float[] bestLogProbs = new float[bestIds.length];
        float[] sums = new float[found.size()];
        for (int place = 0; place < sums.length; place++) {
            float[] scores = found.get(place);
            sums[place] = (float) Math.log(IntStream.range(0, vocabSize)
                    .mapToDouble(id -> Math.exp(scores[id]))
                    .sum());
            System.arraycopy(scores, 0, all, place * vocabSize, vocabSize);
            int[] order = IntStream.range(0, vocabSize)
                    .boxed()
                    .sorted((a, b) -> Float.compare(scores[b], scores[a]))
                    .mapToInt(Integer::intValue)
                    .toArray();
            for (int i = 0; i < best; i++) {
                bestIds[place * best + i] = order[i];
                bestLogProbs[place * best + i] = scores[order[i]] - sums[place];
            }
        }
        return new Step(bestIds, bestLogProbs, sums, wantLogits ? all : null);
    }

    /** Returns how many steps were made. */
    public int steps() {
        return steps;
    }

    @Override
    public int[] mostLikely(int[] ids) {
        Step step = step(ids, 1, false);
        for (float logProb : step.bestLogProbs()) {
            logProbs.add(logProb);
        }
        return step.bestIds();
    }

    @Override
    public float[] logProbs() {
        float[] all = new float[logProbs.size()];
        for (int position = 0; position < all.length; position++) {
            all[position] = logProbs.get(position);
        }
        return all;
    }

    @Override
    public void rewind(int length) {
        logProbs.subList(Math.min(length, logProbs.size()), logProbs.size()).clear();
        rows = new ArrayList<>(
                rows.stream().map(row -> row.subList(0, length + 1)).toList());
    }

    @Override
    public void reorder(int[] from) {
        rows = new ArrayList<>(Arrays.stream(from).mapToObj(rows::get).toList());
    }

    @Override
    public void close() {}
}
