package dev.squadron.seq2seq;

import java.util.Locale;

/** In what the large matrix products are computed; everything else, and what is remembered, is fp32. */
public enum Precision {
    /** 32 bits: the reference. */
    FP32,
    /** The exponent of fp32 and 8 bits of precision. A frozen model also keeps its weights and what goes from block to block so. */
    BF16,
    /** 11 bits of precision and a small exponent, for GPUs; in training the loss is scaled (Micikevicius et al., 2018). */
    FP16;

    private static final System.Logger LOG = System.getLogger(Precision.class.getName());

    /** Returns this precision, or fp32 where it is bf16 and the processor computes and has none; the log then says so in one line. */
    public Precision orFp32(Devices devices) {
        if (this != BF16 || devices.kind() != Devices.Kind.CPU || Processor.hasBf16()) {
            return this;
        }
        LOG.log(
                System.Logger.Level.WARNING,
                "This processor has no instructions for bf16 (avx512_bf16), so what is to be computed in bf16 is computed in"
                        + " fp32, which is faster here.");
        return FP32;
    }

    /** Returns the name in configuration: {@code fp32}, {@code bf16}, {@code fp16}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
