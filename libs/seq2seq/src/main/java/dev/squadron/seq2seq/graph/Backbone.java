package dev.squadron.seq2seq.graph;

import dev.squadron.contracts.safetensors.TensorView;
import dev.squadron.seq2seq.DecoderStates;
import dev.squadron.seq2seq.Devices;
import dev.squadron.seq2seq.Execution;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.ModelException;
import dev.squadron.seq2seq.Precision;
import dev.squadron.seq2seq.Processor;
import dev.squadron.seq2seq.Weights;
import dev.squadron.seq2seq.generation.Decoder;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TType;

/** A family's graph in a TensorFlow session, its weights loaded. Threads may call it at the same time. */
public final class Backbone implements AutoCloseable {
    /** The most bytes that weights have in fp32 in a model that keeps copies of them: packed in fp32, and columns for parts. */
    private static final long LARGEST_PACKED = 1L << 30;

    /** In so many parts the answer to a question is computed; more were not measured. */
    private static final int PARTS = 2;

    private final ModelConfig config;
    private final Graph graph;
    /** Have the memory of the weights that are mapped. */
    private final Collection<TensorView> sources;

    private final TeacherForcing teacherForcing;
    private final Taps taps;
    /** Take the inputs. */
    private final List<EncoderDecoderGraph> inputGraphs;

    private final Operand<TFloat32> encoderStates;
    private final DecoderStep step;
    private final DecoderStep stepOfFewRows;
    private final int fewRows;
    private final Execution how;
    private final Session session;

    private Backbone(
            ModelConfig config,
            Execution how,
            BiFunction<Ops, FrozenWeights, Layers> layers,
            Map<String, TensorView> sources,
            Map<String, Tensor> values) {
        this.config = config;
        this.how = how;
        this.sources = sources.values();
        this.graph = new Graph();
        Ops tf = Ops.create(graph).withDevice(how.devices().specs().get(0));
        FrozenWeights weights =
                new FrozenWeights(tf, config.weights(), how.precision().besidesWeights());
        Layers whole = layers.apply(tf, weights);
        EncoderDecoderGraph inOne = config.graph(whole);
        Operand<TFloat32> encodedInOne = inOne.encoder();
        teacherForcing = new TeacherForcing(config, inOne, encodedInOne);
        taps = inOne.taps.copy();
        boolean hasCores =
                how.devices().kind() == Devices.Kind.CPU && how.threads().interOp() > 1;
        Layers split = hasCores ? whole.inParts(PARTS) : whole;
        EncoderDecoderGraph inParts = split == whole ? inOne : config.graph(split);
        inputGraphs = split == whole ? List.of(inOne) : List.of(inOne, inParts);
        encoderStates = split == whole ? encodedInOne : inParts.encoder();
        List<Operand<TFloat32>> keysValues = inOne.crossKeysValues(encoderStates);
        step = new DecoderStep(tf, config, config.graph(whole.ofSteps(false)), keysValues, PARTS);
        fewRows = split.fewRows();
        stepOfFewRows = fewRows == 0
                ? step
                : new DecoderStep(
                        tf,
                        config,
                        config.graph(split.ofSteps(true)),
                        split == whole ? keysValues : inParts.crossKeysValues(encoderStates),
                        PARTS);
        session = new Session(graph, configuration(how));
        weights.assign(session, values);
    }

    /**
     * On the processor the graph is as it should be: TensorFlow's optimiser takes a quarter of the time to load and more, for nothing. Only in
     * bf16 it adds several terms up at once, which rounds less.
     */
    private static ConfigProto configuration(Execution how) {
        ConfigProto.Builder configuration = how.devices().session(how.threads()).toBuilder();
        if (how.devices().kind() == Devices.Kind.CPU && how.precision() != Precision.BF16) {
            configuration.getGraphOptionsBuilder().getRewriteOptionsBuilder().setDisableMetaOptimizer(true);
        }
        return configuration.build();
    }

