package dev.squadron.seq2seq.generation;

import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.generation.processor.LogitsProcessors;
import java.util.List;

/** A way to find output sequences. */
public interface Search {

    /**
     * Returns for each input of the decoder as many sequences as the configuration asks for, best first where they are ranked.
     *
     * @throws IllegalArgumentException where the rules leave no token to choose
     */
    List<List<Generated>> search(Decoder decoder);

    /**
     * Returns the search that {@code rules} ask for.
     *
     * @param inputIds what the decoder reads; a sample hangs on the seed and its own input, not on the rest of the batch
     * @throws IllegalArgumentException where the rules name a token outside the model's vocabulary
     */
    static Search of(GenerationConfig rules, ModelConfig model, int[][] inputIds) {
        rules.checkIds(model.vocabSize());
        SpecialTokens tokens = SpecialTokens.of(rules, model);
        if (rules.doSample()) {
            return new Sampling(rules, tokens, inputIds);
        }
        if (rules.numBeams() > 1) {
            return new BeamSearch(rules, tokens);
        }
        boolean isAlone =
                inputIds.length == 1 && LogitsProcessors.of(rules, tokens.eos()).isEmpty();
        return isAlone ? new PromptLookup(rules, tokens, inputIds[0]) : new GreedySearch(rules, tokens);
    }

    /** Returns the error that the rules leave no token to choose. */
    static IllegalArgumentException nothingLeft() {
        return new IllegalArgumentException("No token is left to choose: suppress_tokens, bad_words_ids and the like"
                + " exclude all of them; allow some.");
    }
}
