package dev.squadron.seq2seq.training;

import dev.squadron.seq2seq.graph.Variables;
import dev.squadron.seq2seq.training.optimizer.Optimizer;
import dev.squadron.seq2seq.training.optimizer.OptimizerSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.OneHot;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Loss, gradient and update of a head, written out: with P = softmax(W · hᵀ), targets T and the weights w of n positions, the loss
 * is Σ w · −Σ T · log P and the head's gradient is G · h, G = w · (P − T).
 *
 * <p>An update is bounded by the memory that it moves: the head and what the optimiser remembers of it. So the head is cut into
 * blocks of rows, each a variable: the gradient of a block is used while it is in the processor's cache, and the whole V×d gradient
 * is never there. Its norm comes from small n×n matrices, ‖G · h‖² = Σ (GᵀG ∘ hhᵀ).
 */
final class HeadGraph {
    private static final int BLOCK_BYTES = 1 << 20;

    /** Σ w · −log P[label]. */
    final Operand<TFloat32> loss;

    /** The same against smoothed labels: what is learned by. */
    final Operand<TFloat32> smoothedLoss;

    /** Frobenius norm of the head's gradient, before clipping. */
    final Operand<TFloat32> gradientNorm;

    /** Changes the head once. */
    final Op update;

    private final Ops tf;
    private final Operand<TInt32> labels;
    private final int vocabSize;
    private final List<Block> blocks = new ArrayList<>();

    /**
     * Rows of the head, and what is known of them for the n positions.
     *
     * @param name of the variable
     * @param from the first row
     * @param rows how many
     * @param logits [rows, n]
     * @param max largest logit of each position, [n]
     * @param exp e^(logits − max), [rows, n]
     * @param sum of the exp, [n]
     * @param targets part of T, [rows, n]
     * @param expected sum of T · logits, [n]
     */
    private record Block(
            String name,
            int from,
            int rows,
            Operand<TFloat32> logits,
            Operand<TFloat32> max,
            Operand<TFloat32> exp,
            Operand<TFloat32> sum,
            Operand<TFloat32> targets,
            Operand<TFloat32> expected) {}

