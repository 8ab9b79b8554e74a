package dev.squadron.seq2seq.training;

/**
 * An update rule and its numbers; g is the gradient, t counts updates from 1.
 *
 * @param rule the update rule
 * @param beta1 decay of the first moment m
 * @param beta2 decay of the second moment v
 * @param epsilon added to the root of the second moment
 * @param weightDecay decoupled weight decay of {@link Rule#ADAMW}
 * @param clipNorm largest norm of the gradient; a longer one is scaled by clip_norm / (norm + 1e-6); infinite: none is
 */
public record OptimizerSpec(Rule rule, float beta1, float beta2, float epsilon, float weightDecay, float clipNorm) {

    /** The known update rules. */
    public enum Rule {
        /** Keras' Adam: w −= lr · √(1−β₂ᵗ)/(1−β₁ᵗ) · m / (√v + ε) (Kingma and Ba, 2015, section 2, last paragraph). */
        ADAM_KERAS,
        /** PyTorch's Adam: w −= lr · m̂ / (√v̂ + ε) (Kingma and Ba, 2015, algorithm 1). */
        ADAM,
        /** Adam after w −= lr · decay · w (Loshchilov and Hutter, 2019). */
        ADAMW
    }

    /** Returns Keras' Adam with its defaults. */
    public static OptimizerSpec adamKeras() {
        return new OptimizerSpec(Rule.ADAM_KERAS, 0.9f, 0.999f, 1e-7f, 0, Float.POSITIVE_INFINITY);
    }
}
