package dev.squadron.seq2seq.graph;

import dev.squadron.seq2seq.Execution;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.generation.Decoder.Step;
import java.util.List;
import java.util.stream.IntStream;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** A step of the decoder in a graph: the last tokens, what they look back to, and what comes next. */
final class DecoderStep {
    /** Takes the tokens and the mask of the inputs. */
    final EncoderDecoderGraph model;

    /** What the positions so far leave behind. */
    final KeyValueCache cache;

    /** Keys and values of the inputs, as a run over them gives them. */
    final List<Operand<?>> inputs;

    /** Whether keys and values are in parts. */
    final boolean isInParts;

    /** Where they are fed. */
    private final List<Operand<?>> fedInputs;

    /** They in one where they are in parts, and in parts where they are in one. */
    private final List<Operand<?>> exchanged;

    /** The places in the step whose next token is wanted, [N]. */
    private final Placeholder<TInt32> asked;

    /** Their states, scaled for the head, [N, D]. */
    private final Operand<TFloat32> states;

    private final SomeTokens someTokens;

    /**
     * @param model is this step's own
     * @param crossKeysValues what {@link EncoderDecoderGraph#crossKeysValues} gave
     * @param parts in how many parts keys and values are, where they are in parts
     */
    DecoderStep(
            Ops tf, ModelConfig config, EncoderDecoderGraph model, List<Operand<TFloat32>> crossKeysValues, int parts) {
        this.model = model;
        inputs = Parts.asComputed(crossKeysValues);
        isInParts = crossKeysValues.get(0) instanceof Parts;
        List<Operand<TFloat32>> fed = crossKeysValues.stream()
                .map(each -> Parts.map(tf, each, part -> Narrow.placeholder(tf, part, Shape.of(-1, -1, -1, -1))))
                .toList();
        fedInputs = Parts.asComputed(fed);
        cache = new KeyValueCache(tf, parts);
        asked = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1)));
        Operand<TFloat32> all = model.decoderStep(fed, cache);
        states = tf.math.mul(tf.gather(all, asked, tf.constant(0)), tf.constant(config.headScale()));
        someTokens = new SomeTokens(tf, config, states);
        exchanged = Parts.asComputed(
                fed.stream().map(each -> Parts.exchange(tf, each, parts)).toList());
    }

    /** What a step has found, and what the next one looks back to. */
    record Taken(Step found, List<Tensor> past) {}

    /**
     * Takes a step.
     *
     * @param feed has the tokens and the mask of the inputs
     * @param inputs their keys and values, as they were computed
     * @param past what the step before has left behind
     * @param places in the step whose next token is wanted
     * @param how a whole head is multiplied
     */
    Taken take(
            Feed feed,
            List<Tensor> inputs,
            List<Tensor> past,
            int[] places,
            Head head,
            Execution how,
            int best,
            boolean wantLogits) {
        feed.ints(asked, places, places.length);
        Session.Runner runner = feed.runner();
        feedMemory(runner, inputs, past);
        cache.grown.forEach(runner::fetch);
        int grown = cache.grown.size();
        if (head.hasSomeRows()) {
            someTokens.fetch(feed, head, best, wantLogits);
        } else {
            runner.fetch(states);
        }
        Result result = runner.run();
        try {
            Step found = head.hasSomeRows()
                    ? NextToken.read(result, grown, wantLogits)
                    : head.frozen(how).next((TFloat32) result.get(grown), best, wantLogits);
            return new Taken(
                    found, IntStream.range(0, grown).mapToObj(result::get).toList());
        } finally {
            IntStream.range(grown, result.size()).mapToObj(result::get).forEach(Tensor::close);
        }
    }

    /** Returns what {@link #take} looks back to, the inputs and then the past, in one where it is in parts, and in parts where it is in one. */
    List<Tensor> exchange(Session.Runner runner, List<Tensor> inputs, List<Tensor> past) {
        feedMemory(runner, inputs, past);
        exchanged.forEach(runner::fetch);
        cache.exchanged.forEach(runner::fetch);
        return Tensors.all(runner.run());
    }

    private void feedMemory(Session.Runner runner, List<Tensor> keysValues, List<Tensor> past) {
        for (int i = 0; i < fedInputs.size(); i++) {
            runner.feed(fedInputs.get(i), keysValues.get(i));
        }
        cache.feed(runner, past);
    }
}
