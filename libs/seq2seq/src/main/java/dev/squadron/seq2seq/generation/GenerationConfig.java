package dev.squadron.seq2seq.generation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * How sequences are generated, under the names and with the meaning of transformers' {@code GenerationConfig}; {@link Builder} tells
 * the defaults. One beam without sampling is greedy search, several beams are beam search.
 *
 * @param maxNewTokens most tokens of a sequence, {@code </s>} included
 * @param minNewTokens tokens before which {@code </s>} cannot come
 * @param doSample whether tokens are drawn
 * @param numBeams sequences that beam search follows for each input
 * @param numReturnSequences sequences returned for each input
 * @param earlyStopping when beam search is content
 * @param lengthPenalty exponent of the length by which beam search divides; larger prefers longer sequences
 * @param temperature divides the logits before sampling
 * @param topK sampling takes one of so many most likely tokens; 0: of all
 * @param topP sampling takes one of the most likely tokens that together have this probability; 1: of all
 * @param seed where sampling begins; null: anywhere
 * @param repetitionPenalty divides positive and multiplies negative logits of tokens that the sequence has already; 1: none
 * @param noRepeatNgramSize no run of so many tokens comes twice; 0: any may
 * @param badWordsIds runs of tokens that do not come
 * @param forcedBosTokenId the first token; null: free
 * @param forcedEosTokenId the token at the limit of length; null: free
 * @param suppressTokens tokens that do not come
 * @param beginSuppressTokens tokens that do not come first, a forced first token aside
 * @param promptLookupNumTokens tokens of the input that greedy search of a single input guesses ahead at a time; the result stays
 *     the same; 0: none
 * @param padTokenId follows a sequence that has ended; null: the model's
 * @param eosTokenIds end a sequence; empty: the model's
 * @param decoderStartTokenId begins every sequence; null: the model's
 */
