package dev.squadron.benchmarks.peers;

import dev.squadron.seq2seq.t5.T5Config;

/**
 * What a T5 has to compute and to read, from its shapes alone: matrix products (a multiplication and an addition are two), and each
 * weight once a batch. Norms, softmax, casts and the like are left out, so a limit cannot be reached.
 */
record Arithmetic(T5Config shapes) {

    /** Returns the FLOPs of encoding one input. */
    double encoder(int inputTokens) {
        double attention = 4.0 * inputTokens * inner(); // q·k and p·v, a token
        return shapes.numLayers() * inputTokens * (2 * (projections() + feedForward()) + attention);
    }

    /** Returns the FLOPs of one input's keys and values of cross-attention. */
    double crossKeysAndValues(int inputTokens) {
        return 2.0 * shapes.numDecoderLayers() * inputTokens * 2 * shapes.dModel() * inner();
    }

    /** Returns the FLOPs of one decoder position, the head left out. */
    double decoder(int inputTokens, int position) {
        double attention = 4.0 * (inputTokens + position) * inner();
        return shapes.numDecoderLayers()
                * (2 * (projections() + 2.0 * shapes.dModel() * inner() + feedForward()) + attention);
    }

    /** Returns the FLOPs of one position's logits. */
    double head() {
        return 2.0 * shapes.dModel() * shapes.vocabSize();
    }

    /**
     * Returns the FLOPs of one example's forward pass, in which labels look at the inputs without their keys and values.
     *
     * @param labelTokens positions of the decoder; no logits are computed
     */
    double features(int inputTokens, int labelTokens) {
        double lookAtInputs =
                4.0 * shapes.numDecoderLayers() * shapes.numHeads() * shapes.dModel() * (shapes.dKv() + inputTokens);
        return encoder(inputTokens) + labelTokens * (decoder(0, labelTokens / 2) + lookAtInputs);
    }

    /** Returns the seconds that encoding a batch takes at least. */
    double encoderSeconds(Yardsticks machine, String precision, int batch, int inputTokens) {
        double weights = shapes.numLayers() * (projections() + feedForward());
        return seconds(machine, precision, batch * encoder(inputTokens), weights);
    }

    /** Returns the seconds that answering a batch takes at least: encoder, then step by step. */
    double answerSeconds(Yardsticks machine, String precision, int batch, int beams, int inputTokens, int newTokens) {
        double rows = (double) batch * beams;
        double perStep = shapes.numDecoderLayers() * (projections() + 2.0 * shapes.dModel() * inner() + feedForward())
                + (double) shapes.dModel() * shapes.vocabSize();
        double crossCache = 2.0 * batch * shapes.numDecoderLayers() * inputTokens * inner();
        double seconds = encoderSeconds(machine, precision, batch, inputTokens)
                + seconds(machine, precision, batch * crossKeysAndValues(inputTokens), 0);
        for (int step = 0; step < newTokens; step++) {
            double ownCache = 2.0 * rows * shapes.numDecoderLayers() * step * inner();
            seconds += seconds(
                    machine, precision, rows * (decoder(inputTokens, step) + head()), perStep + crossCache + ownCache);
        }
        return seconds;
    }

    private static double seconds(Yardsticks machine, String precision, double flops, double elements) {
        int bytes = precision.equals("fp32") ? Float.BYTES : Short.BYTES;
        return Math.max(flops / machine.flops(precision), elements * bytes / machine.copy());
    }

    private double inner() {
        return (double) shapes.numHeads() * shapes.dKv();
    }

    /** Returns the elements of q, k, v and o. */
    private double projections() {
        return 4 * shapes.dModel() * inner();
    }

    private double feedForward() {
        return (shapes.gatedGelu() ? 3.0 : 2.0) * shapes.dModel() * shapes.dFf();
    }
}
