package dev.squadron.seq2seq.training;

import dev.squadron.contracts.safetensors.DType;
import dev.squadron.contracts.safetensors.SafetensorsFile;
import dev.squadron.contracts.safetensors.SafetensorsWriter;
import dev.squadron.contracts.safetensors.SafetensorsWriter.Source;
import dev.squadron.contracts.safetensors.TensorView;
import dev.squadron.seq2seq.ModelException;
import dev.squadron.seq2seq.graph.Tensors;
import dev.squadron.seq2seq.graph.Variables;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.tensorflow.Session;

/**
 * All that a trainer remembers between updates, as a safetensors file: what learns and the optimiser's slots by their names, and
 * how many updates were made. With it training goes on as if it had never stopped.
 */
public final class TrainingState {
    private static final String STEP = "step";

    private TrainingState() {}

    /** Writes the variables of a session after {@code step} updates, a few at a time. */
    public static void save(Path file, long step, Variables variables, Session session) throws IOException {
        SortedMap<String, long[]> shapes = new TreeMap<>(variables.shapes());
        Function<String, TensorView> reader = variables.reader(session, shapes.keySet());
        List<Source> tensors = new ArrayList<>();
        shapes.forEach(
                (name, shape) -> tensors.add(new Source(name, DType.F32, boxed(shape), () -> reader.apply(name))));
        tensors.add(Source.of(SafetensorsWriter.longs(STEP, List.of(), new long[] {step})));
        SafetensorsWriter.stream(file, tensors, Map.of());
    }

    /**
     * Gives the variables of a session the values that {@link #save} wrote, and returns how many updates were made.
     *
     * @throws ModelException where the file is of another kind of training; nothing has changed then
     */
    public static long restore(Path file, Variables variables, Session session) throws IOException {
        SafetensorsFile saved = SafetensorsFile.open(file);
        Map<String, long[]> shapes = variables.shapes();
        shapes.forEach((name, shape) -> {
            TensorView tensor = saved.tensors().get(name);
            if (tensor == null || !tensor.shape().equals(boxed(shape))) {
                throw new ModelException("The state " + file + " has " + (tensor == null ? "no" : "another")
                        + " tensor " + name
                        + "; it was saved by a run that trains something else, or with another optimizer.");
            }
        });
        variables.assign(session, shapes.keySet(), name -> Tensors.of(saved.tensor(name)));
        return saved.tensor(STEP).longs()[0];
    }

    private static List<Long> boxed(long[] shape) {
        return Arrays.stream(shape).boxed().toList();
    }
}
