package dev.squadron.seq2seq.graph;

import dev.squadron.contracts.safetensors.SafetensorsWriter;
import dev.squadron.contracts.safetensors.TensorView;
import java.util.Arrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.ndarray.buffer.FloatDataBuffer;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/** Moves arrays into TensorFlow's memory and back; the caller closes what is made. */
public final class Tensors {
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

    /** Returns some rows of a matrix, or some elements of a vector, without a detour through an array. */
    public static TFloat32 rows(TFloat32 tensor, int[] rows) {
        long columns = tensor.rank() == 1 ? 1 : tensor.shape().get(1);
        FloatDataBuffer from = tensor.asRawTensor().data().asFloats();
        Shape shape = tensor.rank() == 1 ? Shape.of(rows.length) : Shape.of(rows.length, columns);
        return TFloat32.tensorOf(shape, picked -> {
            FloatDataBuffer to = picked.asRawTensor().data().asFloats();
            for (int i = 0; i < rows.length; i++) {
                from.offset(rows[i] * columns).copyTo(to.offset(i * columns), columns);
            }
        });
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
