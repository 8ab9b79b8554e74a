package dev.squadron.seq2seq;

/**
 * What the frozen backbone says about labels: the final decoder state of each label position, after the last norm and before
 * the scale of tied models.
 *
 * @param dModel width of a state
 * @param states [positions, d_model] row by row
 * @param labels the label id of each position
 * @param firstPosition where each example begins, and at last the number of positions: [examples + 1]
 */
public record DecoderStates(int dModel, float[] states, int[] labels, int[] firstPosition) {}
