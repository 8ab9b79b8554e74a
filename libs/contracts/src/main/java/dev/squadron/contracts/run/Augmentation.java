package dev.squadron.contracts.run;

import static dev.squadron.contracts.run.Fault.refuse;
import static dev.squadron.contracts.run.Fault.require;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;

/**
 * Examples made from those of the training split, all of which keep their answer. The seed of the recipe decides what is made.
 *
 * @param mix made examples for each original one
 * @param paraphrase how the question is put in other words
 * @param dropSentences probability that a sentence of the context without the answer is left out
 * @param shuffleSentences probability that the sentences of a context are put in another order
 * @param noise probability that a word around the answer gets a typing error, and that a sentence of another passage follows a
 *     sentence
 * @param wordDropout probability that a word that is no part of the answer is left out
 */
public record Augmentation(
        Double mix,
        Paraphrase paraphrase,
        Double dropSentences,
        Double shuffleSentences,
        Double noise,
        Double wordDropout) {
    /** What the name of an augmented form takes over from its data set's. */
    private static final int MAX_STEM = 100;

    /** How a question is put in other words. */
    public enum Paraphrase {
        NONE,
        /** By rules of grammar. */
        RULES,
        /** By the seq2seq model itself, before the data set is taken in. */
        MODEL;

        @JsonValue
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Augmentation {
        mix = Objects.requireNonNullElse(mix, 0.5);
        paraphrase = Objects.requireNonNullElse(paraphrase, Paraphrase.NONE);
        dropSentences = Objects.requireNonNullElse(dropSentences, 0.0);
        shuffleSentences = Objects.requireNonNullElse(shuffleSentences, 0.0);
        noise = Objects.requireNonNullElse(noise, 0.0);
        wordDropout = Objects.requireNonNullElse(wordDropout, 0.0);
        require(mix > 0 && mix <= 10, "mix", mix, "above 0, at most 10");
        requireRate("drop_sentences", dropSentences);
        require(shuffleSentences >= 0 && shuffleSentences <= 1, "shuffle_sentences", shuffleSentences, "from 0 to 1");
        requireRate("noise", noise);
        requireRate("word_dropout", wordDropout);
        refuse(
                paraphrase == Paraphrase.NONE && dropSentences + shuffleSentences + noise + wordDropout == 0,
                "",
                "changes nothing; give at least one of paraphrase, drop_sentences, shuffle_sentences, noise and"
                        + " word_dropout, or leave augmentation out.");
    }

    /**
     * Reads an augmentation that stands outside a recipe.
     *
     * @throws InvalidMessage {@code bad-augmentation}, naming the key, its value, what is allowed and the remedy
     */
    public static Augmentation of(JsonNode json) throws InvalidMessage {
        return RecipeReader.of(json, Augmentation.class);
    }

    /**
     * Returns the name of the augmented form of a data set, a data set of its own: a function of data set, augmentation and seed, so
     * that it is made once.
     */
    public String formOf(String dataset, long seed) {
        String identity = dataset + "\n" + new String(ContractJson.write(this), UTF_8) + "\n" + seed;
        String digest = UUID.nameUUIDFromBytes(identity.getBytes(UTF_8)).toString();
        return dataset.substring(0, Math.min(dataset.length(), MAX_STEM)) + ".aug-" + digest.substring(24);
    }

    private static void requireRate(String key, double rate) {
        require(rate >= 0 && rate < 1, key, rate, "at least 0, below 1");
    }
}
