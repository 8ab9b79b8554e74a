package dev.squadron.contracts.run;

import static dev.squadron.contracts.run.Recipe.require;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.Objects;

/**
 * An update rule.
 *
 * @param type the rule
 * @param learningRate the rate before the schedule
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon added to the root of the second moment; 1e-7 for {@code adam} as in Keras, 1e-8 for {@code adamw} as in
 *     PyTorch
 * @param weightDecay decoupled weight decay of {@code adamw}
 */
public record Optimizer(
        Type type, Double learningRate, Double beta1, Double beta2, Double epsilon, Double weightDecay) {

    /** The known update rules. */
    public enum Type {
        ADAM,
        ADAMW;

        @JsonValue
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Optimizer {
        type = Objects.requireNonNullElse(type, Type.ADAM);
        learningRate = Objects.requireNonNullElse(learningRate, 3e-5);
        beta1 = Objects.requireNonNullElse(beta1, 0.9);
        beta2 = Objects.requireNonNullElse(beta2, 0.999);
        epsilon = Objects.requireNonNullElse(epsilon, type == Type.ADAM ? 1e-7 : 1e-8);
        weightDecay = Objects.requireNonNullElse(weightDecay, type == Type.ADAM ? 0.0 : 0.01);
        require(learningRate > 0 && learningRate <= 1, "optimizer.learning_rate", learningRate, "above 0, at most 1");
        require(beta1 >= 0 && beta1 < 1, "optimizer.beta1", beta1, "at least 0, below 1");
        require(beta2 >= 0 && beta2 < 1, "optimizer.beta2", beta2, "at least 0, below 1");
        require(epsilon > 0, "optimizer.epsilon", epsilon, "above 0");
        require(weightDecay >= 0 && weightDecay <= 1, "optimizer.weight_decay", weightDecay, "from 0 to 1");
        require(
                type == Type.ADAMW || weightDecay == 0,
                "optimizer.weight_decay",
                weightDecay,
                "0 for adam: use adamw for decoupled weight decay");
    }
}
