package dev.squadron.seq2seq.graph;

import com.google.protobuf.InvalidProtocolBufferException;
import org.tensorflow.internal.c_api.TF_Buffer;
import org.tensorflow.internal.c_api.TF_Status;
import org.tensorflow.internal.c_api.global.tensorflow;
import org.tensorflow.proto.KernelList;

/** What this build of TensorFlow computes operations with. */
final class Kernels {
    private Kernels() {}

    /** Returns whether it has any for an operation, which some builds lack. */
    static boolean exist(String operation) {
        try (TF_Status status = TF_Status.newStatus()) {
            TF_Buffer kernels = tensorflow.TF_GetRegisteredKernelsForOp(operation, status);
            try {
                return tensorflow.TF_GetCode(status) == tensorflow.TF_OK
                        && KernelList.parseFrom(kernels.dataAsByteBuffer()).getKernelCount() > 0;
            } finally {
                tensorflow.TF_DeleteBuffer(kernels);
            }
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("TensorFlow lists its kernels in a form that it does not know", e);
        }
    }
}
