package dev.squadron.seq2seq.graph;

import dev.squadron.seq2seq.ModelConfig;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** A pass over whole label sequences, in which the decoder is given the label before the one that it has to guess. */
public final class TeacherForcing {
    private final ModelConfig config;
    private final EncoderDecoderGraph model;

    /** Rows of the padded decoder that stand before a label, [n]. */
    private final Placeholder<TInt32> positions;

    private final Operand<TFloat32> states;

    /** Builds encoder and decoder. */
    public TeacherForcing(ModelConfig config, EncoderDecoderGraph model) {
        this(config, model, model.encoder());
    }

    /** @param encoded what {@link EncoderDecoderGraph#encoder} gave */
    TeacherForcing(ModelConfig config, EncoderDecoderGraph model, Operand<TFloat32> encoded) {
        this.config = config;
        this.model = model;
        positions = model.tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1)));
        states = model.tf.gather(model.teacherForcedDecoder(encoded), positions, model.tf.constant(0));
    }

    /**
     * Returns the decoder's final state of each label position, the examples' labels one after the other, after the last norm
     * and before the scale of tied models: [n, d_model].
     */
    public Operand<TFloat32> states() {
        return states;
    }

    /** Feeds a batch; both ragged, one row an example. */
    public void feed(Feed feed, int[][] inputIds, int[][] labelIds) {
        model.feedInputs(feed, Padded.of(inputIds, config.padTokenId()));
        int[][] decoderIds = Arrays.stream(labelIds).map(this::shiftRight).toArray(int[][]::new);
        Padded labels = Padded.of(decoderIds, config.padTokenId());
        model.feedDecoder(feed, labels);
        int[] rows = IntStream.range(0, labels.ids().length)
                .filter(i -> labels.mask()[i] == 1)
                .toArray();
        feed.ints(positions, rows, rows.length);
    }

    private int[] shiftRight(int[] labels) {
        int[] shifted = new int[labels.length];
        shifted[0] = config.decoderStartTokenId();
        System.arraycopy(labels, 0, shifted, 1, labels.length - 1);
        return shifted;
    }
}
