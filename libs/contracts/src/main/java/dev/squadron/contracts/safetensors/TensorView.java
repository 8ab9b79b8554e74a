package dev.squadron.contracts.safetensors;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.util.List;

/**
 * A tensor as it lies in a file.
 *
 * @param name its name
 * @param dtype the type of its elements
 * @param shape its dimensions, the slowest first; none for a scalar
 * @param data its elements, row by row, little endian; mapped, not read
 */
public record TensorView(String name, DType dtype, List<Long> shape, ByteBuffer data) {

    public TensorView {
        shape = List.copyOf(shape);
        data = data.slice().order(ByteOrder.LITTLE_ENDIAN).asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Returns how many elements it has. */
    public int elements() {
        return data.capacity() / dtype.bytes();
    }

    /**
     * Returns a copy of the elements as fp32; F16 and BF16 convert exactly, F64 is rounded.
     *
     * @throws IllegalStateException where the elements are whole numbers
     */
    public float[] floats() {
        float[] floats = new float[elements()];
        switch (dtype) {
            case F32 -> data.asFloatBuffer().get(floats);
            case BF16 -> {
                ShortBuffer bits = data.asShortBuffer();
                for (int i = 0; i < floats.length; i++) {
                    floats[i] = Float.intBitsToFloat(bits.get(i) << 16);
                }
            }
            case F16 -> {
                ShortBuffer bits = data.asShortBuffer();
                for (int i = 0; i < floats.length; i++) {
                    floats[i] = half(bits.get(i));
                }
            }
            case F64 -> {
                for (int i = 0; i < floats.length; i++) {
                    floats[i] = (float) data.getDouble(i * 8);
                }
            }
            default -> throw new IllegalStateException("Tensor " + name + " is " + dtype + " and holds no floats");
        }
        return floats;
    }

    /** Returns a copy of {@code count} elements from {@code first} on, as {@link #floats()} does. */
    public float[] floats(int first, int count) {
        ByteBuffer some =
                data.slice(Math.multiplyExact(first, dtype.bytes()), Math.multiplyExact(count, dtype.bytes()));
        return new TensorView(name, dtype, List.of((long) count), some).floats();
    }

    /**
     * Returns a copy of the elements as whole numbers.
     *
     * @throws IllegalStateException where the elements are floats
     */
    public long[] longs() {
        long[] longs = new long[elements()];
        for (int i = 0; i < longs.length; i++) {
            longs[i] = switch (dtype) {
                case I64 -> data.getLong(i * 8);
                case I32 -> data.getInt(i * 4);
                default ->
                    throw new IllegalStateException("Tensor " + name + " is " + dtype + " and holds no whole numbers");
            };
        }
        return longs;
    }

    /** IEEE 754 binary16. */
    private static float half(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = (bits >> 10) & 0x1f;
        int fraction = bits & 0x3ff;
        if (exponent == 0) {
            float magnitude = fraction * 0x1p-24f;
            return sign == 0 ? magnitude : -magnitude;
        }
        int widened = exponent == 31 ? 0xff : exponent + 112;
        return Float.intBitsToFloat(sign | widened << 23 | fraction << 13);
    }
}
