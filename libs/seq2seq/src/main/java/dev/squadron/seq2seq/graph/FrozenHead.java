package dev.squadron.seq2seq.graph;

import static org.tensorflow.op.core.Placeholder.shape;

import dev.squadron.seq2seq.Devices;
import dev.squadron.seq2seq.Execution;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.Precision;
import dev.squadron.seq2seq.generation.Decoder.Step;
import dev.squadron.seq2seq.graph.LargestOfBlocks.Found;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.VarHandleOp;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * A head in a session of its own, in which it never changes, so that products with it can be prepared: logits = h · Wᵀ + bias. Its blocks
 * are multiplied side by side. Threads may call it at the same time.
 *
 * <p>In bf16 and int8 the prepared products only find out which tokens come into question; the logits of these are computed in fp32. Where the
 * processor has it, it also finds the one most likely token in fp32 so, and {@link Screening} proves that it is.
 */
public final class FrozenHead implements AutoCloseable {
    /** So many tokens more than are wanted come into question. */
    private static final int SPARE = 15;

    /** So many tokens of each block come into question for the most likely one. */
    private static final int SCREENED = 8;

    private final Head head;
    private final Graph graph = new Graph();
    private final Ops tf;
    private final Map<Placeholder<TFloat32>, TFloat32> given = new LinkedHashMap<>();
    private final List<Op> assignments = new ArrayList<>();
    private final Placeholder<TFloat32> states;
    private final Precision precision;

    /** In fp32 for few rows, else rough logits for any. */
    private final NextToken prepared;

    /** In fp32 for many rows, else exact logits. */
    private final NextToken other;

    /** In fp32 where the processor has bf16. */
    private final Optional<Screened> screened;

    private final Session session;

    /** What comes into question for the most likely token, and how that is found. */
    private record Screened(LargestOfBlocks tokens, Screening screening) {}

    private FrozenHead(Head head, Execution how) {
        this.head = head;
        precision = how.precision();
        tf = Ops.create(graph).withDevice(how.devices().specs().get(0));
        states = tf.placeholder(TFloat32.class, shape(Shape.of(-1, head.dModel())));
        boolean isOnProcessor = how.devices().kind() == Devices.Kind.CPU;
        boolean fuses = isOnProcessor && FusedProducts.areAvailable(precision.besidesWeights());
        boolean screens = isOnProcessor && precision == Precision.FP32 && FusedProducts.areAvailable(Precision.BF16);
        Products products = fuses ? new FusedProducts(tf) : new PlainProducts(tf);
        QuantizedProducts quantized = new QuantizedProducts(tf, false);
        Optional<Operand<TFloat32>> bias = head.bias().map(values -> keep(give(values), TFloat32.class));
        List<Operand<? extends TFloating>> rough = new ArrayList<>();
        List<Operand<TFloat32>> preparedLogits = new ArrayList<>();
        List<Operand<TFloat32>> otherLogits = new ArrayList<>();
        int first = 0;
        for (TFloat32 block : head.blocks()) {
            Placeholder<TFloat32> rows = give(block);
            Operand<TFloat32> kept = keep(rows, TFloat32.class);
            Optional<Operand<TFloat32>> some = slice(bias, first, block);
            first += Math.toIntExact(block.shape().get(0));
            switch (precision) {
                case FP32 -> {
                    preparedLogits.add(add(products.multiply(states, kept), some));
                    otherLogits.add(add(products.multiply(states, kept), some));
                }
                case BF16 -> preparedLogits.add(add(wide(narrowProduct(products, rows)), some));
                case INT8 -> preparedLogits.add(add(quantized.multiply(states, quantize(rows)), some));
                case FP16 -> throw new IllegalStateException("fp16 is for training");
            }
            if (precision != Precision.FP32) {
                otherLogits.add(add(tf.linalg.matMul(states, kept, MatMul.transposeB(true)), some));
            }
            if (screens) {
                Operand<TBfloat16> product = narrowProduct(products, rows);
                rough.add(some.isPresent() ? add(wide(product), some) : product);
            }
        }
        prepared = new NextToken(tf, preparedLogits);
        other = new NextToken(tf, otherLogits);
        screened = screens
                ? Optional.of(new Screened(new LargestOfBlocks(tf, rough, tf.constant(SCREENED)), new Screening(head)))
                : Optional.empty();
        session = new Session(graph, how.devices().session(how.threads()));
    }

