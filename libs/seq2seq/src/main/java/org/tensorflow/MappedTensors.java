package org.tensorflow;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.tensorflow.internal.c_api.Deallocator_Pointer_long_Pointer;
import org.tensorflow.internal.c_api.TF_Tensor;
import org.tensorflow.internal.c_api.global.tensorflow;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;

/**
 * Tensors over memory that is there already, as a mapped file is; TensorFlow's public classes can only copy. It stands in this package
 * for the handle of a tensor, which the package keeps to itself.
 */
public final class MappedTensors {
    private static final Deallocator_Pointer_long_Pointer KEEP = new Deallocator_Pointer_long_Pointer() {
        @Override
        public void call(Pointer data, long length, Pointer argument) {
            // The memory belongs to its buffer.
        }
    };

    private MappedTensors() {}

    /**
     * Returns a tensor over the bytes of {@code data}, without a copy where they begin at a multiple of 64 bytes.
     *
     * @param data direct, little endian, row by row; must be reachable, and stay as it is, as long as TensorFlow has the tensor or a
     *     variable that was assigned it
     */
    public static Tensor of(DataType type, Shape shape, ByteBuffer data) {
        try (BytePointer bytes = new BytePointer(data)) {
            TF_Tensor handle = tensorflow.TF_NewTensor(
                    type.getNumber(), shape.asArray(), shape.numDimensions(), bytes, data.capacity(), KEEP, null);
            return RawTensor.fromHandle(handle).asTypedTensor();
        }
    }
}
