package dev.squadron.seq2seq.training.backbone;

import dev.squadron.seq2seq.lora.LoraConfig;

/** What of a model learns, where it is more than the head. */
public sealed interface Tuning {

    /** Low-rank changes beside frozen matrices. */
    record Lora(LoraConfig config) implements Tuning {}

    /**
     * The last decoder blocks and the head, which is untied where it is tied to the embedding; the decoder's final norm stays.
     *
     * @param blocks how many; 0: the head alone
     */
    record LastBlocks(int blocks) implements Tuning {
        public LastBlocks {
            if (blocks < 0) {
                throw new IllegalArgumentException(
                        "Of the decoder's blocks " + blocks + " are to learn; it must be 0 or more.");
            }
        }
    }

    /** Everything; a head that is tied to the embedding stays tied. */
    record Full() implements Tuning {}
}
