package dev.squadron.seq2seq.graph;

import dev.squadron.contracts.safetensors.TensorView;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.Precision;
import dev.squadron.seq2seq.Weights;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.AssignVariableOp;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.VarHandleOp;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * The weights of a backbone, which stay as they were loaded: matrices in the model's precision, vectors in fp32. They live in resource
 * variables: as constants they would be copied into the graph, slowly, and could not exceed 2 GB.
 */
final class FrozenWeights {
    private static final int ROWS = 0;
    private static final int COLUMNS = 1;

    private record Weight<T extends TFloating>(
            VarHandleOp handle, Operand<T> value, Placeholder<T> fed, AssignVariableOp assign) {
        static <T extends TFloating> Weight<T> of(Ops tf, Class<T> type, String name, long[] shape) {
            VarHandleOp handle = tf.varHandleOp(type, Shape.of(shape), VarHandleOp.sharedName(name));
            Placeholder<T> fed = tf.placeholder(type, Placeholder.shape(Shape.of(shape)));
            return new Weight<>(handle, tf.readVariableOp(handle, type), fed, tf.assignVariableOp(handle, fed));
        }
    }

    /** Some rows or columns of a weight. On the processor rows stay where they are, and columns are copied. */
    private final class Part<T extends TFloating> {
        private final String name;
        private final Operand<T> cut;
        private final boolean hasRows;
        private Operand<T> copy;

        Part(String name, Operand<T> cut, boolean hasRows) {
            this.name = name;
            this.cut = cut;
            this.hasRows = hasRows;
        }

        Operand<T> value() {
            if (hasRows) {
                return cut;
            }
            if (copy == null) {
                VarHandleOp handle = tf.varHandleOp(cut.type(), cut.shape(), VarHandleOp.sharedName(name));
                copies.add(tf.assignVariableOp(handle, cut));
                copy = tf.readVariableOp(handle, cut.type());
            }
            return copy;
        }
    }

    private final Ops tf;
    private final Map<String, Weight<TFloat32>> wide = new LinkedHashMap<>();
    private final Map<String, Weight<TBfloat16>> narrow = new LinkedHashMap<>();

    /** Parts of weights by names of their own. */
    private final Map<String, Part<TFloat32>> wideParts = new HashMap<>();

    private final Map<String, Part<TBfloat16>> narrowParts = new HashMap<>();

    /** Weights and parts in int8. */
    private final Map<String, QuantizedWeight> quantized = new HashMap<>();

    /** Make copies of weights that have their values: columns, and matrices in int8. */
    private final List<Op> copies = new ArrayList<>();

    /** @param shapes of all weights, by name */
    FrozenWeights(Ops tf, Map<String, long[]> shapes, Precision precision) {
        this.tf = tf;
        shapes.forEach((name, shape) -> {
            if (isNarrow(shape, precision)) {
                narrow.put(name, Weight.of(tf, TBfloat16.class, name, shape));
            } else {
                wide.put(name, Weight.of(tf, TFloat32.class, name, shape));
            }
        });
    }

    private static boolean isNarrow(long[] shape, Precision precision) {
        return precision == Precision.BF16 && shape.length > 1;
    }

    /** Returns whether a weight, or a part, is kept in bf16. */
    boolean isNarrow(String name) {
        return narrow.containsKey(name) || narrowParts.containsKey(name);
    }

    /** Returns a weight, or a part, that is kept in fp32. */
    Operand<TFloat32> wide(String name) {
        Part<TFloat32> part = wideParts.get(name);
        return part == null ? find(wide, name).value() : part.value();
    }

    /** Returns a weight, or a part, that is kept in bf16. */
    Operand<TBfloat16> narrow(String name) {
        Part<TBfloat16> part = narrowParts.get(name);
        return part == null ? find(narrow, name).value() : part.value();
    }

    /** Returns a matrix, or a part, in int8, in which it is kept, too. */
    QuantizedWeight quantized(String name) {
        return quantized.computeIfAbsent(name, key -> {
            Operand<TFloat32> matrix = isNarrow(name)
                    ? tf.dtypes.cast(uncopied(narrow, narrowParts, name), TFloat32.class)
                    : uncopied(wide, wideParts, name);
            return QuantizedWeight.keep(tf, matrix, name, copies::add);
        });
    }

