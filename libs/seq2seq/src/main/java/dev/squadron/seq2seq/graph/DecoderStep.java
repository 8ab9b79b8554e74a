package dev.squadron.seq2seq.graph;

import dev.squadron.seq2seq.Execution;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.generation.Decoder.Step;
import java.util.ArrayList;
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
    /** What the positions so far leave behind. */
    final KeyValueCache cache;

    private final List<Operand<TFloat32>> crossKeysValues = new ArrayList<>();

    /** The places in the step whose next token is wanted, [N]. */
    private final Placeholder<TInt32> asked;

    /** Their states, scaled for the head, [N, D]. */
    private final Operand<TFloat32> states;

    private final SomeTokens someTokens;

    /** @param inputs what {@link EncoderDecoderGraph#crossKeysValues} gave */
    DecoderStep(Ops tf, ModelConfig config, EncoderDecoderGraph model, List<Operand<TFloat32>> inputs) {
        inputs.forEach(each -> crossKeysValues.add(Narrow.placeholder(tf, each, Shape.of(-1, -1, -1, -1))));
        cache = new KeyValueCache(tf);
        asked = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1)));
        Operand<TFloat32> all = model.decoderStep(crossKeysValues, cache);
        states = tf.math.mul(tf.gather(all, asked, tf.constant(0)), tf.constant(config.headScale()));
        someTokens = new SomeTokens(tf, config, states);
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
            Result inputs,
            List<Tensor> past,
            int[] places,
            Head head,
            Execution how,
            int best,
            boolean wantLogits) {
        feed.ints(asked, places, places.length);
        Session.Runner runner = feed.runner();
        for (int i = 0; i < crossKeysValues.size(); i++) {
            runner.feed(Narrow.asComputed(crossKeysValues.get(i)), inputs.get(i));
        }
        cache.feed(runner, past);
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
}
