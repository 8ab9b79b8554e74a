package dev.squadron.seq2seq;

import dev.squadron.contracts.safetensors.SafetensorsFile;
import dev.squadron.contracts.safetensors.SafetensorsWriter;
import dev.squadron.contracts.safetensors.TensorView;
import dev.squadron.seq2seq.graph.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.tensorflow.types.TFloat32;

/**
 * The last layer: a V×d matrix in TensorFlow's memory. It never changes, and it is fed to the decoding step without a copy, so
 * one backbone serves many heads and swapping heads is swapping references.
 */
public final class Head implements AutoCloseable {
    private static final String TENSOR = "lm_head.weight";

    private final int vocabSize;
    private final int dModel;
    private final TFloat32 weights;

    private Head(int vocabSize, int dModel, TFloat32 weights) {
        this.vocabSize = vocabSize;
        this.dModel = dModel;
        this.weights = weights;
    }

    /**
     * Makes a head.
     *
     * @param weights [vocab_size, d_model] row by row
     */
    public static Head of(float[] weights, int vocabSize, int dModel) {
        return new Head(vocabSize, dModel, Tensors.floats(weights, vocabSize, dModel));
    }

    /**
     * Reads the tensor {@code lm_head.weight} of a safetensors file.
     *
     * @throws ModelException where the file has no such matrix
     */
    public static Head read(Path file) {
        try {
            TensorView tensor = SafetensorsFile.open(file).tensor(TENSOR);
            if (tensor.shape().size() != 2) {
                throw new ModelException("The tensor " + TENSOR + " in " + file + " has the shape " + tensor.shape()
                        + "; a head has two dimensions.");
            }
            return of(
                    tensor.floats(),
                    Math.toIntExact(tensor.shape().get(0)),
                    Math.toIntExact(tensor.shape().get(1)));
        } catch (IOException e) {
            throw new ModelException("The head " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Writes the head as a safetensors file with the one tensor {@code lm_head.weight} in fp32; equal heads give equal bytes. */
    public void write(Path file) throws IOException {
        SafetensorsWriter.write(
                file,
                List.of(SafetensorsWriter.floats(TENSOR, List.of((long) vocabSize, (long) dModel), toArray())),
                Map.of("format", "pt"));
    }

    /** Returns the rows of the matrix. */
    public int vocabSize() {
        return vocabSize;
    }

    /** Returns the columns of the matrix. */
    public int dModel() {
        return dModel;
    }

    /** Returns a copy of the matrix, row by row. */
    public float[] toArray() {
        return Tensors.array(weights);
    }

    /** Returns the matrix as TensorFlow sees it, [vocab_size, d_model]. */
    public TFloat32 tensor() {
        return weights;
    }

    @Override
    public void close() {
        weights.close();
    }
}
