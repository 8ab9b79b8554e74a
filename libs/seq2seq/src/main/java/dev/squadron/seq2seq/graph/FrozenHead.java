package dev.squadron.seq2seq.graph;

import static org.tensorflow.op.core.Placeholder.shape;

import dev.squadron.seq2seq.Devices;
import dev.squadron.seq2seq.Execution;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.Precision;
import dev.squadron.seq2seq.generation.Decoder.Step;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 * <p>In bf16 the prepared products only find out which tokens come into question; the logits of these are computed in fp32.
 */
public final class FrozenHead implements AutoCloseable {
    /** So many tokens more than are wanted come into question. */
    private static final int SPARE = 15;

    private final Head head;
    private final Graph graph = new Graph();
    private final Ops tf;
    private final Map<Placeholder<TFloat32>, TFloat32> given = new LinkedHashMap<>();
    private final List<Op> assignments = new ArrayList<>();
    private final Placeholder<TFloat32> states;
    private final boolean narrow;

    /** In fp32 for few rows, in bf16 for any. */
    private final NextToken prepared;

    /** In fp32 for many rows, in bf16 for exact logits. */
    private final NextToken other;

    private final Session session;

    private FrozenHead(Head head, Execution how) {
        this.head = head;
        narrow = how.precision() == Precision.BF16;
        tf = Ops.create(graph).withDevice(how.devices().specs().get(0));
        states = tf.placeholder(TFloat32.class, shape(Shape.of(-1, head.dModel())));
        boolean fuses = how.devices().kind() == Devices.Kind.CPU && FusedProducts.areAvailable(how.precision());
        Products products = fuses ? new FusedProducts(tf) : new PlainProducts(tf);
        Optional<Operand<TFloat32>> bias = head.bias().map(values -> keep(give(values), TFloat32.class));
        List<Operand<TFloat32>> preparedLogits = new ArrayList<>();
        List<Operand<TFloat32>> otherLogits = new ArrayList<>();
        for (TFloat32 block : head.blocks()) {
            Placeholder<TFloat32> rows = give(block);
            Operand<TFloat32> kept = keep(rows, TFloat32.class);
            if (narrow) {
                Operand<TBfloat16> rounded = keep(Narrow.value(tf, rows), TBfloat16.class);
                Operand<TBfloat16> product = products.multiply(Narrow.value(tf, states), rounded);
                preparedLogits.add(tf.dtypes.cast(product, TFloat32.class));
                otherLogits.add(tf.linalg.matMul(states, kept, MatMul.transposeB(true)));
            } else {
                preparedLogits.add(products.multiply(states, kept));
                otherLogits.add(products.multiply(states, kept));
            }
        }
        prepared = nextToken(preparedLogits, bias);
        other = nextToken(otherLogits, bias);
        session = new Session(graph, how.devices().session(how.threads()));
    }

    /** Brings a head to where it will be multiplied, and prepares it. */
    public static FrozenHead open(Head head, Execution how) {
        FrozenHead frozen = new FrozenHead(head, how);
        try (TFloat32 nothing = Tensors.zeros(1, head.dModel())) {
            frozen.assign();
            frozen.next(nothing, 1, false);
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

    private NextToken nextToken(List<Operand<TFloat32>> blocks, Optional<Operand<TFloat32>> bias) {
        Operand<TFloat32> logits = blocks.size() == 1 ? blocks.get(0) : tf.concat(blocks, tf.constant(1));
        return new NextToken(
                tf,
                bias.<Operand<TFloat32>>map(values -> tf.math.add(logits, values))
                        .orElse(logits));
    }

    private void assign() {
        Session.Runner runner = session.runner();
        given.forEach(runner::feed);
        assignments.forEach(runner::addTarget);
        runner.run().close();
    }

    /**
     * Finds the next token of some states.
     *
     * @param found final states of the decoder, scaled as the family does, [N, D]
     * @param best how many of the most likely tokens are wanted, at most V
     * @param wantLogits whether all logits are wanted
     */
    Step next(TFloat32 found, int best, boolean wantLogits) {
        boolean isPrepared = narrow ? !wantLogits : found.shape().get(0) <= FusedProducts.FEW_ROWS;
        boolean refines = narrow && isPrepared;
        try (Feed feed = new Feed(session)) {
            feed.runner().feed(states, found);
            (isPrepared ? prepared : other)
                    .fetch(feed, refines ? Math.min(best + SPARE, head.vocabSize()) : best, wantLogits);
            try (Result result = feed.runner().run()) {
                Step step = NextToken.read(result, 0, wantLogits);
                return refines ? new Refinement(head, Tensors.array(found)).refine(step, best) : step;
            }
        }
    }

    @Override
    public void close() {
        session.close();
        graph.close();
    }
}
