package dev.squadron.seq2seq.training;

/**
 * What an update saw before it changed the head.
 *
 * @param loss mean −log softmax(logits)[label] over the positions, in nats
 * @param gradientNorm Frobenius norm of the head's gradient, before clipping
 */
public record StepResult(double loss, double gradientNorm) {}