public record GenerationConfig(
        int maxNewTokens,
        int minNewTokens,
        boolean doSample,
        int numBeams,
        int numReturnSequences,
        EarlyStopping earlyStopping,
        float lengthPenalty,
        float temperature,
        int topK,
        float topP,
        Long seed,
        float repetitionPenalty,
        int noRepeatNgramSize,
        List<List<Integer>> badWordsIds,
        Integer forcedBosTokenId,
        Integer forcedEosTokenId,
        List<Integer> suppressTokens,
        List<Integer> beginSuppressTokens,
        int promptLookupNumTokens,
        Integer padTokenId,
        List<Integer> eosTokenIds,
        Integer decoderStartTokenId) {

    /** When beam search has found enough for an input: it has as many finished sequences as beams, and … */
    public enum EarlyStopping {
        /** … that is all. */
        TRUE,
        /** … the best running sequence, were it to end now, would not be among them. */
        FALSE,
        /** … the best running sequence could not be among them at any length. */
        NEVER
    }

    public GenerationConfig {
        require(
                maxNewTokens >= 1 && minNewTokens >= 0 && minNewTokens <= maxNewTokens,
                "max_new_tokens is " + maxNewTokens + " and min_new_tokens " + minNewTokens
                        + "; they must be at least 1 and 0, the one not below the other.");
        require(
                numBeams >= 1 && numReturnSequences >= 1,
                "num_beams is " + numBeams + " and num_return_sequences " + numReturnSequences
                        + "; both must be at least 1.");
        require(
                doSample || numReturnSequences <= numBeams,
                "num_return_sequences is " + numReturnSequences + " and num_beams " + numBeams
                        + "; without do_sample there are no more sequences than beams.");
        require(
                !doSample || numBeams == 1,
                "do_sample is true and num_beams " + numBeams
                        + "; beams cannot be sampled. Set num_beams to 1, or do_sample to false.");
        require(
                !doSample || (temperature > 0 && topK >= 0 && topP >= 0 && topP <= 1),
                "temperature is " + temperature + ", top_k " + topK + " and top_p " + topP
                        + "; they must be above 0, at least 0, and 0 to 1.");
        require(
                repetitionPenalty > 0 && noRepeatNgramSize >= 0,
                "repetition_penalty is " + repetitionPenalty + " and no_repeat_ngram_size " + noRepeatNgramSize
                        + "; they must be above 0 and at least 0.");
        require(
                promptLookupNumTokens >= 0,
                "prompt_lookup_num_tokens is " + promptLookupNumTokens + "; it must be at least 0.");
        require(
                badWordsIds.stream().noneMatch(List::isEmpty),
                "bad_words_ids has an empty word; each must have a token at least.");
        badWordsIds = badWordsIds.stream().map(List::copyOf).toList();
        suppressTokens = List.copyOf(suppressTokens);
        beginSuppressTokens = List.copyOf(beginSuppressTokens);
        eosTokenIds = List.copyOf(eosTokenIds);
    }

    /** Returns plain greedy search of at most {@code maxNewTokens} tokens. */
    public static GenerationConfig greedy(int maxNewTokens) {
        return new Builder().maxNewTokens(maxNewTokens).build();
    }

    /** Returns a builder that has all of this. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** Returns the same with another limit of length. */
    public GenerationConfig withMaxNewTokens(int limit) {
        return toBuilder()
                .maxNewTokens(limit)
                .minNewTokens(Math.min(minNewTokens, limit))
                .build();
    }

    /**
     * Reads {@code generation_config.json} in a model's directory; where there is none, the keys of the same names in
     * {@code config.json}, as transformers does.
     *
     * @throws ModelException where the file is broken, or asks for what is not supported
     */
    public static GenerationConfig read(Path directory, ModelConfig model) {
        Path file = directory.resolve("generation_config.json");
        boolean own = Files.exists(file);
        Path read = own ? file : directory.resolve("config.json");
        try {
            GenerationConfig rules = of(ContractJson.readTree(Files.readAllBytes(read)));
            return own || rules.forcedEosTokenId() != null
                    ? rules
                    : rules.toBuilder()
                            .forcedEosTokenId(model.forcedEosTokenId())
                            .build();
        } catch (InvalidMessage | IOException e) {
            throw new ModelException(read + " cannot be read: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new ModelException(read + " cannot be used: " + e.getMessage(), e);
        }
    }

    /**
     * Reads the form of {@code generation_config.json}.
     *
     * @throws IllegalArgumentException naming the key, and what is wrong with it or that it is not supported
     */
    public static GenerationConfig of(JsonNode json) {
        return GenerationJson.read(json);
    }

    /**
     * Checks that a vocabulary has all tokens that are named.
     *
     * @throws IllegalArgumentException naming the first that it lacks
     */
    void checkIds(int vocabSize) {
        Stream.of(
                        Stream.of(forcedBosTokenId, forcedEosTokenId, padTokenId, decoderStartTokenId),
                        badWordsIds.stream().flatMap(List::stream),
                        suppressTokens.stream(),
                        beginSuppressTokens.stream(),
                        eosTokenIds.stream())
                .flatMap(ids -> ids)
                .filter(Objects::nonNull)
                .filter(id -> id < 0 || id >= vocabSize)
                .findFirst()
                .ifPresent(id -> {
                    throw new IllegalArgumentException("The generation's configuration names the token " + id
                            + ", which is outside the vocabulary of " + vocabSize + "; is it the model's?");
                });
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    /** Makes a {@link GenerationConfig}; what is not set has transformers' default. */
    public static final class Builder {
        private int maxNewTokens = 20;
        private int minNewTokens;
        private boolean doSample;
        private int numBeams = 1;
        private int numReturnSequences = 1;
        private EarlyStopping earlyStopping = EarlyStopping.FALSE;
        private float lengthPenalty = 1;
        private float temperature = 1;
        private int topK = 50;
        private float topP = 1;
        private Long seed;
        private float repetitionPenalty = 1;
        private int noRepeatNgramSize;
        private List<List<Integer>> badWordsIds = List.of();
        private Integer forcedBosTokenId;
        private Integer forcedEosTokenId;
        private List<Integer> suppressTokens = List.of();
        private List<Integer> beginSuppressTokens = List.of();
        private int promptLookupNumTokens;
        private Integer padTokenId;
        private List<Integer> eosTokenIds = List.of();
        private Integer decoderStartTokenId;

        /** Begins with the defaults: greedy search of 20 tokens. */
        public Builder() {}

        private Builder(GenerationConfig from) {
            maxNewTokens = from.maxNewTokens;
            minNewTokens = from.minNewTokens;
            doSample = from.doSample;
            numBeams = from.numBeams;
            numReturnSequences = from.numReturnSequences;
            earlyStopping = from.earlyStopping;
            lengthPenalty = from.lengthPenalty;
            temperature = from.temperature;
            topK = from.topK;
            topP = from.topP;
            seed = from.seed;
            repetitionPenalty = from.repetitionPenalty;
            noRepeatNgramSize = from.noRepeatNgramSize;
            badWordsIds = from.badWordsIds;
            forcedBosTokenId = from.forcedBosTokenId;
            forcedEosTokenId = from.forcedEosTokenId;
            suppressTokens = from.suppressTokens;
            beginSuppressTokens = from.beginSuppressTokens;
            promptLookupNumTokens = from.promptLookupNumTokens;
            padTokenId = from.padTokenId;
            eosTokenIds = from.eosTokenIds;
            decoderStartTokenId = from.decoderStartTokenId;
        }

        /** Sets {@link GenerationConfig#maxNewTokens}. */
        public Builder maxNewTokens(int value) {
            maxNewTokens = value;
            return this;
        }

        /** Sets {@link GenerationConfig#minNewTokens}. */
        public Builder minNewTokens(int value) {
            minNewTokens = value;
            return this;
        }

        /** Sets {@link GenerationConfig#doSample}. */
        public Builder doSample(boolean value) {
            doSample = value;
            return this;
        }

        /** Sets {@link GenerationConfig#numBeams}. */
        public Builder numBeams(int value) {
            numBeams = value;
            return this;
        }

        /** Sets {@link GenerationConfig#numReturnSequences}. */
        public Builder numReturnSequences(int value) {
            numReturnSequences = value;
            return this;
        }

        /** Sets {@link GenerationConfig#earlyStopping}. */
        public Builder earlyStopping(EarlyStopping value) {
            earlyStopping = value;
            return this;
        }

        /** Sets {@link GenerationConfig#lengthPenalty}. */
        public Builder lengthPenalty(float value) {
            lengthPenalty = value;
            return this;
        }

        /** Sets {@link GenerationConfig#temperature}. */
        public Builder temperature(float value) {
            temperature = value;
            return this;
        }

        /** Sets {@link GenerationConfig#topK}. */
        public Builder topK(int value) {
            topK = value;
            return this;
        }

        /** Sets {@link GenerationConfig#topP}. */
        public Builder topP(float value) {
            topP = value;
            return this;
        }

        /** Sets {@link GenerationConfig#seed}. */
        public Builder seed(Long value) {
            seed = value;
            return this;
        }

        /** Sets {@link GenerationConfig#repetitionPenalty}. */
        public Builder repetitionPenalty(float value) {
            repetitionPenalty = value;
            return this;
        }

        /** Sets {@link GenerationConfig#noRepeatNgramSize}. */
        public Builder noRepeatNgramSize(int value) {
            noRepeatNgramSize = value;
            return this;
        }

        /** Sets {@link GenerationConfig#badWordsIds}. */
        public Builder badWordsIds(List<List<Integer>> value) {
            badWordsIds = value;
            return this;
        }

        /** Sets {@link GenerationConfig#forcedBosTokenId}. */
        public Builder forcedBosTokenId(Integer value) {
            forcedBosTokenId = value;
            return this;
        }

        /** Sets {@link GenerationConfig#forcedEosTokenId}. */
        public Builder forcedEosTokenId(Integer value) {
            forcedEosTokenId = value;
            return this;
        }

        /** Sets {@link GenerationConfig#suppressTokens}. */
        public Builder suppressTokens(List<Integer> value) {
            suppressTokens = value;
            return this;
        }

        /** Sets {@link GenerationConfig#beginSuppressTokens}. */
        public Builder beginSuppressTokens(List<Integer> value) {
            beginSuppressTokens = value;
            return this;
        }

        /** Sets {@link GenerationConfig#promptLookupNumTokens}. */
        public Builder promptLookupNumTokens(int value) {
            promptLookupNumTokens = value;
            return this;
        }

        /** Sets {@link GenerationConfig#padTokenId}. */
        public Builder padTokenId(Integer value) {
            padTokenId = value;
            return this;
        }

        /** Sets {@link GenerationConfig#eosTokenIds}. */
        public Builder eosTokenIds(List<Integer> value) {
            eosTokenIds = value;
            return this;
        }

        /** Sets {@link GenerationConfig#decoderStartTokenId}. */
        public Builder decoderStartTokenId(Integer value) {
            decoderStartTokenId = value;
            return this;
        }

        /**
         * Returns the configuration.
         *
         * @throws IllegalArgumentException where values are out of range or do not go together
         */
        public GenerationConfig build() {
            return new GenerationConfig(
                    maxNewTokens,
                    minNewTokens,
                    doSample,
                    numBeams,
                    numReturnSequences,
                    earlyStopping,
                    lengthPenalty,
                    temperature,
                    topK,
                    topP,
                    seed,
                    repetitionPenalty,
                    noRepeatNgramSize,
                    badWordsIds,
                    forcedBosTokenId,
                    forcedEosTokenId,
                    suppressTokens,
                    beginSuppressTokens,
                    promptLookupNumTokens,
                    padTokenId,
                    eosTokenIds,
                    decoderStartTokenId);
        }
    }
}