    /**
     * Builds the graph, loads the weights and checks that the graph computes what the plain one does.
     *
     * @param how names one device
     * @throws ModelException where weights are missing or have another shape, or where the check fails
     */
    public static Backbone open(ModelConfig config, Weights files, Execution how) {
        Precision precision = how.precision();
        boolean fuses =
                how.devices().kind() == Devices.Kind.CPU && FusedProducts.areAvailable(precision.besidesWeights());
        boolean keepsPacked = precision != Precision.FP32 || isSmall(config);
        if (precision == Precision.FP32 && !(fuses && (keepsPacked || !Processor.hasVnni()))) {
            return reference(config, files, how);
        }
        if (precision == Precision.INT8 && !QuantizedProducts.areAvailable()) {
            throw new ModelException("This build of TensorFlow has no products in int8; choose fp32 or bf16.");
        }
        SelfCheck check = new SelfCheck(config, precision, keepsPacked);
        return open(config, files, how, check, (tf, weights) -> {
            Layers others = precision.besidesWeights() == Precision.FP32
                    ? new FusedLayers(tf, weights, keepsPacked)
                    : new NarrowLayers(
                            tf, weights, fuses ? new FusedProducts(tf) : new PlainProducts(tf), isSmall(config));
            return precision == Precision.INT8 ? new QuantizedLayers(others, weights) : others;
        });
    }

    /** Returns whether the packed copies that fused products keep, up to three of each weight, cost little. */
    private static boolean isSmall(ModelConfig config) {
        long elements = config.weights().values().stream()
                .mapToLong(shape -> Arrays.stream(shape).reduce(1, Math::multiplyExact))
                .sum();
        return elements * Float.BYTES <= LARGEST_PACKED;
    }

    /** Returns the plain graph, which is checked against nothing, because everything else is checked against it. */
    private static Backbone reference(ModelConfig config, Weights files, Execution how) {
        Map<String, TensorView> sources = FrozenWeights.sources(config, files);
        Map<String, Tensor> values = FrozenWeights.read(sources, how.precision().besidesWeights());
        try {
            return new Backbone(config, how, FrozenLayers::new, sources, values);
        } finally {
            values.values().forEach(Tensor::close);
        }
    }

    /**
     * Builds a graph and checks it.
     *
     * @param layers what the graph is built of
     */
    static Backbone open(
            ModelConfig config,
            Weights files,
            Execution how,
            SelfCheck check,
            BiFunction<Ops, FrozenWeights, Layers> layers) {
        Map<String, TensorView> sources = FrozenWeights.sources(config, files);
        Map<String, Tensor> values = FrozenWeights.read(sources, how.precision().besidesWeights());
        try {
            Backbone backbone = new Backbone(config, how, layers, sources, values);
            try (Backbone reference = new Backbone(config, how.onProcessor(), FrozenLayers::new, sources, values)) {
                check.compare(backbone, reference);
                return backbone;
            } catch (RuntimeException e) {
                backbone.close();
                throw e;
            }
        } finally {
            values.values().forEach(Tensor::close);
        }
    }

    /**
     * Returns the encoder's final states.
     *
     * @param inputIds ragged, one row an example
     * @return [batch, longest row, d_model] row by row; rows of padding hold nothing of use
     */
    public float[] encoderStates(int[][] inputIds) {
        Padded padded = Padded.of(inputIds, config.padTokenId());
        try (Feed feed = inputs(padded);
                Result result = feed.runner().fetch(encoderStates).run()) {
            return cut(Tensors.array((TFloat32) result.get(0)), padded, longest(inputIds));
        }
    }

    /**
     * Returns the final decoder state of each label position, teacher-forced; both arguments ragged, one row an example.
     *
     * <p>On the processor examples go through one by one, because its kernels add up in an order that hangs on the whole batch: only
     * so are an example's bits its own, whatever stands beside it. A GPU takes a batch at once, and promises no bits.
     */
    public DecoderStates decoderStates(int[][] inputIds, int[][] labelIds) {
        int[] first = firstPositions(labelIds);
        float[] states = new float[Math.multiplyExact(first[labelIds.length], config.dModel())];
        int together = how.devices().kind() == Devices.Kind.CPU ? 1 : Math.max(1, labelIds.length);
        for (int row = 0; row < labelIds.length; row += together) {
            int end = row + together;
            float[] found = states(Arrays.copyOfRange(inputIds, row, end), Arrays.copyOfRange(labelIds, row, end));
            System.arraycopy(found, 0, states, first[row] * config.dModel(), found.length);
        }
        int[] labels = Arrays.stream(labelIds).flatMapToInt(Arrays::stream).toArray();
        return new DecoderStates(config.dModel(), states, labels, first);
    }

