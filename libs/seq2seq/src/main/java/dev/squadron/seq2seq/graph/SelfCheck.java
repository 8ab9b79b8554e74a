package dev.squadron.seq2seq.graph;

import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.ModelException;
import dev.squadron.seq2seq.Precision;
import dev.squadron.seq2seq.generation.Decoder;
import dev.squadron.seq2seq.generation.Decoder.Step;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Asks two graphs of a model the same short question and compares what they find: the final states of a teacher-forced pass, and the
 * logits of a decoding step, all of them, the largest and those of the most likely tokens, for which the reference is fed the head as it is.
 *
 * <p>Where products keep their weights as they need them, the question is as long as most are, and the steps have few rows and many: so
 * weights are prepared for what will come. Elsewhere it is short, because a large model's plain graph takes long.
 */
final class SelfCheck {
    private static final int USUAL_INPUT = 100;
    private static final int USUAL_OUTPUT = 12;
    private static final int SHORT_INPUT = 8;
    private static final int SHORT_OUTPUT = 3;
    private static final int ROWS = 64;

    private final ModelConfig config;
    private final Precision precision;
    private final int inputLength;
    private final int[] stepLengths;
    private final double tolerance;

    /**
     * @param precision that of the graph that is checked
     * @param keepsPacked whether its products keep their weights as they need them
     */
    SelfCheck(ModelConfig config, Precision precision, boolean keepsPacked) {
        this.config = config;
        this.precision = precision;
        this.inputLength = Math.min(keepsPacked ? USUAL_INPUT : SHORT_INPUT, config.maxPositions());
        this.stepLengths = keepsPacked ? new int[] {FusedProducts.FEW_ROWS, USUAL_OUTPUT} : new int[] {SHORT_OUTPUT};
        this.tolerance = switch (precision) {
            case FP32 -> 1e-4;
            case BF16, FP16 -> 0.1;
            case INT8 -> 0.3;
        };
    }

    /**
     * Compares.
     *
     * @throws ModelException where the root mean square of the differences exceeds the tolerance, a share of that of the reference
     */
    void compare(Backbone checked, Backbone reference) {
        int[][] input = {ids(inputLength)};
        int[][] output = {ids(stepLengths[stepLengths.length - 1])};
        compare(
                "decoder states",
                checked.decoderStates(input, output).states(),
                reference.decoderStates(input, output).states());
        int[] all = IntStream.range(0, ROWS).toArray();
        try (Head head = head();
                Head plain = head.rows(all);
                Decoder decoder = checked.decoder(input, head);
                Decoder expecting = reference.decoder(input, plain)) {
            for (int length : stepLengths) {
                int[] tokens = Arrays.copyOf(output[0], length);
                Step expected = first(expecting, tokens, true);
                compare("logits", first(decoder, tokens, true).logits(), expected.logits());
                compare("largest logits", largest(first(decoder, tokens, false)), largest(expected));
                decoder.rewind(0);
                compare("most likely tokens' logits", logits(expected, decoder.mostLikely(tokens)), largest(expected));
            }
        }
    }

    private void compare(String what, float[] found, float[] expected) {
        double error = 0;
        double size = 0;
        for (int i = 0; i < expected.length; i++) {
            error += Math.pow((double) found[i] - expected[i], 2);
            size += Math.pow(expected[i], 2);
        }
        double share = Math.sqrt(error / size);
        if (!(share <= tolerance)) {
            throw new ModelException("The self-check of the model failed: its " + what + " in " + precision.label()
                    + " differ by " + share + " of their size from those of the plain fp32 graph, and " + tolerance
                    + " is allowed. Either the weights do not suit this precision, then use fp32; or this machine's"
                    + " kernels compute something else, then report it with the model's name and the processor's.");
        }
    }

    private static Step first(Decoder decoder, int[] tokens, boolean wantLogits) {
        decoder.rewind(0);
        return decoder.step(tokens, IntStream.range(0, tokens.length).toArray(), 1, wantLogits);
    }

    /** Returns the logit of one token at each place. */
    private static float[] logits(Step step, int[] ids) {
        float[] logits = new float[ids.length];
        for (int place = 0; place < ids.length; place++) {
            logits[place] = step.logits()[place * ROWS + ids[place]];
        }
        return logits;
    }

    private static float[] largest(Step step) {
        float[] largest = step.logSumExp().clone();
        for (int i = 0; i < largest.length; i++) {
            largest[i] += step.bestLogProbs()[i];
        }
        return largest;
    }

    /** Returns ids from all over the vocabulary. */
    private int[] ids(int count) {
        return IntStream.range(0, count)
                .map(i -> (int) ((i + 1L) * config.vocabSize() / (count + 1)))
                .toArray();
    }

    /** Returns rows of 1 and −1 in a pattern of their own: a state in other words. */
    private Head head() {
        float[] rows = new float[ROWS * config.dModel()];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = (Integer.bitCount(i * 0x9E3779B1) & 1) * 2 - 1f;
        }
        Optional<float[]> bias = config.hasHeadBias() ? Optional.of(new float[ROWS]) : Optional.empty();
        return Head.of(rows, bias, ROWS, config.dModel());
    }
}
