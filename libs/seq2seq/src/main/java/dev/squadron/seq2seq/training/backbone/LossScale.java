package dev.squadron.seq2seq.training.backbone;

/**
 * By how much the loss is multiplied before its gradient is computed in fp16, so that small gradients do not vanish: half as much
 * after a gradient that was too large for fp16, twice as much after {@value #PATIENCE} that were not (Micikevicius et al., “Mixed
 * Precision Training”, 2018; PyTorch's GradScaler).
 */
final class LossScale {
    private static final float FIRST = 1 << 16;
    private static final int PATIENCE = 2000;

    private float factor = FIRST;
    private int good;
    private int skipped;

    float factor() {
        return factor;
    }

    /** Returns how many updates were not made. */
    int skipped() {
        return skipped;
    }

    /** Learns of a gradient; returns whether it is good for an update. */
    boolean accepts(double gradientNorm) {
        if (!Double.isFinite(gradientNorm)) {
            factor /= 2;
            good = 0;
            skipped++;
            return false;
        }
        good++;
        if (good == PATIENCE) {
            factor *= 2;
            good = 0;
        }
        return true;
    }

    /** Returns all that is remembered, for {@link #restore}. */
    float[] state() {
        return new float[] {factor, good, skipped};
    }

    void restore(float[] state) {
        factor = state[0];
        good = (int) state[1];
        skipped = (int) state[2];
    }
}
