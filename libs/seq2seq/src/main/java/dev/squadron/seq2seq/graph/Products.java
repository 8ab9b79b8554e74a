package dev.squadron.seq2seq.graph;

import org.tensorflow.Operand;
import org.tensorflow.types.family.TFloating;

/** Products with weights that never change, and what is done with them. */
interface Products {

    /** Returns x · Wᵀ, [n, out], of x, [n, in], and a weight [out, in]. */
    <T extends TFloating> Operand<T> multiply(Operand<T> x, Operand<T> weight);

    /** Returns x · Wᵀ + b, [n, out], where the bias is [out]. */
    <T extends TFloating> Operand<T> multiply(Operand<T> x, Operand<T> weight, Operand<T> bias);

    /** Returns GELU with the tanh of x · Wᵀ, [n, out]. */
    <T extends TFloating> Operand<T> gelu(Operand<T> x, Operand<T> weight);
}
