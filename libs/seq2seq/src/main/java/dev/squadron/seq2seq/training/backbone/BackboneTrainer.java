package dev.squadron.seq2seq.training.backbone;

import dev.squadron.contracts.safetensors.SafetensorsWriter;
import dev.squadron.contracts.safetensors.TensorView;
import dev.squadron.seq2seq.ChangedWeights;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.ModelException;
import dev.squadron.seq2seq.Precision;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.Weights;
import dev.squadron.seq2seq.graph.Feed;
import dev.squadron.seq2seq.graph.Tensors;
import dev.squadron.seq2seq.graph.Variables;
import dev.squadron.seq2seq.lora.LoraAdapter;
import dev.squadron.seq2seq.lora.LoraConfig;
import dev.squadron.seq2seq.training.StepResult;
import dev.squadron.seq2seq.training.TrainingState;
import dev.squadron.seq2seq.training.optimizer.Optimizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.tensorflow.DeviceSpec;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/**
 * Trains more of a model than its head: the model runs forward and back in every update. The same batches and rates in the same
 * order give the same weights, bit for bit, on one machine; what is remembered between updates can be saved, so that training goes
 * on as if it had never stopped. One thread at a time.
 */
public final class BackboneTrainer implements AutoCloseable {
    private static final String LOSS_SCALE = "loss_scale";

    /** Bounds of what tells keys of dropout apart. */
    private static final long PARTS = 1 << 12;

    private static final long REPLICAS = 1 << 8;

    private final ModelConfig config;
    private final Weights base;
    private final BackboneSpec spec;
    private final TrainablePart part;
    private final LossGraph template;
    private final Graph graph = new Graph();
    private final Ops tf;
    private final List<Replica> replicas = new ArrayList<>();

    /** What learns, with what the optimiser remembers of it. */
    private final Variables learning;

    /** Sums of the gradients of a batch's parts. */
    private final Variables sums;

    /** One by the scale of the loss. */
    private final Placeholder<TFloat32> unscaled;

    private final List<Op> beginSums = new ArrayList<>();
    private final List<Op> addToSums = new ArrayList<>();
    private final Operand<TFloat32> gradientNorm;
    private final Optimizer optimizer;
    private final List<Op> update = new ArrayList<>();
    private final Session session;
    private final boolean inParts;
    private final LossScale lossScale = new LossScale();
    private long step;

    private BackboneTrainer(ModelConfig config, Weights base, BackboneSpec spec, Threads threads) {
        this.config = config;
        this.base = base;
        this.spec = spec;
        inParts = spec.accumulation().steps() > 1 || spec.precision() == Precision.FP16;
        List<DeviceSpec> devices = spec.devices().specs();
        DeviceSpec keeper = devices.get(0);
        part = TrainablePart.of(spec.tuning(), config);
        template = new LossGraph(config, part, spec, keeper);
        for (DeviceSpec device : devices) {
            replicas.add(new Replica(graph, template, device, "replica" + replicas.size(), part.frozen()));
        }
        tf = Ops.create(graph).withDevice(keeper);
        unscaled = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
        learning = new Variables(tf);
        sums = new Variables(tf);
        part.learning().forEach(learning::declare);
        Map<String, Operand<TFloat32>> gradients = new HashMap<>();
        part.learning().forEach((name, shape) -> gradients.put(name, gradient(name, shape)));
        gradientNorm =
                norm(part.learning().keySet().stream().map(gradients::get).toList());
        optimizer = Optimizer.of(tf, learning, spec.optimizer());
        part.learning()
                .forEach((name, shape) -> update.add(
                        optimizer.update(name, shape, clip(gradients.get(name)), WeightDecay.concerns(name))));
        learning.declare(LOSS_SCALE, lossScale.state().length);
        session = new Session(graph, spec.devices().session(threads));
    }

    /**
     * Loads a model to be trained.
     *
     * @param base where training begins; it must stay as it is while the trainer is in use
     * @throws ModelException where weights are missing or have another shape, or the model has not what is to be trained
     */
    public static BackboneTrainer open(ModelConfig config, Weights base, BackboneSpec spec, Threads threads) {
        base.require(config.weights().keySet().stream()
                .map(name -> config.nameIn(base, name))
                .toList());
        BackboneTrainer trainer = new BackboneTrainer(config, base, spec, threads);
        try {
            trainer.load();
            return trainer;
        } catch (RuntimeException e) {
            trainer.close();
            throw e;
        }
    }

    /**
     * Begins with what LoRA learned elsewhere.
     *
     * @param adapter of the rank and of the modules that are trained here
     */
    public void begin(LoraAdapter adapter) {
        Map<String, TensorView> matrices = adapter.matrices();
        if (!matrices.keySet().equals(part.learning().keySet())
                || adapter.config().rank() != rank()) {
            throw new ModelException(
                    "The adapter has the rank " + adapter.config().rank() + " and the modules "
                            + adapter.config().targetModules()
                            + ", and those that are trained are others; train with the adapter's.");
        }
        learning.assign(session, matrices.keySet(), name -> Tensors.of(matrices.get(name)));
    }

