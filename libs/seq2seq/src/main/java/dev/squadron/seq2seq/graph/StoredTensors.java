package dev.squadron.seq2seq.graph;

import dev.squadron.contracts.safetensors.Bfloat16;
import dev.squadron.contracts.safetensors.DType;
import dev.squadron.contracts.safetensors.TensorView;
import java.util.function.ObjLongConsumer;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.FloatDataBuffer;
import org.tensorflow.ndarray.buffer.ShortDataBuffer;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;

/**
 * Tensors of files in TensorFlow's memory. Where a file has the type that is wanted its pages are used, which all processes of a
 * machine share; otherwise the elements are converted a piece at a time. The caller closes what is made.
 */
final class StoredTensors {
    private static final int PIECE = 1 << 16;

    private StoredTensors() {}

    /** Returns the elements as fp32; F16 and BF16 convert exactly. The view must outlive the tensor. */
    static Tensor fp32(TensorView view) {
        if (view.dtype() == DType.F32 && view.data().isDirect()) {
            return mapped(view, DataType.DT_FLOAT);
        }
        return TFloat32.tensorOf(shape(view), made -> {
            FloatDataBuffer to = made.asRawTensor().data().asFloats();
            eachPiece(view, (piece, first) -> to.offset(first).write(piece));
        });
    }

    /** Returns the elements as bf16; F32 and F16 are rounded to the nearest, ties to even. The view must outlive the tensor. */
    static Tensor bf16(TensorView view) {
        if (view.dtype() == DType.BF16 && view.data().isDirect()) {
            return mapped(view, DataType.DT_BFLOAT16);
        }
        return TBfloat16.tensorOf(shape(view), made -> {
            ShortDataBuffer to = made.asRawTensor().data().asShorts();
            eachPiece(view, (piece, first) -> to.offset(first).write(rounded(piece)));
        });
    }

    private static Tensor mapped(TensorView view, DataType type) {
        return MappedTensors.of(type, shape(view), view.data());
    }

    private static Shape shape(TensorView view) {
        return Shape.of(view.shape().stream().mapToLong(Long::longValue).toArray());
    }

    private static void eachPiece(TensorView view, ObjLongConsumer<float[]> use) {
        for (int first = 0; first < view.elements(); first += PIECE) {
            use.accept(view.floats(first, Math.min(PIECE, view.elements() - first)), first);
        }
    }

    private static short[] rounded(float[] floats) {
        short[] upper = new short[floats.length];
        for (int i = 0; i < floats.length; i++) {
            upper[i] = Bfloat16.bits(floats[i]);
        }
        return upper;
    }
}
