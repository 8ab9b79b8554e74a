package dev.squadron.checkpoints.features;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.squadron.checkpoints.store.StoreException;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.safetensors.SafetensorsFile;
import dev.squadron.contracts.safetensors.SafetensorsWriter;
import dev.squadron.contracts.safetensors.TensorView;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The features of some examples of one partition: a safetensors file, mapped rather than read.
 *
 * @param dModel width of a state
 * @param states final decoder states, [positions, d_model] row by row
 * @param labels the label id of each position, [positions]
 * @param firstPosition where each example begins, and at last the number of positions, [examples + 1]
 * @param offsets the offset of each example's record, [examples]
 * @param questions what validation needs besides: one for each example of the validation split, null for the others
 */
public record FeatureShard(
        int dModel, FloatBuffer states, int[] labels, int[] firstPosition, long[] offsets, List<Question> questions) {

    /**
     * A question of the validation split.
     *
     * @param recordId its record
     * @param inputIds its input
     * @param answers its reference answers; none where it is impossible
     */
    public record Question(String recordId, List<Integer> inputIds, List<String> answers) {}

    private static final TypeReference<List<Question>> QUESTIONS = new TypeReference<>() {};

    /** Returns the number of examples. */
    public int examples() {
        return offsets.length;
    }

    /** Writes the shard; equal shards give equal bytes. */
    public void write(Path file) throws IOException {
        float[] copy = new float[states.capacity()];
        states.duplicate().rewind().get(copy);
        SafetensorsWriter.write(
                file,
                List.of(
                        SafetensorsWriter.floats("states", List.of((long) labels.length, (long) dModel), copy),
                        SafetensorsWriter.ints("labels", List.of((long) labels.length), labels),
                        SafetensorsWriter.ints("first_position", List.of((long) firstPosition.length), firstPosition),
                        SafetensorsWriter.longs("offsets", List.of((long) offsets.length), offsets)),
                Map.of("questions", ContractJson.mapper().writeValueAsString(questions)));
    }

    /** Opens what {@link #write} wrote. */
    public static FeatureShard open(Path file) {
        try {
            SafetensorsFile tensors = SafetensorsFile.open(file);
            TensorView states = tensors.tensor("states");
            return new FeatureShard(
                    Math.toIntExact(states.shape().get(1)),
                    states.data().asFloatBuffer(),
                    ints(tensors.tensor("labels")),
                    ints(tensors.tensor("first_position")),
                    tensors.tensor("offsets").longs(),
                    ContractJson.mapper().readValue(tensors.metadata().get("questions"), QUESTIONS));
        } catch (IOException e) {
            throw new StoreException("The feature shard " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static int[] ints(TensorView tensor) {
        int[] ints = new int[tensor.elements()];
        tensor.data().asIntBuffer().get(ints);
        return ints;
    }
}
