package dev.squadron.seq2seq.training.backbone;

import static org.tensorflow.op.core.Placeholder.shape;

import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.graph.Feed;
import dev.squadron.seq2seq.graph.TeacherForcing;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.tensorflow.DeviceSpec;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.nn.SoftmaxCrossEntropyWithLogits;
import org.tensorflow.op.nn.SparseSoftmaxCrossEntropyWithLogits;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * The pass forward and back over a share of a batch, to be copied to every device. n are its label positions.
 *
 * <p>TensorFlow's Java gradients do not know the sparse loss; its second output, softmax − one-hot, is what they begin with.
 */
final class LossGraph implements AutoCloseable {
    private final Graph graph = new Graph();
    private final TrainingLayers layers;
    private final TeacherForcing teacherForcing;
    private final Placeholder<TInt32> labels;
    private final Placeholder<TFloat32> weight;
    private final Placeholder<TFloat32> gradientWeight;

    /** Σ −log softmax(logits)[label] over the positions, times the weight that is fed. */
    final Operand<TFloat32> loss;

    /** The same against smoothed labels. */
    final Operand<TFloat32> smoothedLoss;

    /** The gradient of {@link #smoothedLoss}, times the scale that is fed, by what learns. */
    final Map<String, Output<?>> gradients = new LinkedHashMap<>();

    /** @param keeper the device that keeps what learns */
    LossGraph(ModelConfig config, TrainablePart part, BackboneSpec spec, DeviceSpec keeper) {
        Ops tf = Ops.create(graph);
        layers = new TrainingLayers(tf, tf.withDevice(keeper), part, spec.dropout(), spec.precision());
        teacherForcing = new TeacherForcing(config, config.graph(layers));
        labels = tf.placeholder(TInt32.class, shape(Shape.of(-1)));
        weight = tf.placeholder(TFloat32.class, shape(Shape.scalar()));
        gradientWeight = tf.placeholder(TFloat32.class, shape(Shape.scalar()));

        Operand<TFloat32> h = tf.math.mul(teacherForcing.states(), tf.constant(config.headScale())); // [n, d]
        Operand<TFloat32> products = layers.multiply(h, part.head());
        Operand<TFloat32> logits = config.hasHeadBias()
                ? tf.math.add(products, layers.weight(TrainablePart.HEAD_BIAS))
                : products; // [n, V]
        SparseSoftmaxCrossEntropyWithLogits<TFloat32> plain =
                SparseSoftmaxCrossEntropyWithLogits.create(tf.scope(), logits, labels);
        loss = weighted(tf, plain.loss());
        Operand<TFloat32> backprop; // [n, V]
        if (spec.labelSmoothing() == 0) {
            smoothedLoss = loss;
            backprop = plain.backprop();
        } else {
            SoftmaxCrossEntropyWithLogits<TFloat32> smoothed = SoftmaxCrossEntropyWithLogits.create(
                    tf.scope(), logits, smoothedLabels(tf, config.vocabSize(), spec.labelSmoothing()));
            smoothedLoss = weighted(tf, smoothed.loss());
            backprop = smoothed.backprop();
        }
        String[] names = part.learning().keySet().toArray(String[]::new);
        Output<?>[] learning =
                Arrays.stream(names).map(name -> layers.weight(name).asOutput()).toArray(Output<?>[]::new);
        Output<?>[] found =
                graph.addGradients("gradients", new Output<?>[] {logits.asOutput()}, learning, new Output<?>[] {
                    tf.math.mul(backprop, gradientWeight).asOutput()
                });
        for (int i = 0; i < names.length; i++) {
            gradients.put(names[i], found[i]);
        }
    }

    /** Returns the graph. */
    GraphDef def() {
        return graph.toGraphDef();
    }

    /**
     * Feeds a share.
     *
     * @param feed a way to the copy of this graph
     * @param weight of each label position in the loss
     * @param scale of the gradient
     * @param dropoutKey of the pass, [2]; none: no dropout
     */
    void feed(Feed feed, Batch share, double weight, double scale, Optional<long[]> dropoutKey) {
        teacherForcing.feed(feed, share.inputIds(), share.labelIds());
        int[] all = Arrays.stream(share.labelIds()).flatMapToInt(Arrays::stream).toArray();
        feed.ints(labels, all, all.length).number(this.weight, weight).number(gradientWeight, weight * scale);
        if (layers.hasDropout()) {
            feed.longs(layers.key, dropoutKey.orElse(new long[2]), 2)
                    .number(layers.dropoutActs, dropoutKey.isPresent() ? 1 : 0);
        }
    }

    @Override
    public void close() {
        graph.close();
    }

    private Operand<TFloat32> weighted(Ops tf, Operand<TFloat32> losses) {
        return tf.math.mul(tf.reduceSum(losses, tf.constant(0)), weight);
    }

    /**
     * 1 − ε of the label and ε of the mean over the vocabulary, as transformers' {@code LabelSmoother} has it (Szegedy et al.,
     * “Rethinking the Inception Architecture for Computer Vision”, 2016, section 7).
     */
    private Operand<TFloat32> smoothedLabels(Ops tf, int vocabSize, double epsilon) {
        float all = (float) (epsilon / vocabSize);
        float label = (float) (1 - epsilon + epsilon / vocabSize);
        return tf.oneHot(labels, tf.constant(vocabSize), tf.constant(label), tf.constant(all));
    }
}
