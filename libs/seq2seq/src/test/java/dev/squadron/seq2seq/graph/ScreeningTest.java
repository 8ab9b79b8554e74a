package dev.squadron.seq2seq.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.graph.LargestOfBlocks.Found;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ScreeningTest {
    private static final int D_MODEL = 2;

    /** All of these are numbers in bf16, so products are off by their own rounding alone: by 1/256 of 1, 2 and 3. */
    private static final float[] ROWS = {1, 0, 2, 0, 3, 0};

    private static final float[] STATE = {1, 0};

    @Test
    void takesTheLargestLogitWhereNoOtherTokenCanBeAbove() {
        assertThat(mostLikely(Optional.empty(), new Found(new float[] {3, 2}, new int[] {2, 1}, 2)))
                .hasValue(2);
    }

    @Test
    void computesTheLogitsOfTokensThatTheProductsConfuse() {
        float[] off = {3, 3 - 3f / 256};
        assertThat(mostLikely(Optional.empty(), new Found(off, new int[] {1, 2}, 1)))
                .hasValue(2);
    }

    @Test
    void leavesItOpenWhereOtherTokensMayBeAbove() {
        assertThat(mostLikely(Optional.empty(), new Found(new float[] {3}, new int[] {2}, 2.98f)))
                .hasValue(2);
        assertThat(mostLikely(Optional.empty(), new Found(new float[] {3}, new int[] {2}, 2.99f)))
                .isEmpty();
    }

    @Test
    void allowsForTheRoundingOfProductsThatABiasHides() {
        Optional<float[]> bias = Optional.of(new float[] {0, 0, -300});
        assertThat(mostLikely(bias, new Found(new float[] {2}, new int[] {1}, 0.9f)))
                .isEmpty();
        assertThat(mostLikely(bias, new Found(new float[] {2}, new int[] {1}, 0.8f)))
                .hasValue(1);
    }

    @Test
    void ofEqualTokensTakesTheFirst() {
        try (Head head = Head.of(new float[] {1, 0, 1, 0, 0, 0}, 3, D_MODEL)) {
            Found found = new Found(new float[] {1, 1}, new int[] {1, 0}, 0);
            assertThat(new Screening(head).mostLikely(STATE, 0, found)).hasValue(0);
        }
    }

    private static OptionalInt mostLikely(Optional<float[]> bias, Found found) {
        try (Head head = Head.of(ROWS, bias, 3, D_MODEL)) {
            return new Screening(head).mostLikely(STATE, 0, found);
        }
    }
}