    /**
     * Declares the blocks and makes the operations.
     *
     * @param h scaled states, [n, d]
     * @param labels [n]
     * @param weights of the positions, [n]
     * @param bias [vocab_size]
     * @param lanes how many blocks are worked on at a time; changes no result
     */
    HeadGraph(
            Ops tf,
            Variables variables,
            Optimizer optimizer,
            OptimizerSpec spec,
            float labelSmoothing,
            int vocabSize,
            int dModel,
            Operand<TFloat32> h,
            Operand<TInt32> labels,
            Operand<TFloat32> weights,
            Optional<float[]> bias,
            int lanes) {
        this.tf = tf;
        this.labels = labels;
        this.vocabSize = vocabSize;
        Lanes order = new Lanes(tf, lanes);
        int count = blocks(spec, vocabSize, dModel);
        for (int i = 0; i < count; i++) {
            int from = from(i, count);
            int rows = from(i + 1, count) - from;
            String name = "weights." + i;
            variables.declare(name, rows, dModel);
            Operand<TFloat32> products = order.begin().linalg.matMul(variables.value(name), h, MatMul.transposeB(true));
            Block block = block(name, from, rows, biased(products, bias, from, rows), labelSmoothing);
            blocks.add(block);
            order.end(tf.withControlDependencies(block.sum(), block.expected()).noOp());
        }
        Operand<TFloat32> logSumExp = logSumExp();
        smoothedLoss = loss(logSumExp, weights, Block::expected);
        loss = labelSmoothing == 0
                ? smoothedLoss
                : loss(
                        logSumExp,
                        weights,
                        block -> sum(tf.math.mul(targets(block.from(), block.rows(), 0), block.logits())));
        List<Operand<TFloat32>> gradients = blocks.stream()
                .map(block -> gradient(block, logSumExp, weights))
                .toList();
        gradientNorm = norm(gradients, h);
        List<Op> updates = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Block block = blocks.get(i);
            Operand<TFloat32> g = spec.clips()
                    ? tf.math.mul(gradients.get(i), Optimizer.clipFactor(tf, gradientNorm, spec.clipNorm()))
                    : gradients.get(i);
            Operand<TFloat32> gradient = order.begin().linalg.matMul(g, h);
            Op updated = optimizer.update(block.name(), new long[] {block.rows(), dModel}, gradient, true);
            order.end(updated);
            updates.add(updated);
        }
        update = tf.withControlDependencies(updates).noOp();
    }

    /** Where the rows of a block are. */
    record Rows(String variable, int from, int count) {}

    /** Returns the blocks in the order of their rows. */
    List<Rows> rows() {
        return blocks.stream()
                .map(block -> new Rows(block.name(), block.from(), block.rows()))
                .toList();
    }

    private static int blocks(OptimizerSpec spec, int vocabSize, int dModel) {
        if (!spec.rule().isElementwise()) {
            return 1;
        }
        long bytes = (long) vocabSize * dModel * Float.BYTES;
        return Math.toIntExact(Math.min(vocabSize, (bytes + BLOCK_BYTES - 1) / BLOCK_BYTES));
    }

    private int from(int block, int count) {
        return (int) ((long) vocabSize * block / count);
    }

    private Operand<TFloat32> biased(Operand<TFloat32> products, Optional<float[]> bias, int from, int rows) {
        return bias.isEmpty()
                ? products
                : tf.math.add(
                        products,
                        tf.reshape(
                                tf.constant(Arrays.copyOfRange(bias.get(), from, from + rows)),
                                tf.constant(new int[] {rows, 1})));
    }

    private Block block(String name, int from, int rows, Operand<TFloat32> logits, float smoothing) {
        Operand<TFloat32> max = tf.max(logits, tf.constant(0));
        Operand<TFloat32> exp = tf.math.exp(tf.math.sub(logits, max));
        Operand<TFloat32> targets = targets(from, rows, smoothing);
        return new Block(name, from, rows, logits, max, exp, sum(exp), targets, sum(tf.math.mul(targets, logits)));
    }

    private Operand<TFloat32> logSumExp() {
        Operand<TFloat32> maxima = stack(Block::max); // [blocks, n]
        Operand<TFloat32> max = tf.max(maxima, tf.constant(0));
        Operand<TFloat32> shares = tf.math.mul(stack(Block::sum), tf.math.exp(tf.math.sub(maxima, max)));
        return tf.math.add(max, tf.math.log(sum(shares)));
    }

    private Operand<TFloat32> stack(Function<Block, Operand<TFloat32>> part) {
        return tf.stack(blocks.stream().map(part).toList());
    }

    private Operand<TFloat32> loss(
            Operand<TFloat32> logSumExp, Operand<TFloat32> weights, Function<Block, Operand<TFloat32>> expected) {
        Operand<TFloat32> all = tf.math.addN(blocks.stream().map(expected).toList());
        return sum(tf.math.mul(weights, tf.math.sub(logSumExp, all)));
    }

    /** Returns the rows' part of G, [rows, n]. */
    private Operand<TFloat32> gradient(Block block, Operand<TFloat32> logSumExp, Operand<TFloat32> weights) {
        Operand<TFloat32> scale = tf.math.mul(weights, tf.math.exp(tf.math.sub(block.max(), logSumExp)));
        return tf.math.sub(tf.math.mul(block.exp(), scale), tf.math.mul(block.targets(), weights));
    }

    /**
     * Returns 1 − ε for the label and ε of the mean over the vocabulary, as transformers' {@code LabelSmoother} has it (Szegedy et
     * al., “Rethinking the Inception Architecture for Computer Vision”, 2016, section 7), [rows, n].
     */
    private Operand<TFloat32> targets(int from, int rows, float smoothing) {
        float all = smoothing / vocabSize;
        return tf.oneHot(
                tf.math.sub(labels, tf.constant(from)),
                tf.constant(rows),
                tf.constant(1 - smoothing + all),
                tf.constant(all),
                OneHot.axis(0L));
    }

    private Operand<TFloat32> norm(List<Operand<TFloat32>> gradients, Operand<TFloat32> h) {
        List<Operand<TFloat32>> products = gradients.stream()
                .<Operand<TFloat32>>map(g -> tf.linalg.matMul(g, g, MatMul.transposeA(true)))
                .toList();
        Operand<TFloat32> squares =
                tf.math.mul(tf.math.addN(products), tf.linalg.matMul(h, h, MatMul.transposeB(true)));
        return tf.math.sqrt(tf.sum(squares, tf.constant(new int[] {0, 1})));
    }

    private Operand<TFloat32> sum(Operand<TFloat32> rows) {
        return tf.sum(rows, tf.constant(0));
    }
}
