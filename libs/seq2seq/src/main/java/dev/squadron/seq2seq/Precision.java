package dev.squadron.seq2seq;

import java.util.Locale;

/** In what the large matrix products are computed; everything else, and what is remembered, is fp32. */
public enum Precision {
    /** 32 bits: the reference. */
    FP32,
    /** The exponent of fp32 and 8 bits of precision. A frozen model also keeps its weights and what goes from block to block so. */
    BF16,
    /** 11 bits of precision and a small exponent, for GPUs; in training the loss is scaled (Micikevicius et al., 2018). */
    FP16,
    /**
     * Whole numbers up to 127, for the products with the weights of a frozen model on a processor. A weight has a scale for each of its
     * rows, what it is multiplied with has its own at each run. Everything else is computed as in {@link #besidesWeights}.
     */
    INT8;

    private static final System.Logger LOG = System.getLogger(Precision.class.getName());

    /** Returns this precision, or the next better one that the devices compute faster; the log then says so in one line. */
    public Precision suited(Devices devices) {
        boolean onProcessor = devices.kind() == Devices.Kind.CPU;
        if (this == INT8 && !onProcessor) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "int8 is for processors, so what is to be computed in int8 is computed in bf16.");
            return BF16;
        }
        if (this == INT8 && !Processor.hasVnni()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "This processor has no instructions for int8 (avx512_vnni or avx_vnni), so what is to be computed in"
                            + " int8 is computed in fp32, which is faster here.");
            return FP32;
        }
        if (this == BF16 && onProcessor && !Processor.hasBf16()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "This processor has no instructions for bf16 (avx512_bf16), so what is to be computed in bf16 is"
                            + " computed in fp32, which is faster here.");
            return FP32;
        }
        return this;
    }

    /** Returns in what a frozen model is computed where no weight is multiplied: in int8 that is bf16 where the processor has it. */
    public Precision besidesWeights() {
        if (this != INT8) {
            return this;
        }
        return Processor.hasBf16() ? BF16 : FP32;
    }

    /** Returns the name in configuration: {@code fp32}, {@code bf16}, {@code fp16}, {@code int8}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