    /**
     * Makes one update.
     *
     * @param inputIds ragged, one row an example, at least one id each
     * @param labelIds likewise
     * @return the mean loss a label position, with dropout and label smoothing, and the norm of the gradient over all that learns;
     *     where this is not finite, which happens in fp16, nothing was changed
     * @throws IllegalArgumentException where the model cannot read the batch
     */
    public StepResult step(int[][] inputIds, int[][] labelIds, float learningRate) {
        Batch batch = Batch.of(inputIds, labelIds, config);
        StepResult result = inParts
                ? updateInParts(batch.split(spec.accumulation().steps()), batch.tokens(), learningRate)
                : update(batch, learningRate);
        step++;
        return result;
    }

    /** Returns the mean loss a label position, without dropout and label smoothing, and changes nothing; arguments as in {@link #step}. */
    public double loss(int[][] inputIds, int[][] labelIds) {
        Batch batch = Batch.of(inputIds, labelIds, config);
        try (Feed feed = new Feed(session)) {
            feed(feed, batch, 1.0 / batch.tokens(), 1, i -> Optional.empty());
            replicas.forEach(replica -> feed.runner().fetch(replica.loss()));
            try (Result result = feed.runner().run()) {
                return sum(result, replicas.size());
            }
        }
    }

    /** Returns the updates made. */
    public long steps() {
        return step;
    }

    /**
     * Returns the backbone as it is now, changes of LoRA merged in, for as long as this trainer is open and no update is made.
     * {@link dev.squadron.seq2seq.Seq2SeqModel#open} makes a model of it.
     */
    public Weights weights() {
        if (part.lora().isPresent()) {
            return adapter().on(config, base);
        }
        List<String> learned = Stream.concat(config.weights().keySet().stream(), Stream.of(part.head()))
                .distinct()
                .filter(part::learns)
                .toList();
        Function<String, TensorView> reader = learning.reader(session, learned);
        Map<String, Supplier<TensorView>> changed = new HashMap<>();
        learned.forEach(name -> changed.put(name, () -> reader.apply(name)));
        return new ChangedWeights(base, changed);
    }

    /** Returns a copy of the head as it is now; the caller closes it. */
    public Head head() {
        if (!part.learns(part.head())) {
            return config.pretrainedHead(base);
        }
        try (Head pretrained = config.pretrainedHead(base)) {
            TensorView now = learning.reader(session, List.of(part.head())).apply(part.head());
            return Head.of(now.floats(), pretrained.biasArray(), config.vocabSize(), config.dModel());
        }
    }

    /**
     * Returns what LoRA has learned.
     *
     * @throws IllegalStateException where something else learns
     */
    public LoraAdapter adapter() {
        LoraConfig lora = part.lora().orElseThrow(() -> new IllegalStateException("No adapter is trained"));
        Function<String, TensorView> reader =
                learning.reader(session, part.learning().keySet());
        return LoraAdapter.of(lora, config, (name, shape) -> reader.apply(name));
    }

    /** Writes all that is remembered between updates as a safetensors file, one tensor at a time. */
    public void save(Path file) throws IOException {
        float[] scale = lossScale.state();
        learning.assign(session, List.of(LOSS_SCALE), name -> Tensors.floats(scale, scale.length));
        TrainingState.save(file, step, learning, session);
    }

    /**
     * Goes back to what {@link #save} wrote, here or in a trainer like this one.
     *
     * @throws ModelException where the file is of another kind of training
     */
    public void restore(Path file) throws IOException {
        step = TrainingState.restore(file, learning, session);
        lossScale.restore(
                learning.reader(session, List.of(LOSS_SCALE)).apply(LOSS_SCALE).floats());
    }

    @Override
    public void close() {
        session.close();
        graph.close();
        template.close();
    }

    private int rank() {
        return part.lora().map(LoraConfig::rank).orElse(0);
    }

    private void load() {
        try (Head head = config.pretrainedHead(base)) {
            for (Replica replica : replicas) {
                replica.frozen.assign(session, part.frozen().keySet(), name -> Tensors.of(initial(name, head)));
            }
            if (part.lora().isPresent()) {
                begin(LoraAdapter.initial(part.lora().get(), config, spec.seed()));
            } else {
                learning.assign(session, part.learning().keySet(), name -> Tensors.of(initial(name, head)));
            }
        }
        optimizer.reset(session);
    }

    /** Returns the value of a weight before training. */
    private TensorView initial(String name, Head head) {
        if (name.equals(TrainablePart.HEAD_BIAS)) {
            float[] bias = head.biasArray().orElseThrow();
            return SafetensorsWriter.floats(name, List.of((long) bias.length), bias);
        }
        if (name.equals(Head.TENSOR)) {
            return SafetensorsWriter.floats(
                    name, List.of((long) head.vocabSize(), (long) head.dModel()), head.toArray());
        }
        return base.tensor(config.nameIn(base, name), config.weights().get(name));
    }

