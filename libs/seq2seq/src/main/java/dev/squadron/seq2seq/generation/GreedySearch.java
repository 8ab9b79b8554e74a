package dev.squadron.seq2seq.generation;

import dev.squadron.seq2seq.ModelConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Takes the most likely token at each step, as transformers' greedy search does. */
public final class GreedySearch {
    private final ModelConfig model;
    private final GenerationConfig rules;
    private final LogitsProcessor processor;

    /** Makes a search under {@code rules}. */
    public GreedySearch(ModelConfig model, GenerationConfig rules) {
        this.model = model;
        this.rules = rules;
        this.processor = new LogitsProcessor(rules, model);
    }

    /** Generates a sequence for each row of the decoder's batch; a row ends with its own {@code </s>}. */
    public List<Generated> search(Decoder decoder) {
        int batch = decoder.batch();
        int[][] ids = new int[batch][rules.maxNewTokens()];
        float[][] logProbs = new float[batch][rules.maxNewTokens()];
        int[] lengths = new int[batch];
        boolean[] finished = new boolean[batch];
        int[] next = new int[batch];
        Arrays.fill(next, model.decoderStartTokenId());
        int running = batch;
        for (int step = 0; step < rules.maxNewTokens() && running > 0; step++) {
            Decoder.Step found = decoder.step(next, !rules.isPlain());
            for (int row = 0; row < batch; row++) {
                if (finished[row]) {
                    next[row] = model.padTokenId();
                    continue;
                }
                choose(found, row, step, ids[row], logProbs[row]);
                lengths[row] = step + 1;
                next[row] = ids[row][step];
                if (next[row] == model.eosTokenId()) {
                    finished[row] = true;
                    running--;
                }
            }
        }
        List<Generated> sequences = new ArrayList<>();
        for (int row = 0; row < batch; row++) {
            sequences.add(new Generated(
                    Arrays.copyOf(ids[row], lengths[row]), Arrays.copyOf(logProbs[row], lengths[row]), finished[row]));
        }
        return sequences;
    }

    private void choose(Decoder.Step found, int row, int step, int[] ids, float[] logProbs) {
        if (rules.isPlain()) {
            ids[step] = found.ids()[row];
            logProbs[step] = found.logProbs()[row];
            return;
        }
        int vocabulary = found.logits().length / found.ids().length;
        float[] raw = Arrays.copyOfRange(found.logits(), row * vocabulary, (row + 1) * vocabulary);
        float[] processed = raw.clone();
        processor.process(processed, ids, step);
        int best = 0;
        for (int id = 1; id < vocabulary; id++) {
            if (processed[id] > processed[best]) {
                best = id;
            }
        }
        ids[step] = best;
        logProbs[step] = (float) (raw[best] - logSumExp(raw));
    }

    private static double logSumExp(float[] logits) {
        double max = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            max = Math.max(max, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - max);
        }
        return max + Math.log(sum);
    }
}
