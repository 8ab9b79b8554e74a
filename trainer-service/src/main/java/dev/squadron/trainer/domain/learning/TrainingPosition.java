package dev.squadron.trainer.domain.learning;

/**
 * How far training is; saved with the learner's state.
 *
 * @param step updates made
 * @param lossSum sum of the loss over the label tokens of the running epoch, in nats
 * @param tokens label tokens of the running epoch that are done
 * @param lastEpochLoss mean loss a label token of the epoch before; 0 in the first
 * @param best the best value of the recipe's metric at the end of an epoch; null before there is one
 * @param epochsWithoutGain epochs since then
 */
public record TrainingPosition(
        long step, double lossSum, long tokens, double lastEpochLoss, Double best, int epochsWithoutGain) {
    /** The beginning. */
    public static final TrainingPosition START = new TrainingPosition(0, 0, 0, 0, null, 0);

    TrainingPosition after(double loss, int count) {
        return new TrainingPosition(
                step + 1, lossSum + loss * count, tokens + count, lastEpochLoss, best, epochsWithoutGain);
    }

    TrainingPosition nextEpoch(Double bestNow, int withoutGain) {
        return new TrainingPosition(step, 0, 0, meanLoss(), bestNow, withoutGain);
    }

    double meanLoss() {
        return tokens == 0 ? lastEpochLoss : lossSum / tokens;
    }
}
