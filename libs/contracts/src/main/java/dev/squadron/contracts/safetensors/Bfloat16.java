package dev.squadron.contracts.safetensors;

/** Numbers in bf16: the upper half of the bits of one in fp32. */
public final class Bfloat16 {
    private Bfloat16() {}

    /** Returns the bits of the number in bf16 that is nearest to x, of two the even one; what is no number stays none. */
    public static short bits(float x) {
        int bits = Float.floatToIntBits(x);
        int rounded = Float.isNaN(x) ? bits : bits + 0x7fff + (bits >> 16 & 1);
        return (short) (rounded >> 16);
    }

    /** Returns the number in bf16 that is nearest to x, of two the even one. */
    public static float round(float x) {
        return Float.intBitsToFloat(bits(x) << 16);
    }
}
