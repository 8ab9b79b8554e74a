package dev.squadron.trainer.domain;

import dev.squadron.contracts.run.Progress;
import dev.squadron.seq2seq.training.StepResult;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;

/** Tells of one stage of a run: often enough to watch, seldom enough not to flood the topic. */
final class StageProgress {
    private static final Duration INTERVAL = Duration.ofMillis(300);

    private final String run;
    private final Progress.Stage stage;
    private final ProgressListener listener;
    private final Clock clock;
    private final long began = System.nanoTime();
    private long told;
    private long firstStep = -1;

    StageProgress(String run, Progress.Stage stage, ProgressListener listener, Clock clock) {
        this.run = run;
        this.stage = stage;
        this.listener = listener;
        this.clock = clock;
        this.told = began - INTERVAL.toNanos();
    }

    /** Tells that {@code done} of {@code all} examples are through, unless it has just been told. */
    void examples(long done, long all) {
        if (isDue()) {
            double rate = done / Math.max(1e-9, seconds());
            double left = (all - done) / Math.max(1e-9, rate);
            tell(fraction(done, all), null, null, null, null, null, null, rate, null, left, null);
        }
    }

    /**
     * Tells of an update, unless one has just been told.
     *
     * @param examples those of this stage so far
     * @param tokens likewise
     */
    void step(int epoch, long step, long steps, long examples, long tokens, StepResult result, double learningRate) {
        if (isDue()) {
            if (firstStep < 0) {
                firstStep = step;
            }
            double left = seconds() / Math.max(1, step - firstStep + 1) * (steps - step);
            tell(
                    fraction(step, steps),
                    epoch,
                    step,
                    steps,
                    result.loss(),
                    learningRate,
                    result.gradientNorm(),
                    examples / seconds(),
                    tokens / seconds(),
                    left,
                    null);
        }
    }

    /** Tells of the end of an epoch. */
    void epoch(int epoch, long step, long steps, Map<String, Double> metrics) {
        double loss = metrics.get("train_loss");
        tell(fraction(step, steps), epoch, step, steps, loss, null, null, null, null, null, metrics);
    }

    /** Tells that the stage is done. */
    void done(Map<String, Double> metrics) {
        tell(1, null, null, null, null, null, null, null, null, null, metrics);
    }

    private boolean isDue() {
        long now = System.nanoTime();
        if (now - told < INTERVAL.toNanos()) {
            return false;
        }
        told = now;
        return true;
    }

    private double seconds() {
        return (System.nanoTime() - began) / 1e9;
    }

    private static double fraction(long done, long all) {
        return all == 0 ? 1 : Math.min(1, (double) done / all);
    }

    private void tell(
            double fraction,
            Integer epoch,
            Long step,
            Long steps,
            Double loss,
            Double learningRate,
            Double gradientNorm,
            Double examplesPerSecond,
            Double tokensPerSecond,
            Double secondsLeft,
            Map<String, Double> metrics) {
        listener.on(new Progress(
                run,
                stage,
                fraction,
                epoch,
                step,
                steps,
                loss,
                learningRate,
                gradientNorm,
                examplesPerSecond,
                tokensPerSecond,
                secondsLeft,
                metrics,
                clock.instant()));
    }
}
