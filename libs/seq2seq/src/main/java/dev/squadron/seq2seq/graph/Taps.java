package dev.squadron.seq2seq.graph;

import dev.squadron.contracts.safetensors.SafetensorsWriter;
import dev.squadron.contracts.safetensors.TensorView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;

/**
 * What is computed on the way, by name, so that a test or a person can look at it: hidden states, [B·length, D], and shares of
 * attention, [B, H, queries, keys]. A name begins with the stack, whose positions are the rows; the keys of {@value #CROSS} are those
 * of the inputs. Nothing of it costs anything until it is fetched.
 */
final class Taps {
    static final String CROSS = "cross_attention";

    private static final String ENCODER = "encoder.";

    private final Map<String, Operand<TFloat32>> values = new LinkedHashMap<>();

    void put(String name, Operand<TFloat32> value) {
        values.put(name, value);
    }

    /** Returns those that are there now, whatever else is put. */
    Taps copy() {
        Taps copy = new Taps();
        copy.values.putAll(values);
        return copy;
    }

    /** Returns the names, in the order in which the values are computed. */
    List<String> names() {
        return List.copyOf(values.keySet());
    }

    /** @throws IllegalArgumentException naming those that there are */
    Operand<TFloat32> value(String name) {
        Operand<TFloat32> value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("There is no tap " + name + "; there are " + names() + ".");
        }
        return value;
    }

    /**
     * Returns a value of one example without what belongs to padding: [length, D] or [H, queries, keys].
     *
     * @param padded what came out
     * @param inputs tokens of the input
     * @param labels tokens of the label
     */
    static TensorView cut(String name, TFloat32 padded, int inputs, int labels) {
        int rows = name.startsWith(ENCODER) ? inputs : labels;
        Shape shape = padded.shape();
        float[] all = Tensors.array(padded);
        if (shape.numDimensions() == 2) {
            return cut(name, all, List.of(shape.get(0), shape.get(1)), List.of((long) rows, shape.get(1)));
        }
        long keys = name.endsWith(CROSS) ? inputs : rows;
        return cut(
                name, all, List.of(shape.get(1), shape.get(2), shape.get(3)), List.of(shape.get(1), (long) rows, keys));
    }

    private static TensorView cut(String name, float[] all, List<Long> from, List<Long> to) {
        float[] kept = all;
        for (int axis = 0; axis < from.size(); axis++) {
            List<Long> now = new ArrayList<>(to.subList(0, axis));
            now.addAll(from.subList(axis, from.size()));
            kept = shorten(kept, now, axis, Math.toIntExact(to.get(axis)));
        }
        return SafetensorsWriter.floats(name, to, kept);
    }

    /** Keeps the first {@code length} places of an axis. */
    private static float[] shorten(float[] elements, List<Long> shape, int axis, int length) {
        int inner = product(shape.subList(axis + 1, shape.size()));
        int outer = product(shape.subList(0, axis));
        int before = Math.toIntExact(shape.get(axis)) * inner;
        float[] kept = new float[outer * length * inner];
        for (int i = 0; i < outer; i++) {
            System.arraycopy(elements, i * before, kept, i * length * inner, length * inner);
        }
        return kept;
    }

    private static int product(List<Long> sizes) {
        return Math.toIntExact(sizes.stream().reduce(1L, Math::multiplyExact));
    }
}