    private <T extends TFloating> Operand<T> uncopied(
            Map<String, Weight<T>> weights, Map<String, Part<T>> parts, String name) {
        Part<T> part = parts.get(name);
        return part == null ? find(weights, name).value() : part.cut;
    }

    /** Returns how many rows a weight has. */
    long countRows(String name) {
        return (isNarrow(name) ? narrow(name) : wide(name)).shape().get(ROWS);
    }

    /** Returns the name of a part of the rows of a weight. */
    String rows(String name, int part, int count) {
        return count == 1 ? name : part(name, ROWS, part, count);
    }

    /** Returns the name of a part of the columns of a matrix. */
    String columns(String name, int part, int count) {
        return part(name, COLUMNS, part, count);
    }

    private String part(String name, int axis, int part, int count) {
        String wanted = partName(name, axis, part, count);
        if (!narrowParts.containsKey(wanted) && !wideParts.containsKey(wanted)) {
            if (isNarrow(name)) {
                cut(name, narrow(name), axis, count, narrowParts);
            } else {
                cut(name, wide(name), axis, count, wideParts);
            }
        }
        return wanted;
    }

    private static String partName(String name, int axis, int part, int count) {
        return name + (axis == ROWS ? ".rows." : ".columns.") + part + ".of." + count;
    }

    private <T extends TFloating> void cut(
            String name, Operand<T> weight, int axis, int count, Map<String, Part<T>> parts) {
        List<Output<T>> cut = tf.split(tf.constant(axis), weight, (long) count).output();
        for (int part = 0; part < count; part++) {
            String made = partName(name, axis, part, count);
            parts.put(made, new Part<>(made, cut.get(part), axis == ROWS));
        }
    }

    /** Returns the handle of a weight, to gather from it. */
    VarHandleOp handle(String name) {
        return isNarrow(name) ? find(narrow, name).handle() : find(wide, name).handle();
    }

    /**
     * Returns the weights as they are stored, by name.
     *
     * @throws dev.squadron.seq2seq.ModelException naming all that are missing, or the first that has another shape
     */
    static Map<String, TensorView> sources(ModelConfig config, Weights files) {
        files.require(config.weights().keySet().stream()
                .map(name -> config.nameIn(files, name))
                .toList());
        Map<String, TensorView> sources = new LinkedHashMap<>();
        config.weights().forEach((name, shape) -> sources.put(name, files.tensor(config.nameIn(files, name), shape)));
        return sources;
    }

    /**
     * Returns the weights' values, which can be assigned to several sessions. The caller closes them, and keeps the sources reachable
     * as long as there is a session.
     */
    static Map<String, Tensor> read(Map<String, TensorView> sources, Precision precision) {
        Map<String, Tensor> values = new LinkedHashMap<>();
        sources.forEach((name, source) -> {
            long[] shape = source.shape().stream().mapToLong(Long::longValue).toArray();
            values.put(name, isNarrow(shape, precision) ? StoredTensors.bf16(source) : StoredTensors.fp32(source));
        });
        return values;
    }

    /** Gives the weights their values, which are shared and not copied, in one run: a first run of its kind is slow. */
    void assign(Session session, Map<String, Tensor> values) {
        Session.Runner runner = session.runner();
        List<Weight<?>> all = new ArrayList<>(wide.values());
        wide.forEach((name, weight) -> runner.feed(weight.fed(), values.get(name)));
        narrow.forEach((name, weight) -> runner.feed(weight.fed(), values.get(name)));
        all.addAll(narrow.values());
        all.forEach(weight -> runner.addTarget(weight.assign()));
        runner.run().close();
        if (!copies.isEmpty()) {
            Session.Runner second = session.runner();
            copies.forEach(second::addTarget);
            second.run().close();
        }
    }

    private <T extends TFloating> Weight<T> find(Map<String, Weight<T>> weights, String name) {
        Weight<T> weight = weights.get(name);
        if (weight == null) {
            throw new IllegalArgumentException("There is no weight " + name);
        }
        return weight;
    }
}
