package dev.squadron.contracts.run;

import static dev.squadron.contracts.run.Fault.refuse;
import static dev.squadron.contracts.run.Fault.require;
import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * An update rule. What the rule does not have is null.
 *
 * @param type the rule
 * @param learningRate the rate before the schedule
 * @param momentum of {@code sgd}: share of the last update that goes on
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon keeps divisors from 0: 1e-7 for {@code adam} as in Keras, 1e-8 for {@code adamw} as in PyTorch, 1e-6 for
 *     {@code lamb}, 1e-30 (in the square of the gradient) for {@code adafactor}
 * @param weightDecay share of the learning rate by which weights shrink; of {@code adamw} and {@code lamb}
 * @param clipNorm largest norm of the gradient; a longer one is scaled down; null: none is
 */
public record Optimizer(
        Type type,
        Double learningRate,
        Double momentum,
        Double beta1,
        Double beta2,
        Double epsilon,
        Double weightDecay,
        Double clipNorm) {

    /** The known update rules, each with what it has and by default. */
    public enum Type {
        /** u = momentum · u + g, w −= lr · u (Polyak, 1964, as Sutskever et al., 2013, write it). */
        SGD(0.9, null, null, null, 0.0),
        /** Kingma and Ba, 2015, in Keras' form. */
        ADAM(null, 0.9, 0.999, 1e-7, 0.0),
        /** Loshchilov and Hutter, 2019, in PyTorch's form. */
        ADAMW(null, 0.9, 0.999, 1e-8, 0.01),
        /** You et al., 2020. */
        LAMB(null, 0.9, 0.999, 1e-6, 0.01),
        /** Shazeer and Stern, 2018, at the given learning rate and without a first moment. */
        ADAFACTOR(null, null, null, 1e-30, 0.0);

        private final Double momentum;
        private final Double beta1;
        private final Double beta2;
        private final Double epsilon;
        private final Double weightDecay;

        Type(Double momentum, Double beta1, Double beta2, Double epsilon, Double weightDecay) {
            this.momentum = momentum;
            this.beta1 = beta1;
            this.beta2 = beta2;
            this.epsilon = epsilon;
            this.weightDecay = weightDecay;
        }

        @JsonValue
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Optimizer {
        type = Objects.requireNonNullElse(type, Type.ADAM);
        learningRate = Objects.requireNonNullElse(learningRate, 3e-5);
        momentum = number("momentum", momentum, type, each -> each.momentum);
        beta1 = number("beta1", beta1, type, each -> each.beta1);
        beta2 = number("beta2", beta2, type, each -> each.beta2);
        epsilon = number("epsilon", epsilon, type, each -> each.epsilon);
        weightDecay = Objects.requireNonNullElse(weightDecay, type.weightDecay);
        require(learningRate > 0 && learningRate <= 10, "learning_rate", learningRate, "above 0, at most 10");
        requireDecay("momentum", momentum);
        requireDecay("beta1", beta1);
        requireDecay("beta2", beta2);
        require(epsilon == null || (epsilon > 0 && epsilon <= 1), "epsilon", epsilon, "above 0, at most 1");
        require(weightDecay >= 0 && weightDecay <= 1, "weight_decay", weightDecay, "from 0 to 1");
        require(
                weightDecay == 0 || type.weightDecay > 0,
                "weight_decay",
                weightDecay,
                "0 for " + type.label() + ": use adamw or lamb for decoupled weight decay");
        require(clipNorm == null || (clipNorm > 0 && clipNorm <= 1e6), "clip_norm", clipNorm, "above 0, at most 1e6");
    }

    private static Double number(String key, Double value, Type type, Function<Type, Double> defaults) {
        Double byDefault = defaults.apply(type);
        refuse(
                value != null && byDefault == null,
                key,
                "is " + value + "; " + type.label() + " has none: leave it out, or choose type "
                        + Stream.of(Type.values())
                                .filter(other -> defaults.apply(other) != null)
                                .map(Type::label)
                                .collect(joining(" or "))
                        + ".");
        return value == null ? byDefault : value;
    }

    private static void requireDecay(String key, Double decay) {
        require(decay == null || (decay >= 0 && decay < 1), key, decay, "at least 0, below 1");
    }
}
