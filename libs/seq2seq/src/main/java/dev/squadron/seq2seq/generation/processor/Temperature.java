package dev.squadron.seq2seq.generation.processor;

/**
 * Makes a distribution flatter or steeper.
 *
 * @param temperature divides the scores: above 1 flatter, below 1 steeper
 */
record Temperature(float temperature) implements LogitsProcessor {
    @Override
    public void process(float[] scores, int[] sequence) {
        for (int id = 0; id < scores.length; id++) {
            scores[id] /= temperature;
        }
    }
}
