package dev.squadron.seq2seq.training;

import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;

/**
 * Orders the work on the parts of something large: as many parts are worked on at a time as there are lanes, each to its end, so
 * that a part stays in the processor's cache. The order changes no result.
 */
final class Lanes {
    private final Ops tf;
    private final Op[] last;
    private int lane;

    Lanes(Ops tf, int count) {
        this.tf = tf;
        this.last = new Op[count];
    }

    /** Returns where the first operation on the next part is made. */
    Ops begin() {
        return last[lane] == null ? tf : tf.withControlDependencies(last[lane]);
    }

    /** Says what the last operation on the part is. */
    void end(Op op) {
        last[lane] = op;
        lane = (lane + 1) % last.length;
    }
}
