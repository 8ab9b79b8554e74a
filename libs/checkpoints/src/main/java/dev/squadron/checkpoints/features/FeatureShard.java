package dev.squadron.checkpoints.features;

import dev.squadron.checkpoints.store.StoreException;
import dev.squadron.contracts.safetensors.SafetensorsFile;
import dev.squadron.contracts.safetensors.SafetensorsWriter;
import dev.squadron.contracts.safetensors.TensorView;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The features of some examples: a safetensors file, mapped rather than read.
 *
 * @param dModel width of a state
 * @param states final decoder states, [positions, d_model] row by row
 * @param firstPosition where each example begins, and at last the number of positions, [examples + 1]
 */
public record FeatureShard(int dModel, FloatBuffer states, int[] firstPosition) {

    /** Returns the number of examples. */
    public int examples() {
        return firstPosition.length - 1;
    }

    /** Writes the shard; equal shards give equal bytes. */
    public void write(Path file) throws IOException {
        float[] copy = new float[states.capacity()];
        states.duplicate().rewind().get(copy);
        SafetensorsWriter.write(
                file,
                List.of(
                        SafetensorsWriter.floats(
                                "states", List.of((long) firstPosition[examples()], (long) dModel), copy),
                        SafetensorsWriter.ints("first_position", List.of((long) firstPosition.length), firstPosition)),
                Map.of());
    }

    /** Opens what {@link #write} wrote. */
    public static FeatureShard open(Path file) {
        try {
            SafetensorsFile tensors = SafetensorsFile.open(file);
            TensorView states = tensors.tensor("states");
            TensorView positions = tensors.tensor("first_position");
            int[] firstPosition = new int[positions.elements()];
            positions.data().asIntBuffer().get(firstPosition);
            return new FeatureShard(
                    Math.toIntExact(states.shape().get(1)), states.data().asFloatBuffer(), firstPosition);
        } catch (IOException e) {
            throw new StoreException("The feature shard " + file + " cannot be read: " + e.getMessage(), e);
        }
    }
}
