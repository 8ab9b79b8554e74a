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

    /** Gives some rows of a matrix. */
    @FunctionalInterface
    public interface Rows {
        /** Returns {@code count} rows from {@code first} on, row by row. */
        float[] read(int first, int count);
    }

    /** Returns the transpose, [columns, rows], of a matrix that is read a few rows at a time. */
    public static TFloat32 transposed(int rows, int columns, Rows matrix) {
        return TFloat32.tensorOf(Shape.of(columns, rows), transposed -> {
            FloatDataBuffer to = transposed.asRawTensor().data().asFloats();
            float[] line = new float[LINES];
            for (int first = 0; first < rows; first += LINES) {
                int count = Math.min(LINES, rows - first);
                float[] some = matrix.read(first, count);
                for (int column = 0; column < columns; column++) {
                    for (int row = 0; row < count; row++) {
                        line[row] = some[row * columns + column];
                    }
                    to.offset((long) column * rows + first).write(line, 0, count);
                }
            }
        });
    }

    /** Returns the transpose of {@code count} columns of a matrix from {@code first} on, row by row. */
    public static float[] transposed(TFloat32 matrix, int first, int count) {
        int rows = Math.toIntExact(matrix.shape().get(0));
        long columns = matrix.shape().get(1);
        FloatDataBuffer from = matrix.asRawTensor().data().asFloats();
        float[] elements = new float[Math.multiplyExact(rows, count)];
        float[] line = new float[count];
        for (int row = 0; row < rows; row++) {
            from.offset(row * columns + first).read(line);
            for (int column = 0; column < count; column++) {
                elements[column * rows + row] = line[column];
            }
        }
        return elements;
    }

    /** Returns some columns of a matrix. */
    public static TFloat32 columns(TFloat32 matrix, int[] columns) {
        long rows = matrix.shape().get(0);
        FloatDataBuffer from = matrix.asRawTensor().data().asFloats();
        return TFloat32.tensorOf(Shape.of(rows, columns.length), picked -> {
            FloatDataBuffer to = picked.asRawTensor().data().asFloats();
            for (long row = 0; row < rows; row++) {
                FloatDataBuffer line = from.offset(row * matrix.shape().get(1));
                float[] some = new float[columns.length];
                for (int i = 0; i < columns.length; i++) {
                    some[i] = line.getFloat(columns[i]);
                }
                to.offset(row * columns.length).write(some);
            }
        });
    }

    /** Returns some elements of a vector. */
    public static TFloat32 elements(TFloat32 vector, int[] places) {
        FloatDataBuffer from = vector.asRawTensor().data().asFloats();
        float[] some = new float[places.length];
        for (int i = 0; i < places.length; i++) {
            some[i] = from.getFloat(places[i]);
        }
        return floats(some, places.length);
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