    private float[] states(int[][] inputIds, int[][] labelIds) {
        try (Feed feed = new Feed(session)) {
            teacherForcing.feed(feed, inputIds, labelIds);
            try (Result result = feed.runner().fetch(teacherForcing.states()).run()) {
                return Tensors.array((TFloat32) result.get(0));
            }
        }
    }

    /** Returns the names of what {@link #tap} can look at, in the order in which it is computed. */
    public List<String> taps() {
        return taps.names();
    }

    /** Returns what stands at a tap when one example goes through, without padding. */
    public TensorView tap(String name, int[] inputIds, int[] labelIds) {
        Operand<TFloat32> value = taps.value(name);
        try (Feed feed = new Feed(session)) {
            teacherForcing.feed(feed, new int[][] {inputIds}, new int[][] {labelIds});
            try (Result result = feed.runner().fetch(value).run()) {
                return Taps.cut(name, (TFloat32) result.get(0), inputIds.length, labelIds.length);
            }
        }
    }

    /** Makes a head ready, which would delay the first step else. */
    public void prepare(Head head) {
        head.frozen(how);
    }

    /** Reads the inputs and returns a decoder at their first position, which multiplies with {@code head}. */
    public Decoder decoder(int[][] inputIds, Head head) {
        Padded inputs = Padded.of(inputIds, config.padTokenId());
        DecoderStep first = stepOf(inputs.rows());
        try (Feed feed = inputs(inputs)) {
            first.inputs.forEach(feed.runner()::fetch);
            return new CachedDecoder(
                    inputs, head, first, Tensors.all(feed.runner().run()));
        }
    }

    @Override
    public void close() {
        try {
            session.close();
            graph.close();
        } finally {
            Reference.reachabilityFence(sources);
        }
    }

    private DecoderStep stepOf(int rows) {
        return rows <= fewRows ? stepOfFewRows : step;
    }

    private Feed inputs(Padded inputs) {
        Feed feed = new Feed(session);
        inputGraphs.forEach(model -> model.feedInputs(feed, inputs));
        return feed;
    }

    private static int[] firstPositions(int[][] labelIds) {
        int[] first = new int[labelIds.length + 1];
        for (int row = 0; row < labelIds.length; row++) {
            first[row + 1] = first[row] + labelIds[row].length;
        }
        return first;
    }

    private float[] cut(float[] states, Padded padded, int length) {
        int d = config.dModel();
        float[] kept = new float[padded.rows() * length * d];
        for (int row = 0; row < padded.rows(); row++) {
            System.arraycopy(states, row * padded.length() * d, kept, row * length * d, length * d);
        }
        return kept;
    }

    private static int longest(int[][] rows) {
        return Arrays.stream(rows).mapToInt(row -> row.length).max().orElse(0);
    }

    /** Keeps the keys and values of the inputs and of the positions so far in TensorFlow's memory. */
    private final class CachedDecoder implements Decoder {
        private final Head head;
        private final TFloat32 inputMask;
        private final int inputs;

        /** Once {@link #mostLikely} was asked. */
        private Optional<GreedyTokens> greedy = Optional.empty();

        private DecoderStep last;
        private DecoderStep.Memory memory;
        private int rows;
        private int position;

