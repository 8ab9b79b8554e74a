package dev.squadron.seq2seq;

import dev.squadron.seq2seq.bart.BartConfig;
import dev.squadron.seq2seq.graph.EncoderDecoderGraph;
import dev.squadron.seq2seq.graph.Layers;
import dev.squadron.seq2seq.t5.T5Config;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * What {@code config.json} says of a model: what all families of encoder-decoders have, and the way to what each has for itself.
 * A family is a record of its own.
 */
public interface ModelConfig {

    /** Returns {@code model_type}, which tells the family. */
    String modelType();

    /** Returns the width of the hidden states. */
    int dModel();

    /** Returns the rows of the embedding and of the head. */
    int vocabSize();

    /** Returns whether the head is the embedding. */
    boolean tieWordEmbeddings();

    /** Returns the token that fills short rows. */
    int padTokenId();

    /** Returns the token that ends a sequence. */
    int eosTokenId();

    /** Returns the token that every generated sequence begins with. */
    int decoderStartTokenId();

    /** Returns the token at the limit of length where no {@code generation_config.json} is there to say it; null: any. */
    default Integer forcedEosTokenId() {
        return null;
    }

    /** Returns how many tokens an input, or an output with its start token, can have. */
    default int maxPositions() {
        return Integer.MAX_VALUE;
    }

    /** Returns whether the logits have a bias, which heads of this model carry. */
    default boolean hasHeadBias() {
        return false;
    }

    /** Returns the factor between the decoder's final state and the head. */
    float headScale();

    /** Returns the name of the embedding among {@link #weights()}; where the head is tied to it, it is the head too. */
    String embedding();

    /** Returns the names under which files repeat the embedding where the head is not tied to it. */
    default List<String> embeddingCopies() {
        return List.of();
    }

    /** Returns how many blocks the decoder has. */
    int decoderBlocks();

    /** Returns what the names of a decoder block's weights begin with; blocks count from 0, the last is next to the head. */
    String decoderBlock(int block);

    /** Returns the shape of every weight of the backbone, by name; the head is not among them. */
    Map<String, long[]> weights();

    /** Returns the name that a weight of {@link #weights()} has in {@code files}. */
    default String nameIn(Weights files, String weight) {
        return weight;
    }

    /** Reads the head that comes with the weights: the model's own, or a copy of the embedding where they are tied. */
    Head pretrainedHead(Weights files);

    /** Makes the graph of the backbone out of {@code layers}. */
    EncoderDecoderGraph graph(Layers layers);

    /**
     * Checks a batch of ids, ragged, one row an example.
     *
     * @throws IllegalArgumentException where there is none, a row is empty or too long, or an id is none of the vocabulary's
     */
    default void check(int[][] ids) {
        if (ids.length == 0) {
            throw new IllegalArgumentException("The batch is empty");
        }
        for (int[] row : ids) {
            if (row.length == 0) {
                throw new IllegalArgumentException("A row of the batch is empty");
            }
            if (row.length > maxPositions()) {
                throw new IllegalArgumentException("A row of the batch has " + row.length + " ids and the model "
                        + maxPositions() + " positions; truncate it.");
            }
            OptionalInt unknown =
                    Arrays.stream(row).filter(id -> id < 0 || id >= vocabSize()).findFirst();
            if (unknown.isPresent()) {
                throw new IllegalArgumentException("The id " + unknown.getAsInt() + " is outside the vocabulary of "
                        + vocabSize() + "; is the tokenizer the model's?");
            }
        }
    }

    /** Returns the architectures that can be loaded, by {@code model_type}. */
    static SortedSet<String> knownTypes() {
        return new TreeSet<>(families().keySet());
    }

    /**
     * Reads {@code config.json} in a model's directory.
     *
     * @throws ModelException naming the file, the key and the rule
     */
    static ModelConfig read(Path directory) {
        ConfigFile file = ConfigFile.read(directory.resolve("config.json"));
        String type = file.text("model_type", "");
        Function<ConfigFile, ModelConfig> family = families().get(type);
        if (family == null) {
            throw file.broken("model_type", "is “" + type + "”; known are " + knownTypes());
        }
        return family.apply(file);
    }

    private static Map<String, Function<ConfigFile, ModelConfig>> families() {
        Map<String, Function<ConfigFile, ModelConfig>> families = new TreeMap<>();
        families.put("t5", T5Config::of);
        families.put("mt5", T5Config::of);
        families.put("bart", BartConfig::of);
        return families;
    }
}
