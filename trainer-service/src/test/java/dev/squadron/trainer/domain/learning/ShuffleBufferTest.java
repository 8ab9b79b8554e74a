package dev.squadron.trainer.domain.learning;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ShuffleBufferTest {
    @Property
    void takesEachExampleOnceAndNeverBeforeItIsInTheBuffer(
            @ForAll @IntRange(max = 3000) int examples,
            @ForAll @IntRange(min = 1, max = 1500) int buffer,
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 5) int epoch) {
        int[] order = ShuffleBuffer.order(examples, buffer, seed, epoch);

        assertThat(order).hasSize(examples).doesNotHaveDuplicates();
        assertThat(IntStream.range(0, examples)).allMatch(i -> order[i] >= 0 && order[i] < i + buffer);
        assertThat(ShuffleBuffer.order(examples, buffer, seed, epoch)).isEqualTo(order);
    }

    @Test
    void keepsTheOrderWithABufferOfOne() {
        assertThat(ShuffleBuffer.order(5, 1, 42, 1)).containsExactly(0, 1, 2, 3, 4);
    }

    @Test
    void givesEachEpochAndSeedAnOrderOfItsOwn() {
        int[] first = ShuffleBuffer.order(100, 1000, 0, 1);

        assertThat(ShuffleBuffer.order(100, 1000, 0, 2)).isNotEqualTo(first);
        assertThat(ShuffleBuffer.order(100, 1000, 1, 1)).isNotEqualTo(first);
    }
}
