package dev.squadron.seq2seq.t5;

import dev.squadron.contracts.safetensors.TensorView;
import dev.squadron.seq2seq.DecoderStates;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.WeightFiles;
import dev.squadron.seq2seq.generation.Decoder;
import dev.squadron.seq2seq.graph.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * A T5's graph in a TensorFlow session, its weights loaded. Threads may call it at the same time.
 *
 * <p>Lengths are padded to multiples of {@value #PADDING}: then what comes out for an example is the same to the last bit,
 * whatever else is in its batch.
 */
public final class T5Session implements AutoCloseable {
    private static final int PADDING = 16;

    private final ModelConfig config;
    private final Graph graph;
    private final T5Graph t5;
    private final Session session;

    private T5Session(ModelConfig config, Graph graph, T5Graph t5, Session session) {
        this.config = config;
        this.graph = graph;
        this.t5 = t5;
        this.session = session;
    }

    /**
     * Builds the graph and loads the weights.
     *
     * @throws dev.squadron.seq2seq.ModelException where weights are missing or have another shape
     */
    public static T5Session open(ModelConfig config, WeightFiles files, Threads threads) {
        Map<String, long[]> shapes = T5Names.backbone(config);
        files.require(shapes.keySet());
        Graph graph = new Graph();
        T5Graph t5 = new T5Graph(config, graph);
        Session session = new Session(
                graph,
                ConfigProto.newBuilder()
                        .setIntraOpParallelismThreads(threads.intraOp())
                        .setInterOpParallelismThreads(threads.interOp())
                        .build());
        T5Session opened = new T5Session(config, graph, t5, session);
        try {
            shapes.forEach((name, shape) -> {
                try (TFloat32 value = Tensors.floats(files.tensor(name, shape).floats(), shape)) {
                    t5.weights().assign(session, name, value);
                }
            });
            return opened;
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    /** Returns the head that comes with the weights: the model's own, or a copy of the embedding where they are tied. */
    public static Head pretrainedHead(ModelConfig config, WeightFiles files) {
        String name = config.tieWordEmbeddings() ? T5Names.SHARED : T5Names.LM_HEAD;
        files.require(List.of(name));
        TensorView weights = files.tensor(name, config.vocabSize(), config.dModel());
        return Head.of(weights.floats(), config.vocabSize(), config.dModel());
    }

    /**
     * Returns the encoder's final states.
     *
     * @param inputIds ragged, one row an example
     * @return [batch, longest row, d_model] row by row; rows of padding hold nothing of use
     */
    public float[] encoderStates(int[][] inputIds) {
        Padded padded = Padded.of(inputIds, config.padTokenId());
        try (Feed feed = new Feed();
                Result result = feedInputs(feed, padded)
                        .runner()
                        .fetch(t5.encoderStates)
                        .run()) {
            return cut(Tensors.array((TFloat32) result.get(0)), padded, longest(inputIds));
        }
    }

    /** Returns the final decoder state of each label position, teacher-forced; both arguments ragged, one row an example. */
    public DecoderStates decoderStates(int[][] inputIds, int[][] labelIds) {
        int[][] decoderIds = Arrays.stream(labelIds).map(this::shiftRight).toArray(int[][]::new);
        Padded inputs = Padded.of(inputIds, config.padTokenId());
        Padded labels = Padded.of(decoderIds, config.padTokenId());
        int length = labels.length();
        try (Feed feed = new Feed();
                Result result = feedInputs(feed, inputs)
                        .ints(t5.decoderIds, labels.ids(), inputIds.length, length)
                        .ints(t5.decoderBuckets, buckets(0, length, length, false), length, length)
                        .floats(t5.causalBias, T5Graph.causalBias(length), length, length)
                        .runner()
                        .fetch(t5.decoderStates)
                        .run()) {
            return gather(Tensors.array((TFloat32) result.get(0)), labelIds, length);
        }
    }

    /** Reads the inputs and returns a decoder at their first position, which multiplies with {@code head}. */
    public Decoder decoder(int[][] inputIds, Head head) {
        Padded inputs = Padded.of(inputIds, config.padTokenId());
        try (Feed feed = new Feed()) {
            Session.Runner runner = feedInputs(feed, inputs).runner();
            t5.crossKeysValues.forEach(runner::fetch);
            return new CachedDecoder(inputs, head, runner.run());
        }
    }

    @Override
    public void close() {
        session.close();
        graph.close();
    }

    private Feed feedInputs(Feed feed, Padded inputs) {
        int length = inputs.length();
        return feed.ints(t5.inputIds, inputs.ids(), inputs.rows(), length)
                .floats(t5.inputMask, inputs.mask(), inputs.rows(), length)
                .ints(t5.encoderBuckets, buckets(0, length, length, true), length, length);
    }

    private int[] buckets(int firstQuery, int queries, int keys, boolean bidirectional) {
        return RelativePosition.buckets(
                firstQuery,
                queries,
                keys,
                bidirectional,
                config.relativeAttentionNumBuckets(),
                config.relativeAttentionMaxDistance());
    }

    private int[] shiftRight(int[] labels) {
        int[] shifted = new int[labels.length];
        shifted[0] = config.decoderStartTokenId();
        System.arraycopy(labels, 0, shifted, 1, labels.length - 1);
        return shifted;
    }

    private DecoderStates gather(float[] padded, int[][] labelIds, int length) {
        int d = config.dModel();
        int[] first = new int[labelIds.length + 1];
        for (int row = 0; row < labelIds.length; row++) {
            first[row + 1] = first[row] + labelIds[row].length;
        }
        float[] states = new float[first[labelIds.length] * d];
        int[] labels = new int[first[labelIds.length]];
        for (int row = 0; row < labelIds.length; row++) {
            System.arraycopy(padded, row * length * d, states, first[row] * d, labelIds[row].length * d);
            System.arraycopy(labelIds[row], 0, labels, first[row], labelIds[row].length);
        }
        return new DecoderStates(d, states, labels, first);
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

    /**
     * Rows of equal length.
     *
     * @param ids [rows, length]
     * @param mask 1 for a token, 0 for padding, [rows, length]
     */
    private record Padded(int rows, int length, int[] ids, float[] mask) {
        static Padded of(int[][] ragged, int padTokenId) {
            int length = (longest(ragged) + PADDING - 1) / PADDING * PADDING;
            int[] ids = new int[ragged.length * length];
            Arrays.fill(ids, padTokenId);
            float[] mask = new float[ids.length];
            for (int row = 0; row < ragged.length; row++) {
                System.arraycopy(ragged[row], 0, ids, row * length, ragged[row].length);
                Arrays.fill(mask, row * length, row * length + ragged[row].length, 1);
            }
            return new Padded(ragged.length, length, ids, mask);
        }
    }

    /** What goes into a run of the session; closing it frees the tensors. */
    private final class Feed implements AutoCloseable {
        private final Session.Runner runner = session.runner();
        private final List<Tensor> tensors = new ArrayList<>();

        Feed ints(Operand<TInt32> placeholder, int[] elements, long... shape) {
            return own(placeholder, Tensors.ints(elements, shape));
        }

        Feed floats(Operand<TFloat32> placeholder, float[] elements, long... shape) {
            return own(placeholder, Tensors.floats(elements, shape));
        }

        Feed own(Operand<?> placeholder, Tensor tensor) {
            tensors.add(tensor);
            runner.feed(placeholder, tensor);
            return this;
        }

        Session.Runner runner() {
            return runner;
        }

        @Override
        public void close() {
            tensors.forEach(Tensor::close);
        }
    }

    /** Keeps the keys and values of the inputs and of the positions so far in TensorFlow's memory. */
    private final class CachedDecoder implements Decoder {
        private final Padded inputs;
        private final Head head;
        private final Result crossKeysValues;
        private final TFloat32 inputMask;
        private final List<Tensor> empty = new ArrayList<>();
        private Result past;
        private int position;

        CachedDecoder(Padded inputs, Head head, Result crossKeysValues) {
            this.inputs = inputs;
            this.head = head;
            this.crossKeysValues = crossKeysValues;
            this.inputMask = Tensors.floats(inputs.mask(), inputs.rows(), inputs.length());
            for (int i = 0; i < t5.fedKeysValues.size(); i++) {
                empty.add(Tensors.zeros(inputs.rows(), config.numHeads(), 0, config.dKv()));
            }
        }

        @Override
        public int batch() {
            return inputs.rows();
        }

        @Override
        public Step step(int[] ids, boolean wantLogits) {
            try (Feed feed = new Feed()) {
                Session.Runner runner = feed.ints(t5.stepIds, ids, ids.length)
                        .ints(t5.decoderBuckets, buckets(position, 1, position + 1, false), 1, position + 1)
                        .runner()
                        .feed(t5.inputMask, inputMask)
                        .feed(t5.head, head.tensor());
                for (int i = 0; i < t5.fedKeysValues.size(); i++) {
                    runner.feed(t5.fedCrossKeysValues.get(i), crossKeysValues.get(i));
                    runner.feed(t5.fedKeysValues.get(i), past == null ? empty.get(i) : past.get(i));
                }
                t5.keysValues.forEach(runner::fetch);
                runner.fetch(t5.greedyIds).fetch(t5.greedyLogProbs);
                if (wantLogits) {
                    runner.fetch(t5.logits);
                }
                Result now = runner.run();
                if (past != null) {
                    past.close();
                }
                past = now;
                position++;
                int behind = t5.keysValues.size();
                return new Step(
                        Tensors.array((TInt32) now.get(behind)),
                        Tensors.array((TFloat32) now.get(behind + 1)),
                        wantLogits ? Tensors.array((TFloat32) now.get(behind + 2)) : null);
            }
        }

        @Override
        public void close() {
            crossKeysValues.close();
            inputMask.close();
            empty.forEach(Tensor::close);
            if (past != null) {
                past.close();
            }
        }
    }
}
