package dev.squadron.seq2seq;

import dev.squadron.contracts.safetensors.TensorView;
import dev.squadron.seq2seq.generation.Decoder;
import dev.squadron.seq2seq.generation.Generated;
import dev.squadron.seq2seq.generation.GenerationConfig;
import dev.squadron.seq2seq.generation.Output;
import dev.squadron.seq2seq.generation.Search;
import dev.squadron.seq2seq.generation.grounded.ExactSearch;
import dev.squadron.seq2seq.generation.grounded.GroundedSearch;
import dev.squadron.seq2seq.graph.Backbone;
import dev.squadron.text.prompt.ContextTokens;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** A loaded model: a frozen backbone on each device, and the head that came with it. Threads may use it at the same time. */
public final class Seq2SeqModel implements AutoCloseable {
    private final ModelConfig config;
    private final GenerationConfig generationConfig;
    private final String sha256;
    private final Execution how;
    private final List<Backbone> backbones;
    private final AtomicInteger calls = new AtomicInteger();
    private final Head pretrainedHead;

    private Seq2SeqModel(
            ModelConfig config,
            GenerationConfig generationConfig,
            String sha256,
            Execution how,
            List<Backbone> backbones,
            Head pretrainedHead) {
        this.config = config;
        this.generationConfig = generationConfig;
        this.sha256 = sha256;
        this.how = how;
        this.backbones = backbones;
        this.pretrainedHead = pretrainedHead;
    }

    /**
     * Loads a model.
     *
     * @param directory in Hugging Face's form: config.json, safetensors, optionally generation_config.json
     * @param how in which numbers and where it is computed
     * @throws ModelException naming the file, what is wrong with it and the remedy; or what the precision or device lacks
     */
    public static Seq2SeqModel load(Path directory, Execution how) {
        ModelConfig config = ModelConfig.read(directory);
        GenerationConfig generationConfig = GenerationConfig.read(directory, config);
        return open(config, generationConfig, WeightFiles.open(directory), how);
    }

    /** Loads a model in fp32 on the CPU, the reference. */
    public static Seq2SeqModel load(Path directory, Threads threads) {
        return load(directory, Execution.reference(threads));
    }

    /**
     * Makes a model of weights, be they those of files or with changes on top.
     *
     * @throws ModelException where weights are missing or have another shape
     */
    public static Seq2SeqModel open(
            ModelConfig config, GenerationConfig generationConfig, Weights weights, Execution how) {
        List<Backbone> backbones = new ArrayList<>();
        try {
            for (int device = 0; device < how.devices().indices().size(); device++) {
                backbones.add(Backbone.open(config, weights, how.on(device)));
            }
            Head head = config.pretrainedHead(weights);
            return new Seq2SeqModel(config, generationConfig, weights.sha256(), how, backbones, head);
        } catch (RuntimeException e) {
            backbones.forEach(Backbone::close);
            throw e;
        }
    }

    /** Returns what config.json says. */
    public ModelConfig config() {
        return config;
    }

    /** Returns in which numbers and where the model is computed. */
    public Execution execution() {
        return how;
    }

    /** Returns what generation_config.json says. */
    public GenerationConfig generationConfig() {
        return generationConfig;
    }

    /** Returns the SHA-256 of the weights, as {@link Weights#sha256()} defines it. */
    public String sha256() {
        return sha256;
    }

    /** Returns the head that came with the model; it lives as long as the model does. */
    public Head pretrainedHead() {
        return pretrainedHead;
    }

    /**
     * Returns the encoder's final states.
     *
     * @param inputIds ragged, one row an example, at least one id each
     * @return [batch, longest row, d_model] row by row; rows of padding hold nothing of use
     */
    public float[] encoderStates(int[][] inputIds) {
        check(inputIds);
        return next().encoderStates(inputIds);
    }

    /**
     * Returns the final decoder state of each label position, teacher-forced. What comes out for an example is the same to
     * the last bit, whatever else is in the batch.
     *
     * @param inputIds ragged, one row an example, at least one id each
     * @param labelIds ragged, one row an example, at least one id each
     */
    public DecoderStates decoderStates(int[][] inputIds, int[][] labelIds) {
        check(inputIds);
        check(labelIds);
        if (inputIds.length != labelIds.length) {
            throw new IllegalArgumentException(inputIds.length + " inputs and " + labelIds.length + " labels");
        }
        return next().decoderStates(inputIds, labelIds);
    }

    /**
     * Returns the names of what {@link #tap} can look at, in the order in which it is computed: {@code encoder.block.0.self_attention},
     * {@code encoder.block.0.hidden}, …, {@code decoder.block.0.cross_attention}, …, {@code decoder.last_hidden_state}.
     */
    public List<String> taps() {
        return next().taps();
    }

    /**
     * Looks into the model while one example goes through it, teacher-forced.
     *
     * @param name one of {@link #taps}
     * @param inputIds the input, at least one id
     * @param labelIds what the decoder is to say, at least one id; taps of the encoder don't depend on it
     * @return hidden states, [length, d_model], those of block n being what it gives; or attention after the softmax, [heads, queries,
     *     keys]
     * @throws IllegalArgumentException where there is no such tap
     */
    public TensorView tap(String name, int[] inputIds, int[] labelIds) {
        check(new int[][] {inputIds});
        check(new int[][] {labelIds});
        return next().tap(name, inputIds, labelIds);
    }

