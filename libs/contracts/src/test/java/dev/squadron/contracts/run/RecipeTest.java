package dev.squadron.contracts.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.JsonSchema;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.Schemas;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RecipeTest {
    private static final JsonSchema SCHEMA = Schemas.named("recipe");

    @Test
    void leavesOutMeansTheTutorial() throws InvalidMessage {
        Recipe recipe = read("{}");

        assertThat(recipe).isEqualTo(Recipe.tutorial());
        assertThat(recipe.tune()).isEqualTo(Recipe.Tune.HEAD);
        assertThat(recipe.optimizer().type()).isEqualTo(Optimizer.Type.ADAM);
        assertThat(recipe.optimizer().learningRate()).isEqualTo(3e-5);
        assertThat(recipe.optimizer().epsilon()).isEqualTo(1e-7);
        assertThat(recipe.batchSize()).isEqualTo(8);
        assertThat(recipe.epochs()).isEqualTo(3);
        assertThat(recipe.shuffleBuffer()).isEqualTo(1000);
    }

    static Stream<String> presets() {
        return Presets.names().stream();
    }

    @ParameterizedTest
    @MethodSource("presets")
    void presetsKeepTheirNameAndTheSchema(String name) throws InvalidMessage {
        JsonNode preset = Presets.tree(name);
        Recipe recipe = Recipe.of(new TextNode(name));

        assertThat(recipe.name()).isEqualTo(name);
        assertThat(recipe).isEqualTo(read("preset: " + name));
        assertThat(SCHEMA.validate(preset)).isEmpty();
        assertThat(SCHEMA.validate(ContractJson.mapper().valueToTree(recipe))).isEmpty();
    }

    @Test
    void thePresetTutorialIsTheDefault() throws InvalidMessage {
        assertThat(Recipe.of(new TextNode("tutorial"))).isEqualTo(Recipe.tutorial());
    }

    @ParameterizedTest
    @MethodSource("presets")
    void isTheSameAfterItWasWritten(String name) throws InvalidMessage {
        Recipe recipe = Recipe.of(new TextNode(name));

        assertThat(Recipe.read(ContractJson.write(recipe), "json")).isEqualTo(recipe);
        assertThat(read(recipe.toYaml())).isEqualTo(recipe);
    }

    @Test
    void readsJsonAndYamlAlike() throws InvalidMessage {
        Recipe json = read(
                "{\n\t\"name\": \"ü \\ud83d\\ude80 \\/\",\n\t\"optimizer\": {\"learning_rate\": 2e-4}, \"seed\": -3}");
        Recipe yaml =
                read("# a note\nname: ü 🚀 /\noptimizer:\n  learning_rate: 2e-4 # higher\nseed: -3\nearly_stopping:\n");

        assertThat(yaml).isEqualTo(json);
        assertThat(json.optimizer().learningRate()).isEqualTo(2e-4);
    }

    @Test
    void passesOverAByteOrderMark() throws InvalidMessage {
        assertThat(read("\uFEFF{\"seed\": 3}").seed()).isEqualTo(3);
        assertThat(read("\uFEFFseed: 3").seed()).isEqualTo(3);
    }

    @Test
    void overridesItsPreset() throws InvalidMessage {
        Recipe recipe = read(
                """
                preset: fast
                name: mine
                steps: 500
                optimizer: {type: sgd}
                schedule: {warmup_steps: 10}
                early_stopping: null
                """);

        Recipe fast = Recipe.of(new TextNode("fast"));
        assertThat(recipe.name()).isEqualTo("mine");
        assertThat(recipe.epochs()).isNull();
        assertThat(recipe.steps()).isEqualTo(500);
        assertThat(recipe.batchSize()).isEqualTo(fast.batchSize());
        assertThat(recipe.optimizer())
                .isEqualTo(new Optimizer(
                        Optimizer.Type.SGD,
                        fast.optimizer().learningRate(),
                        null,
                        null,
                        null,
                        null,
                        null,
                        fast.optimizer().clipNorm()));
        assertThat(recipe.schedule()).isEqualTo(new Schedule(Schedule.Type.LINEAR, 10, null));
        assertThat(recipe.earlyStopping()).isNull();
    }

    @Test
    void anotherTuneDropsWhatBelongsToTheOne() throws InvalidMessage {
        Recipe recipe = read("{preset: lora, tune: head}");

        assertThat(recipe.lora()).isNull();
        assertThat(recipe.dropout()).isZero();
    }

    @Test
    void takesOtherValuesByDottedKey() throws InvalidMessage {
        Recipe recipe = Recipe.tutorial()
                .with(Map.of("tune", "lora", "lora.rank", 4, "optimizer.learning_rate", 1e-3, "steps", 7));

        assertThat(recipe.lora()).isEqualTo(new Lora(4, null, null, null));
        assertThat(recipe.dropout()).isEqualTo(0.1);
        assertThat(recipe.optimizer().learningRate()).isEqualTo(1e-3);
        assertThat(recipe.epochs()).isNull();
        assertThatThrownBy(() -> Recipe.tutorial().with(Map.of("optimiser.learning_rate", 1)))
                .hasMessage("The recipe cannot be used: optimiser is unknown; did you mean optimizer?");
    }

    @Test
    void earlyStoppingKeepsTheBest() throws InvalidMessage {
        assertThat(read("early_stopping: {metric: f1}").keep()).isEqualTo(Recipe.Keep.BEST);
        assertThat(read("early_stopping: {metric: f1}").metric()).isEqualTo(Metric.F1);
        assertThat(read("{}").keep()).isEqualTo(Recipe.Keep.LAST);
        assertThat(read("{}").metric()).isEqualTo(Metric.VALIDATION_LOSS);
    }

    /** What both the code and the schema refuse. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            epoch: 3                                               | epoch is unknown; did you mean epochs?
            learning_rate: 1e-3                                    | learning_rate is unknown here; it belongs under optimizer.
            rank: 3                                                | rank is unknown here; it belongs under lora.
            optimizer: {lr: 3}                                     | optimizer.lr is unknown; known here: beta1, beta2, clip_norm
            optimizer: {learning_rat: 3}                           | optimizer.learning_rat is unknown; did you mean learning_rate?
            preset: fsat                                           | preset is “fsat”; it must be one of tutorial, fast, lora, continuous; did you mean fast?
            preset: 3                                              | preset is 3; it must be a name.
            name: ''                                               | name is ; it must be 1 to 128 characters
            name: [a]                                              | name is ["a"]; it must be a text.
            seed: 1.5                                              | seed is 1.5; it must be a whole number.
            promote: sometimes                                     | promote is “sometimes”; it must be one of always, if_better, never.
            promote: no                                            | promote is false; it must be one of always, if_better, never.
            tune: heda                                             | tune is “heda”; it must be one of head, lora, last_n_blocks, full; did you mean head?
            tune: 0                                                | tune is 0; it must be one of head, lora
            batch_size: 0                                          | batch_size is 0; it must be from 1 to 4096.
            batch_size: '8'                                        | batch_size is “8”; it must be a whole number.
            batch_size: 99999999999                                | batch_size is 99999999999; it must be a whole number
            batch_size: [8]                                        | batch_size is [8]; it must be a whole number.
            optimizer: adam                                        | optimizer is “adam”; it must be an object.
            optimizer: {learning_rate: -1}                         | optimizer.learning_rate is -1.0; it must be above 0, at most 10.
            optimizer: {learning_rate: low}                        | optimizer.learning_rate is “low”; it must be a number.
            optimizer: {type: lion}                                | optimizer.type is “lion”; it must be one of sgd, adam, adamw, lamb, adafactor.
            optimizer: {type: adam, momentum: 0.9}                 | optimizer.momentum is 0.9; adam has none: leave it out, or choose type sgd.
            optimizer: {momentum: 0.9}                             | optimizer.momentum is 0.9; adam has none
            optimizer: {type: sgd, momentum: 1}                    | optimizer.momentum is 1.0; it must be at least 0, below 1.
            optimizer: {type: sgd, beta1: 0.9}                     | choose type adam or adamw or lamb.
            optimizer: {type: adafactor, beta2: 0.9}               | optimizer.beta2 is 0.9; adafactor has none
            optimizer: {type: sgd, epsilon: 1e-8}                  | optimizer.epsilon is 1.0E-8; sgd has none
            optimizer: {epsilon: 0}                                | optimizer.epsilon is 0.0; it must be above 0
            optimizer: {beta2: 1}                                  | optimizer.beta2 is 1.0; it must be at least 0, below 1.
            optimizer: {type: adam, weight_decay: 0.1}             | optimizer.weight_decay is 0.1; it must be 0 for adam: use adamw or lamb
            optimizer: {type: sgd, weight_decay: 0.1}              | it must be 0 for sgd
            optimizer: {type: adafactor, weight_decay: 0.1}        | it must be 0 for adafactor
            optimizer: {type: adamw, weight_decay: 2}              | optimizer.weight_decay is 2.0; it must be from 0 to 1.
            optimizer: {clip_norm: 0}                              | optimizer.clip_norm is 0.0; it must be above 0
            schedule: {type: step}                                 | schedule.type is “step”; it must be one of constant, linear, cosine.
            schedule: {warmup_steps: -1}                           | schedule.warmup_steps is -1; it must be from 0
            schedule: {warmup_ratio: 1}                            | schedule.warmup_ratio is 1.0; it must be at least 0, below 1.
            schedule: {warmup_steps: 9, warmup_ratio: 0.1}         | schedule.warmup_steps is 9 and warmup_ratio is 0.1; give one of them.
            {epochs: 3, steps: 100}                                | steps is 100 and epochs is 3; give one.
            epochs: 0                                              | epochs is 0; it must be from 1 to 1000.
            steps: 0                                               | steps is 0; it must be from 1
            shuffle_buffer: -1                                     | shuffle_buffer is -1; it must be from 0 (all examples)
            {group_by_length: true, shuffle_buffer: 1}             | group_by_length is true and shuffle_buffer is 1
            group_by_length: 1                                     | group_by_length is 1; it must be true or false.
            label_smoothing: 1                                     | label_smoothing is 1.0; it must be at least 0, below 1.
            lora: {rank: 4}                                        | lora is given and tune is head; set tune: lora, or leave lora out.
            {tune: full, lora: {rank: 4}}                          | lora is given and tune is full
            {tune: lora, lora: {rank: 0}}                          | lora.rank is 0; it must be from 1 to 1024.
            {tune: lora, lora: {alpha: 0}}                         | lora.alpha is 0; it must be from 1
            {tune: lora, lora: {dropout: 1}}                       | lora.dropout is 1.0; it must be at least 0, below 1.
            {tune: lora, lora: {target_modules: []}}               | lora.target_modules is []; it must be one or more of q, k, v, o
            {tune: lora, lora: {target_modules: [q, q]}}           | lora.target_modules is [q, q]; it must be
            {tune: lora, lora: {target_modules: [query]}}          | lora.target_modules is [query]; it must be
            {tune: lora, lora: {target_modules: q}}                | lora.target_modules is “q”; it must be a list.
            tune: last_n_blocks                                    | tune is last_n_blocks and last_n_blocks is missing; say how many
            last_n_blocks: 2                                       | last_n_blocks is given and tune is head; set tune: last_n_blocks
            {tune: last_n_blocks, last_n_blocks: 0}                | last_n_blocks is 0; it must be from 1
            dropout: 0.1                                           | dropout is 0.1 and tune is head, which learns over features that were stored without dropout
            {tune: full, dropout: 1}                               | dropout is 1.0; it must be at least 0, below 1.
            precision: fp16                                        | precision is fp16 and tune is head
            precision: int8                                        | precision is “int8”; it must be one of fp32, bf16, fp16.
            accumulation: {steps: 0}                               | accumulation.steps is 0; it must be from 1 to 1024.
            accumulation: {weighting: sums}                        | accumulation.weighting is “sums”; it must be one of tokens, means.
            early_stopping: {metric: loss}                         | early_stopping.metric is “loss”; it must be one of validation_loss, exact, f1.
            early_stopping: {patience: 0}                          | early_stopping.patience is 0; it must be from 1
            early_stopping: {min_delta: -1}                        | early_stopping.min_delta is -1.0; it must be from 0
            keep: first                                            | keep is “first”; it must be one of last, best.
            average_last: 0                                        | average_last is 0; it must be from 1
            {average_last: 2, keep: best}                          | average_last is 2 and keep is best; give one of them.
            {average_last: 2, tune: full}                          | average_last is 2 and tune is full; only heads are averaged
            augmentation: {mix: 0.5}                               | augmentation changes nothing; give at least one of paraphrase, drop_sentences
            augmentation: {mix: 0, paraphrase: rules}              | augmentation.mix is 0.0; it must be above 0
            augmentation: {paraphrase: freely}                     | augmentation.paraphrase is “freely”; it must be one of none, rules, model.
            augmentation: {drop_sentences: 1}                      | augmentation.drop_sentences is 1.0; it must be at least 0, below 1.
            augmentation: {shuffle_sentences: 2}                   | augmentation.shuffle_sentences is 2.0; it must be from 0 to 1.
            augmentation: {noise: -0.1}                            | augmentation.noise is -0.1; it must be at least 0
            augmentation: {word_dropout: 1}                        | augmentation.word_dropout is 1.0; it must be at least 0
            [tutorial]                                             | the recipe is ["tutorial"]; it must be an object, or the name of a preset.
            """)
    void refusesAsTheSchemaDoes(String yaml, String text) throws Exception {
        assertThatThrownBy(() -> read(yaml))
                .isInstanceOf(InvalidMessage.class)
                .hasMessageStartingWith("test.yaml")
                .hasMessageContaining(text);
        assertThat(SCHEMA.validate(new YAMLMapper().readTree(yaml))).isNotEmpty();
    }

    /** What a schema cannot say. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            {epochs: 2, average_last: 3}                  | average_last is 3 and there are 2 epochs; average fewer heads, or run longer.
            {steps: 10, schedule: {warmup_steps: 10}}     | schedule warms up for 10 of 10 steps; warm up for fewer, or make more steps.
            {preset: lora, precision: fp16, tune: head}   | precision is fp16 and tune is head
            {preset: fast, optimizer: {momentum: 0.5}}    | optimizer.momentum is 0.5; adamw has none
            """)
    void refusesWhatContradictsItself(String yaml, String text) {
        assertThatThrownBy(() -> read(yaml)).isInstanceOf(InvalidMessage.class).hasMessageContaining(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
            tune: head\\noptimizer:\\n  lr: 3               | line 3, column 3: optimizer.lr is unknown
            # note\\n\\nbatch_size: 0                        | line 3, column 1: batch_size is 0
            {"seed": 1,\\n "lora": {"rank": 2}}             | line 2, column 2: lora is given
            seed: 1\\npreset: lora\\nprecision: fp16\\ntune: head\\n  | line 3, column 1: precision is fp16
            preset: lora\\nbatch_size: 8\\nlora: {rank: 0}   | line 3, column 8: lora.rank is 0
            seed: 1\\nseed: 2                               | line 2, column 1: seed stands here for the second time; keep one.
            seed: 1\\n---\\nseed: 2                         | a second document begins; write one.
            seed: [1                                        | line 1, column 9: this is neither YAML nor JSON: expected ',' or ']', but got <stream end>.
            seed: &a 1\\nbatch_size: *a                     | line 2, column 13: anchors (&), aliases (*) and tags (!) are not read
            seed: !!int '3'                                 | line 1, column 7: anchors
            seed: 010                                       | line 1, column 7: the number 010 has not the same meaning everywhere
            optimizer: {epsilon: .nan}                      | line 1, column 22: the number .nan
            # nothing                                       | test.yaml is empty; write {} for nothing but defaults.
            {tune: last_n_blocks,\\n last_n_block: 2}        | line 2, column 2: last_n_block is unknown; did you mean last_n_blocks?
            {"seed": 1,\\n "seed": 2}                       | line 2, column 2: seed stands here for the second time; keep one.
            {"seed": 1 "name": "x"}                         | line 1, column 18: this is neither YAML nor JSON: expected ',' or '}', but got :.
            {"seed": 1} {}                                  | line 1, column 13: a second document begins; write one.
            {"name": "🚀🚀",\\n "keep": ""}                 | line 2, column 2: keep is “”; it must be one of last, best.
            name: 🚀🚀\\nkeep: ''                             | line 2, column 1: keep is “”; it must be one of last, best.
            a: [[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]          | this is nested more than 16 deep
            """)
    void namesThePlace(String text, String message) {
        assertThatThrownBy(() -> read(text.translateEscapes()))
                .isInstanceOf(InvalidMessage.class)
                .hasMessageStartingWith("test.yaml")
                .hasMessageContaining(message);
    }

    @Test
    void readsNoMoreThanARecipe() {
        assertThatThrownBy(() -> read("#" + "x".repeat(70_000)))
                .hasMessage("test.yaml has 70001 bytes and may have 65536; shorten it.");
        assertThatThrownBy(() -> Recipe.read(new byte[] {(byte) 0xff}, "test.yaml"))
                .hasMessageContaining("not valid UTF-8");
    }

    /** The schema describes every key, its range and its default as the code has them. */
    @Test
    void schemaKnowsTheKeysOfTheCode() throws InvalidMessage {
        JsonNode written = ContractJson.mapper()
                .valueToTree(Recipe.tutorial()
                        .with(Map.of("tune", "lora", "early_stopping", Map.of(), "augmentation.paraphrase", "rules")));

        described(SCHEMA.getSchemaNode());
        defaults(SCHEMA.getSchemaNode(), written, List.of("tune", "early_stopping", "keep", "paraphrase"));
    }

    private static void described(JsonNode schema) {
        schema.get("properties").properties().forEach(property -> {
            assertThat(property.getValue().path("description").asText())
                    .as(property.getKey())
                    .isNotBlank();
            if (property.getValue().has("properties")) {
                described(property.getValue());
            }
        });
    }

    private static void defaults(JsonNode schema, JsonNode written, List<String> set) {
        written.properties().forEach(value -> {
            JsonNode property = schema.get("properties").path(value.getKey());
            assertThat(property.isMissingNode()).as(value.getKey()).isFalse();
            if (value.getValue().isObject()) {
                defaults(property, value.getValue(), set);
            } else if (property.has("default") && !set.contains(value.getKey())) {
                assertThat(plain(property.get("default"))).as(value.getKey()).isEqualTo(plain(value.getValue()));
            }
        });
    }

    private static Object plain(JsonNode value) {
        return value.isNumber() ? (Object) value.doubleValue() : value.toString();
    }

    private static Recipe read(String text) throws InvalidMessage {
        return Recipe.read(text.getBytes(UTF_8), "test.yaml");
    }
}
