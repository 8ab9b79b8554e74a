package dev.squadron.seq2seq.graph;

import dev.squadron.contracts.safetensors.SafetensorsWriter;
import dev.squadron.contracts.safetensors.TensorView;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.tensorflow.Result;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.ndarray.buffer.FloatDataBuffer;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/** Moves arrays into TensorFlow's memory and back; the caller closes what is made. */
public final class Tensors {
    private static final int LINES = 64;

    private Tensors() {}

    /** Returns a tensor of {@code elements}, row by row. */
    public static TFloat32 floats(float[] elements, long... shape) {
        return TFloat32.tensorOf(Shape.of(shape), DataBuffers.of(elements, true, false));
    }

    /** Returns a tensor of {@code elements}, row by row. */
    public static TInt32 ints(int[] elements, long... shape) {
        return TInt32.tensorOf(Shape.of(shape), DataBuffers.of(elements, true, false));
    }

    /** Returns a tensor of {@code elements}, row by row. */
    public static TInt64 longs(long[] elements, long... shape) {
        return TInt64.tensorOf(Shape.of(shape), DataBuffers.of(elements, true, false));
    }

    /** Returns a tensor of zeros. */
    public static TFloat32 zeros(long... shape) {
        return floats(new float[Math.toIntExact(Shape.of(shape).size())], shape);
    }

    /** Returns what a run has given, in its order. */
    static List<Tensor> all(Result result) {
        return IntStream.range(0, result.size()).mapToObj(result::get).toList();
    }

    /** Gives some rows of a matrix. */
    @FunctionalInterface
    public interface Rows {
        /** Returns {@code count} rows from {@code first} on, row by row. */
        float[] read(int first, int count);
    }

    /** Returns a matrix that is read a few rows at a time. */
    public static TFloat32 matrix(int rows, int columns, Rows matrix) {
        return TFloat32.tensorOf(Shape.of(rows, columns), made -> {
            FloatDataBuffer to = made.asRawTensor().data().asFloats();
            for (int first = 0; first < rows; first += LINES) {
                int count = Math.min(LINES, rows - first);
                to.offset((long) first * columns).write(matrix.read(first, count), 0, count * columns);
            }
        });
    }

    /** Reads {@code count} elements of a tensor from {@code first} on into {@code elements}, where they begin at {@code to}. */
    public static void read(TFloat32 tensor, long first, float[] elements, int to, int count) {
        tensor.asRawTensor().data().asFloats().offset(first).read(elements, to, count);
    }

    /** Returns the elements of {@code tensor}, row by row. */
    public static float[] array(TFloat32 tensor) {
        float[] elements = new float[Math.toIntExact(tensor.size())];
        tensor.asRawTensor().data().asFloats().read(elements);
        return elements;
    }

    /** Returns the elements of {@code tensor}, row by row. */
    public static int[] array(TInt32 tensor) {
        int[] elements = new int[Math.toIntExact(tensor.size())];
        tensor.asRawTensor().data().asInts().read(elements);
        return elements;
    }

    /** Returns a tensor as safetensors files have it. */
    public static TensorView view(String name, TFloat32 tensor) {
        return SafetensorsWriter.floats(
                name, Arrays.stream(tensor.shape().asArray()).boxed().toList(), array(tensor));
    }

    /** Returns a tensor of a safetensors file, whose elements become fp32. */
    public static TFloat32 of(TensorView view) {
        return floats(
                view.floats(), view.shape().stream().mapToLong(Long::longValue).toArray());
    }
}
