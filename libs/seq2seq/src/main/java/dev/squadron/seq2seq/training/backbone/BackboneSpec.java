package dev.squadron.seq2seq.training.backbone;

import dev.squadron.seq2seq.Devices;
import dev.squadron.seq2seq.Precision;
import dev.squadron.seq2seq.training.optimizer.OptimizerSpec;

/**
 * How a model is trained where more than its head learns.
 *
 * @param tuning what learns
 * @param optimizer how it learns
 * @param dropout probability with which an element becomes 0, in the places where the model's family has dropout; 0: none does
 * @param labelSmoothing share of a label that is spread over the vocabulary; 0: none
 * @param accumulation in how many parts a batch goes through the model
 * @param precision of the large products; weights and what the optimizer remembers are fp32 always
 * @param devices each compute a share of a batch
 * @param seed of dropout, and of LoRA's first matrices
 */
public record BackboneSpec(
        Tuning tuning,
        OptimizerSpec optimizer,
        double dropout,
        double labelSmoothing,
        Accumulation accumulation,
        Precision precision,
        Devices devices,
        long seed) {

    public BackboneSpec {
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("The dropout is " + dropout + "; it must be from 0 to below 1.");
        }
        if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
            throw new IllegalArgumentException(
                    "The label smoothing is " + labelSmoothing + "; it must be from 0 to below 1.");
        }
        if (precision == Precision.INT8) {
            throw new IllegalArgumentException("int8 is for frozen models; train in fp32, bf16 or fp16.");
        }
    }

    /** Returns plain training: no dropout, no label smoothing, whole batches, fp32, one CPU, seed 0. */
    public static BackboneSpec of(Tuning tuning, OptimizerSpec optimizer) {
        return new BackboneSpec(tuning, optimizer, 0, 0, Accumulation.none(), Precision.FP32, Devices.cpu(), 0);
    }

    /** Returns the same with dropout. */
    public BackboneSpec withDropout(double probability, long seed) {
        return new BackboneSpec(tuning, optimizer, probability, labelSmoothing, accumulation, precision, devices, seed);
    }

    /** Returns the same with smoothed labels. */
    public BackboneSpec withLabelSmoothing(double share) {
        return new BackboneSpec(tuning, optimizer, dropout, share, accumulation, precision, devices, seed);
    }

    /** Returns the same in parts. */
    public BackboneSpec withAccumulation(Accumulation parts) {
        return new BackboneSpec(tuning, optimizer, dropout, labelSmoothing, parts, precision, devices, seed);
    }

    /** Returns the same computed in another way. */
    public BackboneSpec withDevices(Devices devices, Precision precision) {
        return new BackboneSpec(tuning, optimizer, dropout, labelSmoothing, accumulation, precision, devices, seed);
    }
}
