package dev.squadron.trainer.domain.learning;

import dev.squadron.contracts.run.Optimizer;
import dev.squadron.seq2seq.training.optimizer.OptimizerSpec;
import dev.squadron.seq2seq.training.optimizer.OptimizerSpec.Rule;

/** From a recipe's optimiser to the model's. */
public final class OptimizerSpecs {
    private OptimizerSpecs() {}

    /** Returns the update rule that a recipe asks for; what a rule does not have is 0. */
    public static OptimizerSpec of(Optimizer optimizer) {
        Rule rule =
                switch (optimizer.type()) {
                    case SGD -> Rule.SGD;
                    case ADAM -> Rule.ADAM_KERAS;
                    case ADAMW -> Rule.ADAMW;
                    case LAMB -> Rule.LAMB;
                    case ADAFACTOR -> Rule.ADAFACTOR;
                };
        return new OptimizerSpec(
                rule,
                orZero(optimizer.momentum()),
                orZero(optimizer.beta1()),
                orZero(optimizer.beta2()),
                orZero(optimizer.epsilon()),
                orZero(optimizer.weightDecay()),
                optimizer.clipNorm() == null
                        ? Float.POSITIVE_INFINITY
                        : optimizer.clipNorm().floatValue());
    }

    private static float orZero(Double value) {
        return value == null ? 0 : value.floatValue();
    }
}
