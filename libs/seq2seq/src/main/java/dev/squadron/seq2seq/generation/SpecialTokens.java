package dev.squadron.seq2seq.generation;

import dev.squadron.seq2seq.ModelConfig;
import java.util.List;
import java.util.Set;

/**
 * The tokens that generation itself deals with: those of the generation's configuration, or else of the model's.
 *
 * @param start begins every sequence
 * @param eos end a sequence
 * @param pad follows a sequence that has ended
 */
record SpecialTokens(int start, Set<Integer> eos, int pad) {

    static SpecialTokens of(GenerationConfig rules, ModelConfig model) {
        List<Integer> eos = rules.eosTokenIds();
        return new SpecialTokens(
                rules.decoderStartTokenId() == null ? model.decoderStartTokenId() : rules.decoderStartTokenId(),
                eos.isEmpty() ? Set.of(model.eosTokenId()) : Set.copyOf(eos),
                rules.padTokenId() == null ? model.padTokenId() : rules.padTokenId());
    }
}
