package dev.squadron.seq2seq.graph;

import java.util.function.Consumer;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.Output;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.VarHandleOp;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TFloat32;

/**
 * A weight in int8: element = value · largest of its row / 127.
 *
 * @param values [out, in]
 * @param largest the largest absolute element of each row, [out]
 */
record QuantizedWeight(Output<?> values, Operand<TFloat32> largest) {
    /** The largest absolute value. */
    static final float LARGEST = 127;

    /**
     * Keeps a weight in int8, too.
     *
     * @param weight [out, in]
     * @param name is taken by no other
     * @param assignments takes what gives it its values
     */
    static QuantizedWeight keep(Ops tf, Operand<TFloat32> weight, String name, Consumer<Op> assignments) {
        Operand<TFloat32> largest = tf.reduceMax(tf.math.abs(weight), tf.constant(1));
        Output<?> values = tf.scope()
                .opBuilder("QuantizeV2", "quantize_weight")
                .addInput(weight.asOutput())
                .addInput(tf.math.neg(largest).asOutput())
                .addInput(largest.asOutput())
                .setAttr("T", DataType.DT_QINT8)
                .setAttr("mode", "SCALED")
                .setAttr("round_mode", "HALF_TO_EVEN")
                .setAttr("narrow_range", true)
                .setAttr("axis", 0L)
                .build()
                .output(0);
        Output<?> handle = tf.scope()
                .opBuilder("VarHandleOp", "int8")
                .setAttr("dtype", DataType.DT_QINT8)
                .setAttr("shape", weight.shape())
                .setAttr("shared_name", name + ".int8")
                .build()
                .output(0);
        Operation assignment = tf.scope()
                .opBuilder("AssignVariableOp", "assign_int8")
                .addInput(handle)
                .addInput(values)
                .setAttr("dtype", DataType.DT_QINT8)
                .build();
        Output<?> kept = tf.scope()
                .opBuilder("ReadVariableOp", "read_int8")
                .addInput(handle)
                .setAttr("dtype", DataType.DT_QINT8)
                .build()
                .output(0);
        VarHandleOp scales =
                tf.varHandleOp(TFloat32.class, largest.shape(), VarHandleOp.sharedName(name + ".int8.largest"));
        assignments.accept(() -> assignment);
        assignments.accept(tf.assignVariableOp(scales, largest));
        return new QuantizedWeight(kept, tf.readVariableOp(scales, TFloat32.class));
    }
}
