package dev.squadron.contracts.run;

import static dev.squadron.contracts.run.Fault.refuse;
import static dev.squadron.contracts.run.Fault.require;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * How a run learns. Whatever is left out is the classic tutorial's: the head alone, Adam 3e-5, batch 8, 3 epochs, a shuffle
 * buffer of 1000, constant learning rate. What does not apply is null: {@link #lora} and {@link #lastBlocks} unless
 * {@link #tune} asks for them, one of {@link #epochs} and {@link #steps}, {@link #earlyStopping} and {@link #augmentation}
 * unless given.
 *
 * @param name what people call it
 * @param seed of every random choice
 * @param promote when the new head goes live
 * @param tune what learns
 * @param lora the adapters of {@code tune: lora}
 * @param lastBlocks decoder blocks that learn with {@code tune: last_n_blocks}, counted from the last; the head learns
 *     too, the final norm does not
 * @param optimizer the update rule and its numbers
 * @param schedule how the learning rate changes
 * @param epochs times that the training split is gone through
 * @param steps updates in all
 * @param batchSize examples of a mini-batch, which is an update unless several are accumulated
 * @param accumulation mini-batches for one update
 * @param shuffleBuffer examples in the shuffle buffer, as in tf.data; 0: all of them; 1 keeps the order
 * @param groupByLength whether a mini-batch takes examples of similar length
 * @param labelSmoothing share of each label's probability that is spread over the vocabulary
 * @param dropout of the backbone, where it is run while training: not over stored features
 * @param earlyStopping when to end before all epochs
 * @param keep which state becomes the checkpoint
 * @param averageLast how many heads, those of the last epochs, are averaged into the checkpoint's
 * @param augmentation examples made from those of the training split
 * @param precision of the backbone's matrix products; norms, losses, moments and what learns stay fp32
 */
public record Recipe(
        String name,
        Long seed,
        Promote promote,
        Tune tune,
        Lora lora,
        @JsonProperty("last_n_blocks") Integer lastBlocks,
        Optimizer optimizer,
        Schedule schedule,
        Integer epochs,
        Long steps,
        Integer batchSize,
        Accumulation accumulation,
        Integer shuffleBuffer,
        Boolean groupByLength,
        Double labelSmoothing,
        Double dropout,
        EarlyStopping earlyStopping,
        Keep keep,
        Integer averageLast,
        Augmentation augmentation,
        Precision precision) {

    /** What learns. */
    public enum Tune {
        /** The head, over features that are computed once. */
        HEAD,
        /** Adapters beside frozen layers. */
        LORA,
        /** The decoder's last blocks and the head. */
        LAST_N_BLOCKS,
        /** Every weight. */
        FULL;

        @JsonValue
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** When a new head goes live. */
    public enum Promote {
        ALWAYS,
        /** When its F1 on the validation split is not below that of the head it started from. */
        IF_BETTER,
        NEVER;

        @JsonValue
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Which state becomes the checkpoint. */
    public enum Keep {
        LAST,
        /** That of the epoch with the best {@link Recipe#metric}. */
        BEST;

        @JsonValue
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Form of the numbers in matrix products. */
    public enum Precision {
        FP32,
        BF16,
        /** With loss scaling. */
        FP16;

        @JsonValue
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final YAMLMapper YAML = YAMLMapper.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES, YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .build();

    public Recipe {
        name = Objects.requireNonNullElse(name, "tutorial");
        seed = Objects.requireNonNullElse(seed, 0L);
        promote = Objects.requireNonNullElse(promote, Promote.ALWAYS);
        tune = Objects.requireNonNullElse(tune, Tune.HEAD);
        optimizer = Objects.requireNonNullElseGet(
                optimizer, () -> new Optimizer(null, null, null, null, null, null, null, null));
        schedule = Objects.requireNonNullElseGet(schedule, () -> new Schedule(null, null, null));
        batchSize = Objects.requireNonNullElse(batchSize, 8);
        accumulation = Objects.requireNonNullElseGet(accumulation, () -> new Accumulation(null, null));
        shuffleBuffer = Objects.requireNonNullElse(shuffleBuffer, 1000);
        groupByLength = Objects.requireNonNullElse(groupByLength, false);
        labelSmoothing = Objects.requireNonNullElse(labelSmoothing, 0.0);
        dropout = Objects.requireNonNullElse(dropout, tune == Tune.HEAD ? 0.0 : 0.1);
        averageLast = Objects.requireNonNullElse(averageLast, 1);
        keep = Objects.requireNonNullElse(keep, earlyStopping != null && averageLast == 1 ? Keep.BEST : Keep.LAST);
        precision = Objects.requireNonNullElse(precision, Precision.FP32);
        refuse(epochs != null && steps != null, "steps", "is " + steps + " and epochs is " + epochs + "; give one.");
        if (steps == null) {
            epochs = Objects.requireNonNullElse(epochs, 3);
        }
        if (tune == Tune.LORA) {
            lora = Objects.requireNonNullElseGet(lora, () -> new Lora(null, null, null, null));
        }

        require(!name.isBlank() && name.length() <= 128, "name", name, "1 to 128 characters, not all blank");
        require(batchSize >= 1 && batchSize <= 4096, "batch_size", batchSize, "from 1 to 4096");
        require(epochs == null || (epochs >= 1 && epochs <= 1000), "epochs", epochs, "from 1 to 1000");
        require(steps == null || (steps >= 1 && steps <= 10_000_000), "steps", steps, "from 1 to 10000000");
        require(
                shuffleBuffer >= 0 && shuffleBuffer <= 10_000_000,
                "shuffle_buffer",
                shuffleBuffer,
                "from 0 (all examples) to 10000000");
        require(labelSmoothing >= 0 && labelSmoothing < 1, "label_smoothing", labelSmoothing, "at least 0, below 1");
        require(dropout >= 0 && dropout < 1, "dropout", dropout, "at least 0, below 1");
        require(averageLast >= 1 && averageLast <= 1000, "average_last", averageLast, "from 1 to 1000");
        require(
                lastBlocks == null || (lastBlocks >= 1 && lastBlocks <= 1000),
                "last_n_blocks",
                lastBlocks,
                "from 1 to 1000");

        refuse(
                lora != null && tune != Tune.LORA,
                "lora",
                "is given and tune is " + tune.label() + "; set tune: lora, or leave lora out.");
        refuse(
                lastBlocks != null && tune != Tune.LAST_N_BLOCKS,
                "last_n_blocks",
                "is given and tune is " + tune.label() + "; set tune: last_n_blocks, or leave last_n_blocks out.");
        refuse(
                lastBlocks == null && tune == Tune.LAST_N_BLOCKS,
                "tune",
                "is last_n_blocks and last_n_blocks is missing; say how many, for instance last_n_blocks: 2.");
        refuse(
                dropout > 0 && tune == Tune.HEAD,
                "dropout",
                "is " + dropout + " and tune is head, which learns over features that were stored without dropout;"
                        + " leave dropout out, or tune lora, last_n_blocks or full.");
        refuse(
                precision == Precision.FP16 && tune == Tune.HEAD,
                "precision",
                "is fp16 and tune is head, which has no backward pass to scale; use bf16 or fp32.");
        refuse(
                steps != null && schedule.warmup(steps) >= steps,
                "schedule",
                "warms up for " + (steps == null ? 0 : schedule.warmup(steps)) + " of " + steps
                        + " steps; warm up for fewer, or make more steps.");
        refuse(
                groupByLength && shuffleBuffer == 1,
                "group_by_length",
                "is true and shuffle_buffer is 1, which keeps the order; use a larger buffer or 0, or leave"
                        + " group_by_length out.");
        refuse(
                averageLast > 1 && tune != Tune.HEAD,
                "average_last",
                "is " + averageLast + " and tune is " + tune.label()
                        + "; only heads are averaged: leave it out, or tune" + " head.");
        refuse(
                averageLast > 1 && keep == Keep.BEST,
                "average_last",
                "is " + averageLast + " and keep is best; give one of them.");
        refuse(
                epochs != null && averageLast > epochs,
                "average_last",
                "is " + averageLast + " and there are " + epochs + " epochs; average fewer heads, or run longer.");
    }

    /** Returns the classic tutorial's recipe. */
    public static Recipe tutorial() {
        return new Recipe(
                null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
                null, null, null, null);
    }

    /**
     * Returns a preset.
     *
     * @param name one of {@link Presets#names()}
     */
    public static Recipe preset(String name) {
        try {
            return RecipeReader.of(TextNode.valueOf(name), Recipe.class);
        } catch (InvalidMessage e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /**
     * Reads a recipe from YAML or JSON; what it leaves out is its preset's, or else the tutorial's.
     *
     * @param utf8 at most 64 KiB
     * @param source what to call the text in errors, for instance its file
     * @throws InvalidMessage {@code not-utf8} or {@code bad-recipe}, naming line and column, the key, its value, what is
     *     allowed and the remedy
     */
    public static Recipe read(byte[] utf8, String source) throws InvalidMessage {
        return RecipeReader.read(utf8, source, Recipe.class);
    }

    /**
     * Reads a recipe that is already parsed: an object, or the name of a preset.
     *
     * @throws InvalidMessage {@code bad-recipe}, naming the key, its value, what is allowed and the remedy
     */
    public static Recipe of(JsonNode json) throws InvalidMessage {
        return RecipeReader.of(json, Recipe.class);
    }

    /**
     * Returns this recipe with other values, by the rules by which a recipe overrides its preset.
     *
     * @param values by dotted key, for instance {@code optimizer.learning_rate}
     * @throws InvalidMessage as {@link #of}
     */
    public Recipe with(Map<String, ?> values) throws InvalidMessage {
        return RecipeReader.of(Overrides.apply(this, values), Recipe.class);
    }

    /** Returns the recipe as YAML, with every default written out. */
    public String toYaml() {
        try {
            return YAML.writeValueAsString(ContractJson.mapper().valueToTree(this));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A recipe could not be written", e);
        }
    }

    /** Returns the metric that the best state is chosen by. */
    public Metric metric() {
        return earlyStopping == null ? Metric.VALIDATION_LOSS : earlyStopping.metric();
    }
}
