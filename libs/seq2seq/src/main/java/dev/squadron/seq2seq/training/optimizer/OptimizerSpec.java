package dev.squadron.seq2seq.training.optimizer;

/**
 * An update rule and its numbers; g is the gradient, t counts updates from 1. A number that the rule does not have is 0.
 *
 * @param rule the update rule
 * @param momentum share of the last update that goes on, of {@link Rule#SGD}
 * @param beta1 decay of the first moment m
 * @param beta2 decay of the second moment v
 * @param epsilon added to the root of the second moment; of {@link Rule#ADAFACTOR} to the square of the gradient
 * @param weightDecay share of the learning rate by which weights shrink, of {@link Rule#ADAMW} and {@link Rule#LAMB}
 * @param clipNorm largest norm of the gradient; a longer one is scaled by clip_norm / (norm + 1e-6); infinite: none is
 */
public record OptimizerSpec(
        Rule rule, float momentum, float beta1, float beta2, float epsilon, float weightDecay, float clipNorm) {

    /** The known update rules. */
    public enum Rule {
        /** u = momentum · u + g, w −= lr · u, as PyTorch has it (Sutskever et al., 2013, without lr in u). */
        SGD,
        /** Keras' Adam: w −= lr · √(1−β₂ᵗ)/(1−β₁ᵗ) · m / (√v + ε) (Kingma and Ba, 2015, section 2, last paragraph). */
        ADAM_KERAS,
        /** PyTorch's Adam: w −= lr · m̂ / (√v̂ + ε) (Kingma and Ba, 2015, algorithm 1). */
        ADAM,
        /** Adam after w −= lr · decay · w (Loshchilov and Hutter, 2019). */
        ADAMW,
        /** r = m̂ / (√v̂ + ε) + decay · w, w −= lr · ‖w‖/‖r‖ · r, norms a tensor (You et al., 2020, without a bound). */
        LAMB,
        /**
         * Shazeer and Stern, 2018, as transformers' Adafactor with {@code relative_step=False, scale_parameter=False}: the rate
         * comes from outside and is not scaled by the weights; second moments of matrices factored, decay rate −0.8, clipping
         * threshold 1, no first moment.
         */
        ADAFACTOR;

        /** Returns whether an element's change depends on its own gradient alone, so that a tensor may be changed in parts. */
        public boolean isElementwise() {
            return this != LAMB && this != ADAFACTOR;
        }
    }

    public OptimizerSpec {
        requireDecay("momentum", momentum);
        requireDecay("beta1", beta1);
        requireDecay("beta2", beta2);
        require(epsilon >= 0, "epsilon", epsilon, "at least 0");
        require(weightDecay >= 0, "weight decay", weightDecay, "at least 0");
        require(
                weightDecay == 0 || rule == Rule.ADAMW || rule == Rule.LAMB,
                "weight decay",
                weightDecay,
                "0 for " + rule + ": ADAMW and LAMB have one");
        require(clipNorm > 0, "clip norm", clipNorm, "above 0");
    }

    /** Returns plain descent, or descent with momentum. */
    public static OptimizerSpec sgd(float momentum) {
        return new OptimizerSpec(Rule.SGD, momentum, 0, 0, 0, 0, Float.POSITIVE_INFINITY);
    }

    /** Returns Keras' Adam with its defaults. */
    public static OptimizerSpec adamKeras() {
        return adaptive(Rule.ADAM_KERAS, 1e-7f, 0);
    }

    /** Returns PyTorch's Adam with its defaults. */
    public static OptimizerSpec adam() {
        return adaptive(Rule.ADAM, 1e-8f, 0);
    }

    /** Returns PyTorch's AdamW with its defaults. */
    public static OptimizerSpec adamW() {
        return adaptive(Rule.ADAMW, 1e-8f, 0.01f);
    }

    /** Returns LAMB with the numbers of its paper. */
    public static OptimizerSpec lamb() {
        return adaptive(Rule.LAMB, 1e-6f, 0.01f);
    }

    /** Returns Adafactor with transformers' numbers. */
    public static OptimizerSpec adafactor() {
        return new OptimizerSpec(Rule.ADAFACTOR, 0, 0, 0, 1e-30f, 0, Float.POSITIVE_INFINITY);
    }

    /** Returns the same rule for gradients whose norm is at most {@code norm}. */
    public OptimizerSpec withClipNorm(float norm) {
        return new OptimizerSpec(rule, momentum, beta1, beta2, epsilon, weightDecay, norm);
    }

    /** Returns whether gradients are clipped. */
    public boolean clips() {
        return Float.isFinite(clipNorm);
    }

    private static OptimizerSpec adaptive(Rule rule, float epsilon, float weightDecay) {
        return new OptimizerSpec(rule, 0, 0.9f, 0.999f, epsilon, weightDecay, Float.POSITIVE_INFINITY);
    }

    private static void requireDecay(String name, float value) {
        require(value >= 0 && value < 1, name, value, "at least 0, below 1");
    }

    private static void require(boolean holds, String name, float value, String rule) {
        if (!holds) {
            throw new IllegalArgumentException("The optimizer's " + name + " is " + value + "; it must be " + rule);
        }
    }
}
