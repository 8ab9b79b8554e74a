package dev.squadron.seq2seq.graph;

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

    /**
     * What a step looks back to, as it was computed.
     *
     * @param inputs keys and values of the inputs
     * @param past what the step before has left behind
     */
    record Memory(List<Tensor> inputs, List<Tensor> past) implements AutoCloseable {
        @Override
        public void close() {
            inputs.forEach(Tensor::close);
            past.forEach(Tensor::close);
        }
    }

    /** What a step has found, and what the next one looks back to. */
    record Taken<T>(T found, List<Tensor> past) {}

    /**
     * Takes a step, and finds the states from which the next tokens come, scaled for the head, [places, D].
     *
     * @param feed has the tokens and the mask of the inputs
     * @param places in the step whose next token is wanted
     */
    Taken<TFloat32> states(Feed feed, Memory memory, int[] places) {
        feed(feed, memory, places);
        feed.runner().fetch(states);
        List<Tensor> all = Tensors.all(feed.runner().run());
        int grown = cache.grown.size();
        return new Taken<>((TFloat32) all.get(grown), all.subList(0, grown));
    }

    /**
     * Takes a step, and finds the next tokens.
     *
     * @param feed has the tokens and the mask of the inputs
     * @param places in the step whose next token is wanted
     * @param head of some rows
     */
    Taken<Step> next(Feed feed, Memory memory, int[] places, Head head, int best, boolean wantLogits) {
        feed(feed, memory, places);
        someTokens.fetch(feed, head, best, wantLogits);
        Result result = feed.runner().run();
        int grown = cache.grown.size();
        try {
            Step found = NextToken.read(result, grown, wantLogits);
            return new Taken<>(
                    found, IntStream.range(0, grown).mapToObj(result::get).toList());
        } finally {
            IntStream.range(grown, result.size()).mapToObj(result::get).forEach(Tensor::close);
        }
    }

    private void feed(Feed feed, Memory memory, int[] places) {
        feed.ints(asked, places, places.length);
        feedMemory(feed.runner(), memory);
        cache.grown.forEach(feed.runner()::fetch);
    }

    /** Returns the same memory in one where it is in parts, and in parts where it is in one. */
    Memory exchange(Session.Runner runner, Memory memory) {
        feedMemory(runner, memory);
        exchanged.forEach(runner::fetch);
        cache.exchanged.forEach(runner::fetch);
        List<Tensor> all = Tensors.all(runner.run());
        return new Memory(all.subList(0, exchanged.size()), all.subList(exchanged.size(), all.size()));
    }

    private void feedMemory(Session.Runner runner, Memory memory) {
        for (int i = 0; i < fedInputs.size(); i++) {
            runner.feed(fedInputs.get(i), memory.inputs().get(i));
        }
        cache.feed(runner, memory.past());
    }
}
