package dev.squadron.seq2seq.training;

import dev.squadron.contracts.safetensors.SafetensorsFile;
import dev.squadron.contracts.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * All that a head trainer remembers: with it training goes on as if it had never stopped.
 *
 * @param step updates made
 * @param vocabSize rows
 * @param dModel columns
 * @param weights the head, [vocab_size, d_model] row by row
 * @param firstMoment Adam's m, likewise
 * @param secondMoment Adam's v, likewise
 */
public record HeadState(
        long step, int vocabSize, int dModel, float[] weights, float[] firstMoment, float[] secondMoment) {

    /** Writes the state as a safetensors file. */
    public void write(Path file) throws IOException {
        List<Long> shape = List.of((long) vocabSize, (long) dModel);
        SafetensorsWriter.write(
                file,
                List.of(
                        SafetensorsWriter.floats("weights", shape, weights),
                        SafetensorsWriter.floats("first_moment", shape, firstMoment),
                        SafetensorsWriter.floats("second_moment", shape, secondMoment),
                        SafetensorsWriter.longs("step", List.of(), new long[] {step})),
                Map.of());
    }

    /** Reads what {@link #write} wrote. */
    public static HeadState read(Path file) throws IOException {
        SafetensorsFile tensors = SafetensorsFile.open(file);
        List<Long> shape = tensors.tensor("weights").shape();
        return new HeadState(
                tensors.tensor("step").longs()[0],
                Math.toIntExact(shape.get(0)),
                Math.toIntExact(shape.get(1)),
                tensors.tensor("weights").floats(),
                tensors.tensor("first_moment").floats(),
                tensors.tensor("second_moment").floats());
    }
}