    private StepResult update(Batch batch, float learningRate) {
        try (Feed feed = new Feed(session)) {
            feed(feed, batch, 1.0 / batch.tokens(), 1, key(0));
            replicas.forEach(replica -> feed.runner().fetch(replica.smoothedLoss()));
            optimizer.feed(feed, step + 1, learningRate);
            feed.runner().fetch(gradientNorm);
            update.forEach(feed.runner()::addTarget);
            try (Result result = feed.runner().run()) {
                int last = replicas.size();
                return new StepResult(sum(result, last), ((TFloat32) result.get(last)).getFloat());
            }
        }
    }

    private StepResult updateInParts(List<Batch> parts, int tokens, float learningRate) {
        double scale = spec.precision() == Precision.FP16 ? lossScale.factor() : 1;
        double loss = 0;
        for (int i = 0; i < parts.size(); i++) {
            Batch batch = parts.get(i);
            double weight =
                    switch (spec.accumulation().weighting()) {
                        case TOKENS -> 1.0 / tokens;
                        case MEANS -> 1.0 / parts.size() / batch.tokens();
                    };
            try (Feed feed = new Feed(session)) {
                feed(feed, batch, weight, scale, key(i));
                replicas.forEach(replica -> feed.runner().fetch(replica.smoothedLoss()));
                (i == 0 ? beginSums : addToSums).forEach(feed.runner()::addTarget);
                try (Result result = feed.runner().run()) {
                    loss += sum(result, replicas.size());
                }
            }
        }
        if (spec.precision() == Precision.FP16) {
            double norm = gradientNorm(scale);
            if (!lossScale.accepts(norm)) {
                return new StepResult(loss, norm);
            }
        }
        try (Feed feed = new Feed(session)) {
            optimizer.feed(feed, step + 1 - lossScale.skipped(), learningRate);
            feed.number(unscaled, 1 / scale).runner().fetch(gradientNorm);
            update.forEach(feed.runner()::addTarget);
            try (Result result = feed.runner().run()) {
                return new StepResult(loss, ((TFloat32) result.get(0)).getFloat());
            }
        }
    }

    private double gradientNorm(double scale) {
        try (Feed feed = new Feed(session).number(unscaled, 1 / scale);
                Result result = feed.runner().fetch(gradientNorm).run()) {
            return ((TFloat32) result.get(0)).getFloat();
        }
    }

    /** Feeds each replica a share of the batch; one that is left without counts nothing. */
    private void feed(Feed feed, Batch batch, double weight, double scale, IntFunction<Optional<long[]>> dropoutKey) {
        List<Batch> shares = batch.split(replicas.size());
        for (int i = 0; i < replicas.size(); i++) {
            boolean has = i < shares.size();
            template.feed(
                    replicas.get(i).into(feed),
                    has ? shares.get(i) : batch.first(),
                    has ? weight : 0,
                    scale,
                    dropoutKey.apply(i));
        }
    }

    /** Returns the key of dropout for a part of the next update, by replica. */
    private IntFunction<Optional<long[]>> key(int batchPart) {
        return replica -> Optional.of(new long[] {spec.seed(), (step * PARTS + batchPart) * REPLICAS + replica});
    }

    private static double sum(Result result, int count) {
        return IntStream.range(0, count)
                .mapToDouble(i -> ((TFloat32) result.get(i)).getFloat())
                .sum();
    }

    /** Returns the gradient of the whole batch; where it comes in parts, that is what they have summed up to. */
    private Operand<TFloat32> gradient(String name, long[] shape) {
        List<Operand<TFloat32>> shares =
                replicas.stream().map(replica -> replica.gradient(name)).toList();
        Operand<TFloat32> whole = shares.size() == 1 ? shares.get(0) : tf.math.addN(shares);
        if (!inParts) {
            return whole;
        }
        sums.declare(name + "/gradient", shape);
        beginSums.add(tf.assignVariableOp(sums.handle(name + "/gradient"), whole));
        addToSums.add(tf.assignAddVariableOp(sums.handle(name + "/gradient"), whole));
        Operand<TFloat32> sum = sums.value(name + "/gradient");
        return spec.precision() == Precision.FP16 ? tf.math.mul(sum, unscaled) : sum;
    }

    private Operand<TFloat32> norm(List<Operand<TFloat32>> gradients) {
        List<Operand<TFloat32>> halves = new ArrayList<>();
        gradients.forEach(gradient -> halves.add(tf.nn.l2Loss(gradient)));
        return tf.math.sqrt(tf.math.mul(tf.constant(2f), tf.math.addN(halves)));
    }

    private Operand<TFloat32> clip(Operand<TFloat32> gradient) {
        return spec.optimizer().clips()
                ? tf.math.mul(
                        gradient,
                        Optimizer.clipFactor(tf, gradientNorm, spec.optimizer().clipNorm()))
                : gradient;
    }
}
