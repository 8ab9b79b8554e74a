package dev.squadron.seq2seq.training.backbone;

import dev.squadron.seq2seq.ModelException;
import dev.squadron.seq2seq.Precision;
import dev.squadron.seq2seq.graph.Layers;
import dev.squadron.seq2seq.lora.LoraConfig;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.VarHandleOp;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * Layers of which some weights learn. What learns is read once, so that one gradient belongs to it wherever it is used, and is
 * looked up in what was read; what stays is looked up in its variable, of which TensorFlow knows no gradient.
 *
 * <p>Dropout is a function of the key that is fed and of the place: equal keys give equal masks (Salmon et al., “Parallel Random
 * Numbers: As Easy as 1, 2, 3”, 2011), whatever was computed before.
 */
final class TrainingLayers implements Layers {
    private static final long PLACE = 0x9E3779B97F4A7C15L;

    private final Ops tf;
    private final Ops shared;
    private final TrainablePart part;
    private final double dropout;
    private final Precision precision;
    private final Map<String, VarHandleOp> handles = new LinkedHashMap<>();
    private final Map<String, Operand<TFloat32>> values = new LinkedHashMap<>();
    private long places;

    /** The run's seed and the number of the pass, [2]. */
    final Placeholder<TInt64> key;

    /** 1 where dropout acts, 0 where it does not. */
    final Placeholder<TFloat32> dropoutActs;

    /**
     * @param tf makes operations where the pass is computed
     * @param shared makes operations where the weights that learn are kept
     * @param dropout probability of an element to become 0
     * @param precision of the products
     */
    TrainingLayers(Ops tf, Ops shared, TrainablePart part, double dropout, Precision precision) {
        this.tf = tf;
        this.shared = shared;
        this.part = part;
        this.dropout = dropout;
        this.precision = precision;
        key = tf.placeholder(TInt64.class, Placeholder.shape(Shape.of(2)));
        dropoutActs = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
    }

    /** Returns whether there is any dropout. */
    boolean hasDropout() {
        return places > 0;
    }

    @Override
    public Ops tf() {
        return tf;
    }

    @Override
    public Operand<TFloat32> weight(String name) {
        return values.computeIfAbsent(
                name, key -> (part.learns(name) ? shared : tf).readVariableOp(handle(name), TFloat32.class));
    }

    @Override
    public Operand<TFloat32> lookUp(String weight, Operand<TInt32> ids) {
        if (part.loraOf(weight).isPresent()) {
            throw new ModelException(
                    weight + " is looked up, and LoRA adapts what multiplies; take it out of target_modules.");
        }
        return part.learns(weight)
                ? tf.gather(weight(weight), ids, tf.constant(0))
                : tf.resourceGather(handle(weight), ids, TFloat32.class);
    }

    @Override
    public Operand<TFloat32> multiply(Operand<TFloat32> x, String weight) {
        Operand<TFloat32> product = product(x, weight);
        Optional<LoraConfig> lora = part.loraOf(weight);
        if (lora.isEmpty()) {
            return product;
        }
        Operand<TFloat32> reduced = product(dropout(x, lora.get().dropout()), LoraConfig.a(weight)); // [n, rank]
        Operand<TFloat32> change = product(reduced, LoraConfig.b(weight));
        return tf.math.add(
                product, tf.math.mul(change, tf.constant((float) lora.get().scaling())));
    }

    @Override
    public Operand<TFloat32> dropout(Operand<TFloat32> x) {
        return dropout(x, dropout);
    }

    private Operand<TFloat32> product(Operand<TFloat32> x, String weight) {
        return switch (precision) {
            case FP32 -> tf.linalg.matMul(x, weight(weight), MatMul.transposeB(true));
            case BF16 -> product(x, weight, TBfloat16.class);
            case FP16 -> product(x, weight, TFloat16.class);
            case INT8 -> throw new IllegalStateException("int8 is for frozen models");
        };
    }

    private <T extends TFloating> Operand<TFloat32> product(Operand<TFloat32> x, String weight, Class<T> type) {
        Operand<T> product = tf.linalg.matMul(
                tf.dtypes.cast(x, type), tf.dtypes.cast(weight(weight), type), MatMul.transposeB(true));
        return tf.dtypes.cast(product, TFloat32.class);
    }

    /** Srivastava et al., “Dropout: A Simple Way to Prevent Neural Networks from Overfitting”, 2014. */
    private Operand<TFloat32> dropout(Operand<TFloat32> x, double probability) {
        if (probability == 0) {
            return x;
        }
        places++;
        Operand<TInt64> placed = tf.math.add(key, tf.constant(new long[] {places * PLACE, 0}));
        Operand<TFloat32> drawn = tf.random.statelessRandomUniform(tf.shape(x), placed, TFloat32.class);
        Operand<TFloat32> acting = tf.math.mul(dropoutActs, tf.constant((float) probability));
        Operand<TFloat32> kept = tf.dtypes.cast(tf.math.greaterEqual(drawn, acting), TFloat32.class);
        return tf.math.mul(x, tf.math.div(kept, tf.math.sub(tf.constant(1f), acting)));
    }

    private VarHandleOp handle(String name) {
        return handles.computeIfAbsent(name, key -> {
            boolean learns = part.learns(name);
            long[] shape = (learns ? part.learning() : part.frozen()).get(name);
            return (learns ? shared : tf).varHandleOp(TFloat32.class, Shape.of(shape), VarHandleOp.sharedName(name));
        });
    }
}