    /** Brings a head to where it will be multiplied, and prepares it. */
    public static FrozenHead open(Head head, Execution how) {
        FrozenHead frozen = new FrozenHead(head, how);
        try (TFloat32 few = Tensors.zeros(1, head.dModel());
                TFloat32 many = Tensors.zeros(FusedProducts.FEW_ROWS + 1, head.dModel())) {
            frozen.assign();
            frozen.next(few, 1, false);
            if (frozen.screened.isPresent()) {
                frozen.screen(few, Tensors.array(few));
                frozen.next(many, 1, false);
            }
            return frozen;
        } catch (RuntimeException e) {
            frozen.close();
            throw e;
        }
    }

    private Placeholder<TFloat32> give(TFloat32 values) {
        Placeholder<TFloat32> place = tf.placeholder(TFloat32.class, shape(values.shape()));
        given.put(place, values);
        return place;
    }

    private <T extends TFloating> Operand<T> keep(Operand<T> values, Class<T> type) {
        VarHandleOp handle = tf.varHandleOp(type, values.shape(), VarHandleOp.sharedName("kept_" + assignments.size()));
        assignments.add(tf.assignVariableOp(handle, values));
        return tf.readVariableOp(handle, type);
    }

    private Operand<TBfloat16> narrowProduct(Products products, Operand<TFloat32> rows) {
        Operand<TBfloat16> rounded = keep(Narrow.value(tf, rows), TBfloat16.class);
        return products.multiply(Narrow.value(tf, states), rounded);
    }

    private QuantizedWeight quantize(Operand<TFloat32> rows) {
        return QuantizedWeight.keep(tf, rows, "kept_" + assignments.size(), assignments::add);
    }

    private Operand<TFloat32> wide(Operand<TBfloat16> x) {
        return tf.dtypes.cast(x, TFloat32.class);
    }

    /** Returns a block's part of the bias. */
    private Optional<Operand<TFloat32>> slice(Optional<Operand<TFloat32>> bias, int first, TFloat32 block) {
        int[] begin = {first};
        int[] size = {Math.toIntExact(block.shape().get(0))};
        return bias.map(all -> tf.slice(all, tf.constant(begin), tf.constant(size)));
    }

    private Operand<TFloat32> add(Operand<TFloat32> logits, Optional<Operand<TFloat32>> bias) {
        return bias.<Operand<TFloat32>>map(values -> tf.math.add(logits, values))
                .orElse(logits);
    }

    private void assign() {
        Session.Runner runner = session.runner();
        given.forEach(runner::feed);
        assignments.forEach(runner::addTarget);
        runner.run().close();
    }

    /** Returns what finds the most likely token at each of a row's positions. */
    GreedyTokens greedyTokens() {
        return screened.isPresent() ? new ScreenedTokens(this, head.dModel()) : new GreedySteps(this);
    }

    /**
     * Finds the most likely next token of each state by products in bf16; empty where these leave it open for one.
     *
     * @param found as {@link #next} takes it
     * @param elements the same, row by row
     */
    Optional<int[]> screen(TFloat32 found, float[] elements) {
        Screened by = screened.orElseThrow();
        try (Feed feed = new Feed(session)) {
            feed.runner().feed(states, found);
            by.tokens().fetch(feed.runner());
            try (Result result = feed.runner().run()) {
                List<Found> candidates = LargestOfBlocks.read(result);
                int[] mostLikely = new int[candidates.size()];
                for (int state = 0; state < mostLikely.length; state++) {
                    OptionalInt proved = by.screening().mostLikely(elements, state, candidates.get(state));
                    if (proved.isEmpty()) {
                        return Optional.empty();
                    }
                    mostLikely[state] = proved.getAsInt();
                }
                return Optional.of(mostLikely);
            }
        }
    }

    /**
     * Finds the next token of some states.
     *
     * @param found final states of the decoder, scaled as the family does, [N, D]
     * @param best how many of the most likely tokens are wanted, at most V
     * @param wantLogits whether all logits are wanted
     */
    Step next(TFloat32 found, int best, boolean wantLogits) {
        if (precision != Precision.FP32 && !wantLogits) {
            Step rough = run(prepared, found, Math.min(best + SPARE, head.vocabSize()), false);
            return new Refinement(head, Tensors.array(found)).refine(rough, best);
        }
        boolean isPrepared = precision == Precision.FP32 && found.shape().get(0) <= FusedProducts.FEW_ROWS;
        return run(isPrepared ? prepared : other, found, best, wantLogits);
    }

    private Step run(NextToken tokens, TFloat32 found, int best, boolean wantLogits) {
        try (Feed feed = new Feed(session)) {
            feed.runner().feed(states, found);
            tokens.fetch(feed, best, wantLogits);
            try (Result result = feed.runner().run()) {
                return NextToken.read(result, 0, wantLogits);
            }
        }
    }

    @Override
    public void close() {
        session.close();
        graph.close();
    }
}
