package dev.squadron.seq2seq;

/** In what the large matrix products are computed; everything else, and what is remembered, is fp32. */
public enum Precision {
    /** 32 bits: the reference. */
    FP32,
    /** The exponent of fp32 and 8 bits of precision. */
    BF16,
    /** 11 bits of precision and a small exponent, for GPUs; in training the loss is scaled (Micikevicius et al., 2018). */
    FP16
}