    /** Makes a head ready to be multiplied with, which would delay the first output else. */
    public void prepare(Head head) {
        check(head);
        backbones.forEach(backbone -> backbone.prepare(head));
    }

    /**
     * Generates the best output for each input.
     *
     * @param inputIds ragged, one row an example, at least one id each
     * @param head the last layer; it must stay open until this returns
     * @param rules how outputs are generated; {@code num_return_sequences} is taken for 1
     */
    public List<Generated> generate(int[][] inputIds, Head head, GenerationConfig rules) {
        GenerationConfig one = rules.toBuilder().numReturnSequences(1).build();
        return generateSeveral(inputIds, head, one).stream()
                .map(sequences -> sequences.get(0))
                .toList();
    }

    /**
     * Generates {@code num_return_sequences} outputs for each input; those of beam search are sorted, best first.
     *
     * @param inputIds ragged, one row an example, at least one id each
     * @param head the last layer; it must stay open until this returns
     * @param rules how outputs are generated
     */
    public List<List<Generated>> generateSeveral(int[][] inputIds, Head head, GenerationConfig rules) {
        check(inputIds);
        check(head);
        if (rules.maxNewTokens() > config.maxPositions()) {
            throw new IllegalArgumentException("max_new_tokens is " + rules.maxNewTokens() + " and the model has "
                    + config.maxPositions() + " positions; ask for no more.");
        }
        Search search = Search.of(rules, config, inputIds);
        try (Decoder decoder = next().decoder(inputIds, head)) {
            return search.search(decoder);
        }
    }

    /**
     * Answers each input with {@code num_return_sequences} spans of its context, best first, by greedy search, or beam search where
     * {@code num_beams} is above 1; with fewer where it does not find so many. Probabilities are those among the tokens of the context.
     *
     * @param inputIds ragged, one row an example, at least one id each
     * @param contexts that of each input
     * @param head the last layer; it must stay open until this returns
     * @param rules these, {@code max_new_tokens}, {@code length_penalty} and the special tokens count
     */
    public List<List<Output>> quote(int[][] inputIds, List<ContextTokens> contexts, Head head, GenerationConfig rules) {
        check(inputIds, contexts);
        check(head);
        GroundedSearch search = GroundedSearch.of(rules, config, contexts);
        try (Head possible = head.rows(search.possibleTokens());
                Decoder decoder = next().decoder(inputIds, possible)) {
            return search.search(decoder);
        }
    }

    /**
     * Answers each input with the {@code num_return_sequences} spans of its context that have the highest scores of all, best first:
     * the sum of log-probabilities, those of {@code </s>} included, / length ^ length penalty.
     *
     * @param inputIds ragged, one row an example, at least one id each
     * @param contexts that of each input
     * @param head the last layer; it must stay open until this returns
     * @param rules this, {@code max_new_tokens}, {@code length_penalty} and the special tokens count
     */
    public List<List<Output>> quoteBest(
            int[][] inputIds, List<ContextTokens> contexts, Head head, GenerationConfig rules) {
        check(inputIds, contexts);
        check(head);
        ExactSearch search = ExactSearch.of(rules, config, contexts);
        try (Decoder decoder = next().decoder(inputIds, head)) {
            return search.search(decoder);
        }
    }

    /**
     * Answers each input as asked, with {@code num_return_sequences} outputs, best first where they are ranked.
     *
     * @param inputIds ragged, one row an example, at least one id each
     * @param contexts that of each input
     * @param head the last layer; it must stay open until this returns
     */
    public List<List<Output>> answer(int[][] inputIds, List<ContextTokens> contexts, Head head, Decoding how) {
        return switch (how.mode()) {
            case FREE -> {
                check(inputIds, contexts);
                List<List<Generated>> generated = generateSeveral(inputIds, head, how.rules());
                yield IntStream.range(0, inputIds.length)
                        .mapToObj(input -> generated.get(input).stream()
                                .map(each ->
                                        new Output(each, contexts.get(input).find(each.text())))
                                .toList())
                        .toList();
            }
            case GROUNDED -> quote(inputIds, contexts, head, how.rules());
            case BEST -> quoteBest(inputIds, contexts, head, how.rules());
        };
    }

    @Override
    public void close() {
        backbones.forEach(Backbone::close);
        pretrainedHead.close();
    }

    /** Devices take turns. */
    private Backbone next() {
        return backbones.get(Math.floorMod(calls.getAndIncrement(), backbones.size()));
    }

    private void check(Head head) {
        if (head.vocabSize() != config.vocabSize() || head.dModel() != config.dModel()) {
            throw new ModelException("The head is " + head.vocabSize() + " × " + head.dModel() + " and the model's "
                    + config.vocabSize() + " × " + config.dModel() + "; it belongs to another model.");
        }
        if (head.bias().isPresent() != config.hasHeadBias()) {
            throw new ModelException("The head has " + (head.bias().isPresent() ? "a" : "no")
                    + " final_logits_bias and the model's has " + (config.hasHeadBias() ? "one" : "none")
                    + "; it belongs to another model.");
        }
    }

    private void check(int[][] inputIds, List<ContextTokens> contexts) {
        check(inputIds);
        if (inputIds.length != contexts.size()) {
            throw new IllegalArgumentException(inputIds.length + " inputs and " + contexts.size() + " contexts");
        }
    }

    private void check(int[][] ids) {
        config.check(ids);
    }
}
