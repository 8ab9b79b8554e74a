package dev.squadron.trainer.domain.learning;

import dev.squadron.contracts.run.Recipe;
import dev.squadron.contracts.run.Schedule;

/**
 * The learning rate of each update, as transformers' {@code get_constant_schedule_with_warmup}, {@code
 * get_linear_schedule_with_warmup} and {@code get_cosine_schedule_with_warmup} give it.
 *
 * @param rate the optimiser's
 * @param schedule its shape
 * @param steps updates in all
 */
public record LearningRate(double rate, Schedule schedule, long steps) {

    /** Returns the learning rate of a recipe's run of {@code steps} updates. */
    public static LearningRate of(Recipe recipe, long steps) {
        return new LearningRate(recipe.optimizer().learningRate(), recipe.schedule(), steps);
    }

    /** Returns the rate of update {@code step}, which counts from 0. */
    public double at(long step) {
        long warmup = schedule.warmup(steps);
        if (step < warmup) {
            return rate * step / warmup;
        }
        double left = (double) Math.max(0, steps - step) / Math.max(1, steps - warmup);
        return switch (schedule.type()) {
            case CONSTANT -> rate;
            case LINEAR -> rate * left;
            case COSINE -> rate * (1 - Math.cos(Math.PI * left)) / 2;
        };
    }
}
