package dev.squadron.seq2seq;

/**
 * How a frozen model is computed.
 *
 * @param precision in which numbers: fp32, bf16 or int8
 * @param devices where; each has the whole model, and batches take turns
 * @param threads by how many threads of the processor
 */
public record Execution(Precision precision, Devices devices, Threads threads) {
    public Execution {
        if (precision == Precision.FP16) {
            throw new ModelException(
                    "fp16 has too small an exponent for T5's activations; a model answers in fp32, bf16 or int8.");
        }
        if (precision == Precision.INT8 && devices.kind() != Devices.Kind.CPU) {
            throw new ModelException("int8 is for processors; on a GPU a model answers in bf16 or fp32.");
        }
    }

    /** Returns the reference: fp32 on the processor. */
    public static Execution reference(Threads threads) {
        return new Execution(Precision.FP32, Devices.cpu(), threads);
    }

    /** Returns the same on one of the devices. */
    public Execution on(int place) {
        return new Execution(precision, devices.only(place), threads);
    }

    /** Returns the same on the processor. */
    public Execution onProcessor() {
        return new Execution(precision, Devices.cpu(), threads);
    }
}
