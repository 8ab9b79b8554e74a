package dev.squadron.contracts.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Bfloat16Test {
    @Property
    void roundsToTheNearest(@ForAll float x) {
        float rounded = Bfloat16.round(x);
        int bits = Bfloat16.bits(x) & 0xffff;

        assertThat(Bfloat16.round(rounded)).isEqualTo(rounded);
        double apart = Math.abs((double) rounded - x);
        for (int neighbour : new int[] {bits - 1, bits + 1}) {
            float other = Float.intBitsToFloat(neighbour << 16);
            if (Float.isFinite(other) && Float.isFinite(rounded)) {
                assertThat(apart).isLessThanOrEqualTo(Math.abs((double) other - x));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "3F808000, 3F80",
        "3F818000, 3F82",
        "BF808001, BF81",
        "7F7FFFFF, 7F80",
        "FF800000, FF80",
        "00000000, 0000"
    })
    void takesTheEvenOneOfTwo(String fp32, String bf16) {
        float x = Float.intBitsToFloat(Integer.parseUnsignedInt(fp32, 16));

        assertThat(Bfloat16.bits(x)).isEqualTo((short) Integer.parseInt(bf16, 16));
    }

    @Test
    void whatIsNoNumberStaysNone() {
        assertThat(Bfloat16.round(Float.NaN)).isNaN();
        assertThat(Bfloat16.round(Float.intBitsToFloat(0x7f800001))).isNaN();
    }
}