        CachedDecoder(Padded inputs, Head head, DecoderStep first, List<Tensor> keysValues) {
            this.head = head;
            this.inputMask = Tensors.floats(inputs.mask(), inputs.rows(), inputs.length());
            this.inputs = inputs.rows();
            this.rows = inputs.rows();
            this.last = first;
            List<Tensor> past = new ArrayList<>();
            for (int i = 0; i < first.cache.past.size(); i++) {
                Shape keys = keysValues.get(i).shape();
                Class<? extends TType> type = ((TType) keysValues.get(i)).type();
                past.add(Tensor.of(type, Shape.of(rows, keys.get(1), 0, keys.get(3))));
            }
            this.memory = new DecoderStep.Memory(keysValues, past);
        }

        @Override
        public int inputs() {
            return inputs;
        }

        @Override
        public int vocabSize() {
            return head.vocabSize();
        }

        @Override
        public Step step(int[] ids, int[] asked, int best, boolean wantLogits) {
            if (!head.hasSomeRows()) {
                try (TFloat32 states = take(ids, feed -> last.states(feed, memory, asked))) {
                    return head.frozen(how).next(states, best, wantLogits);
                }
            }
            return take(ids, feed -> last.next(feed, memory, asked, head, best, wantLogits));
        }

        @Override
        public int[] mostLikely(int[] ids) {
            if (rows != 1) {
                throw new IllegalStateException("The most likely tokens of " + rows + " rows; one is taken.");
            }
            if (greedy.isEmpty()) {
                greedy = Optional.of(head.frozen(how).greedyTokens());
            }
            int[] all = IntStream.range(0, ids.length).toArray();
            try (TFloat32 states = take(ids, feed -> last.states(feed, memory, all))) {
                return greedy.get().next(states);
            }
        }

        @Override
        public float[] logProbs() {
            float[] logProbs = greedy.map(GreedyTokens::logProbs).orElseGet(() -> new float[0]);
            if (logProbs.length != position) {
                throw new IllegalStateException("The most likely tokens of " + logProbs.length + " of " + position
                        + " positions are known; all are needed.");
            }
            return logProbs;
        }

        private <T> T take(int[] ids, Function<Feed, DecoderStep.Taken<T>> step) {
            if (ids.length == 0 || ids.length % rows != 0) {
                throw new IllegalArgumentException(ids.length + " tokens for " + rows + " rows");
            }
            prepare(stepOf(ids.length));
            try (Feed feed = new Feed(session)) {
                last.model.feedStep(feed, ids, rows, position);
                feed.runner().feed(last.model.inputMask, inputMask);
                DecoderStep.Taken<T> taken = step.apply(feed);
                keep(taken.past());
                position += ids.length / rows;
                return taken.found();
            }
        }

        /** Brings what the last step has left behind into the form that the next one takes. */
        private void prepare(DecoderStep next) {
            if (next.isInParts != last.isInParts) {
                DecoderStep.Memory exchanged = last.exchange(session.runner(), memory);
                memory.close();
                memory = exchanged;
            }
            last = next;
        }

        @Override
        public void reorder(int[] rows) {
            if (Arrays.equals(rows, IntStream.range(0, this.rows).toArray())) {
                return;
            }
            try (Feed feed = new Feed(session).ints(last.cache.rows, rows, rows.length)) {
                keep(changed(feed, last.cache.reordered));
                this.rows = rows.length;
            }
        }

        @Override
        public void rewind(int length) {
            if (length < 0 || length > position) {
                throw new IllegalArgumentException("Position " + length + " of " + position);
            }
            if (length == position) {
                return;
            }
            try (Feed feed = new Feed(session).ints(last.cache.kept, new int[] {length})) {
                keep(changed(feed, last.cache.shortened));
                position = length;
                greedy.ifPresent(tokens -> tokens.rewind(length));
            }
        }

        private List<Tensor> changed(Feed feed, List<Operand<?>> wanted) {
            last.cache.feed(feed.runner(), memory.past());
            wanted.forEach(feed.runner()::fetch);
            return Tensors.all(feed.runner().run());
        }

        private void keep(List<Tensor> now) {
            memory.past().forEach(Tensor::close);
            memory = new DecoderStep.Memory(memory.inputs(), now);
        }

        @Override
        public void close() {
            memory.close();
            inputMask.close();
        }
    }
}
