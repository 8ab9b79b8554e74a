package dev.squadron.seq2seq.graph;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * What a family's graph is built of: the model's weights and everything that touches them. A family says what is computed; the
 * layers decide whether weights are frozen or learn, and what training adds.
 */
public interface Layers {

    /** Returns the maker of operations in the graph. */
    Ops tf();

    /** Returns a weight. */
    Operand<TFloat32> weight(String name);

    /** Returns the rows of a matrix, [rows, D], that {@code ids} of any shape name: that shape and D. */
    Operand<TFloat32> lookUp(String weight, Operand<TInt32> ids);

    /** Multiplies x, [n, in], by the transpose of a weight [out, in]: [n, out]. */
    Operand<TFloat32> multiply(Operand<TFloat32> x, String weight);

    /** Returns x where results are wanted; in training some of its elements may be 0 and the others larger. */
    Operand<TFloat32> dropout(Operand<TFloat32> x);
}
