package dev.squadron.seq2seq.graph;

import dev.squadron.contracts.safetensors.Bfloat16;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.graph.LargestOfBlocks.Found;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Finds the most likely token by products in bf16, which read half of what products in fp32 do, and proves it: by how much such a product
 * can be off is known, so the few tokens that may have the largest logit have theirs computed exactly, and all others stay below.
 *
 * <p>A logit is h · w + b. Its product in bf16 is off by at most ‖h‖ · ‖w − bf16(w)‖ + ‖h − bf16(h)‖ · ‖bf16(w)‖ (Cauchy and Schwarz),
 * by 2d units of fp32's rounding for the sum (Higham, “Accuracy and Stability of Numerical Algorithms”, 2002, §3.1), and by half a unit
 * of bf16 for the result.
 */
final class Screening {
    private static final double HALF_UNIT_OF_BF16 = 0x1p-8;
    private static final double UNIT_OF_FP32 = 0x1p-24;

    private final Head head;

    /** The largest ‖w − bf16(w)‖ of all rows w. */
    private final double largestError;

    /** The largest ‖bf16(w)‖ of all rows w. */
    private final double largestRow;

    /** How far the bias that is furthest from 0 is. */
    private final double largestBias;

    /** Reads the head once. */
    Screening(Head head) {
        this.head = head;
        double[] squares = IntStream.range(0, head.vocabSize())
                .parallel()
                .mapToObj(row -> squares(head.toArray(row, 1), 0, head.dModel()))
                .reduce(new double[2], (a, b) -> new double[] {Math.max(a[0], b[0]), Math.max(a[1], b[1])});
        largestError = Math.sqrt(squares[0]);
        largestRow = Math.sqrt(squares[1]);
        float[] bias = head.biasArray().orElse(new float[0]);
        largestBias = IntStream.range(0, bias.length)
                .mapToDouble(id -> Math.abs(bias[id]))
                .max()
                .orElse(0);
    }

    /**
     * Returns the token with the largest logit, of equal ones the lowest; empty where the tokens found are too few to tell.
     *
     * @param states [N, D] row by row
     * @param state the place of the one that is meant
     * @param found by products in bf16, the bias added in fp32
     */
    OptionalInt mostLikely(float[] states, int state, Found found) {
        double ofSum = errorOfSum(states, state);
        double least = Double.NEGATIVE_INFINITY;
        for (float value : found.values()) {
            least = Math.max(least, value - ofSum - errorOfResult(value));
        }
        float largest = Float.NEGATIVE_INFINITY;
        int mostLikely = -1;
        for (int place = 0; place < found.ids().length; place++) {
            float value = found.values()[place];
            if (value + ofSum + errorOfResult(value) < least) {
                continue;
            }
            int id = found.ids()[place];
            float logit = head.logit(states, state, id);
            if (logit > largest || (logit == largest && id < mostLikely)) {
                largest = logit;
                mostLikely = id;
            }
        }
        boolean isProved = largest > found.limit() + ofSum + errorOfResult(found.limit());
        return isProved ? OptionalInt.of(mostLikely) : OptionalInt.empty();
    }

    /** Returns by how much the sum of the products can be off. */
    private double errorOfSum(float[] states, int state) {
        int d = head.dModel();
        double[] squares = squares(states, state * d, d);
        double norm = Math.sqrt(squares[1]);
        double error = Math.sqrt(squares[0]);
        return (norm + error) * largestError + error * largestRow + 2 * d * UNIT_OF_FP32 * norm * largestRow;
    }

    /** Returns ‖x − bf16(x)‖² and ‖bf16(x)‖² of the vector x that begins at a place. */
    private static double[] squares(float[] elements, int first, int d) {
        double ofErrors = 0;
        double ofRounded = 0;
        for (int i = first; i < first + d; i++) {
            double rounded = Bfloat16.round(elements[i]);
            double error = elements[i] - rounded;
            ofErrors += error * error;
            ofRounded += rounded * rounded;
        }
        return new double[] {ofErrors, ofRounded};
    }

    private double errorOfResult(float value) {
        return HALF_UNIT_OF_BF16 * (Math.abs(value) + largestBias);
    }
}
