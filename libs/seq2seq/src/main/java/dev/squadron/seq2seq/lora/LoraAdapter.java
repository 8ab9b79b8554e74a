package dev.squadron.seq2seq.lora;

import dev.squadron.contracts.safetensors.SafetensorsWriter;
import dev.squadron.contracts.safetensors.TensorView;
import dev.squadron.seq2seq.ChangedWeights;
import dev.squadron.seq2seq.ModelConfig;
import dev.squadron.seq2seq.Weights;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * What LoRA learned: a small change of some matrices of a model, kept apart from the model.
 *
 * @param config its rank, scale and targets
 * @param changes the change of each adapted weight, by the weight's name
 */
public record LoraAdapter(LoraConfig config, SortedMap<String, Change> changes) {

    /**
     * The change of a matrix, scaling · B · A.
     *
     * @param in columns of the matrix
     * @param out its rows
     * @param a [rank, in] row by row
     * @param b [out, rank] row by row
     */
    public record Change(int in, int out, float[] a, float[] b) {
        /** Returns {@code weights}, [out, in] row by row, with the change. */
        private float[] on(float[] weights, int rank, double scaling) {
            float[] merged = weights.clone();
            for (int row = 0; row < out; row++) {
                for (int column = 0; column < in; column++) {
                    double sum = 0;
                    for (int i = 0; i < rank; i++) {
                        sum += (double) b[row * rank + i] * a[i * in + column];
                    }
                    merged[row * in + column] += (float) (scaling * sum);
                }
            }
            return merged;
        }
    }

    public LoraAdapter {
        changes = Collections.unmodifiableSortedMap(new TreeMap<>(changes));
    }

    /** Returns the weights of a model with the changes merged in; one matrix at a time is computed, when it is asked for. */
    public Weights on(ModelConfig model, Weights base) {
        Map<String, Supplier<TensorView>> merged = new HashMap<>();
        changes.forEach((name, change) -> merged.put(name, () -> {
            long[] shape = {change.out(), change.in()};
            float[] weights = base.tensor(model.nameIn(base, name), shape).floats();
            return SafetensorsWriter.floats(
                    name, List.of(shape[0], shape[1]), change.on(weights, config.rank(), config.scaling()));
        }));
        return new ChangedWeights(base, merged);
    }

    /** Returns an adapter that changes nothing yet: A is drawn as PEFT does, uniformly within ±1/√in, and B is zero. */
    public static LoraAdapter initial(LoraConfig config, ModelConfig model, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        SortedMap<String, Change> changes = new TreeMap<>();
        config.adapted(model).forEach((name, shape) -> {
            int out = Math.toIntExact(shape[0]);
            int in = Math.toIntExact(shape[1]);
            float[] a = new float[config.rank() * in];
            double bound = 1 / Math.sqrt(in);
            for (int i = 0; i < a.length; i++) {
                a[i] = (float) ((2 * random.nextDouble() - 1) * bound);
            }
            changes.put(name, new Change(in, out, a, new float[out * config.rank()]));
        });
        return new LoraAdapter(config, changes);
    }

    /**
     * Returns an adapter.
     *
     * @param matrices gives a matrix by its shape and the name that {@link LoraConfig#a} or {@link LoraConfig#b} gives it
     */
    public static LoraAdapter of(
            LoraConfig config, ModelConfig model, BiFunction<String, List<Long>, TensorView> matrices) {
        long rank = config.rank();
        SortedMap<String, Change> changes = new TreeMap<>();
        config.adapted(model).forEach((name, shape) -> {
            TensorView a = matrices.apply(LoraConfig.a(name), List.of(rank, shape[1]));
            TensorView b = matrices.apply(LoraConfig.b(name), List.of(shape[0], rank));
            changes.put(name, new Change(Math.toIntExact(shape[1]), Math.toIntExact(shape[0]), a.floats(), b.floats()));
        });
        return new LoraAdapter(config, changes);
    }

    /** Returns all A and B, by the names that {@link LoraConfig#a} and {@link LoraConfig#b} give them. */
    public SortedMap<String, TensorView> matrices() {
        SortedMap<String, TensorView> matrices = new TreeMap<>();
        long rank = config.rank();
        changes.forEach((name, change) -> {
            String a = LoraConfig.a(name);
            String b = LoraConfig.b(name);
            matrices.put(a, SafetensorsWriter.floats(a, List.of(rank, (long) change.in()), change.a()));
            matrices.put(b, SafetensorsWriter.floats(b, List.of((long) change.out(), rank), change.b()));
        });
        return matrices;
    }
}
