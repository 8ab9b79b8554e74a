package dev.squadron.seq2seq.graph;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.tensorflow.RawTensor;
import org.tensorflow.Tensor;
import org.tensorflow.internal.c_api.Deallocator_Pointer_long_Pointer;
import org.tensorflow.internal.c_api.TF_Tensor;
import org.tensorflow.internal.c_api.global.tensorflow;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.family.TType;

/**
 * Tensors over memory that is there already, as a mapped file is; TensorFlow's public classes can only copy. What makes a tensor of
 * a handle is not public there; it is looked up by its name, because a class of TensorFlow's package would not reach it where class loaders
 * keep the two apart, as Quarkus' do in tests and in development.
 */
final class MappedTensors {
    private static final MethodHandle OF_HANDLE = ofHandle();
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
    static Tensor of(DataType type, Shape shape, ByteBuffer data) {
        try (BytePointer bytes = new BytePointer(data)) {
            TF_Tensor handle = tensorflow.TF_NewTensor(
                    type.getNumber(), shape.asArray(), shape.numDimensions(), bytes, data.capacity(), KEEP, null);
            return tensor(handle);
        }
    }

    private static Tensor tensor(TF_Tensor handle) {
        try {
            return (TType) OF_HANDLE.invokeExact(handle);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static MethodHandle ofHandle() {
        try {
            MethodHandles.Lookup raw = MethodHandles.privateLookupIn(RawTensor.class, MethodHandles.lookup());
            return MethodHandles.filterReturnValue(
                    raw.findStatic(
                            RawTensor.class, "fromHandle", MethodType.methodType(RawTensor.class, TF_Tensor.class)),
                    raw.findVirtual(RawTensor.class, "asTypedTensor", MethodType.methodType(TType.class)));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("This version of TensorFlow makes tensors of handles in another way", e);
        }
    }
}
