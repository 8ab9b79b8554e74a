package dev.squadron.trainer.domain.learning;

/**
 * How far head training is; saved with the optimiser's state.
 *
 * @param step updates made
 * @param lossSum sum of the loss over the label positions of the running epoch, in nats
 * @param positions label positions of the running epoch that are done
 * @param lastEpochLoss mean loss a label position of the epoch before; 0 in the first
 */
public record TrainingPosition(long step, double lossSum, long positions, double lastEpochLoss) {
    /** The beginning. */
    public static final TrainingPosition START = new TrainingPosition(0, 0, 0, 0);

    TrainingPosition after(double loss, int count) {
        return new TrainingPosition(step + 1, lossSum + loss * count, positions + count, lastEpochLoss);
    }

    TrainingPosition nextEpoch() {
        return new TrainingPosition(step, 0, 0, meanLoss());
    }

    double meanLoss() {
        return lossSum / positions;
    }
}
