package dev.squadron.seq2seq;

import dev.squadron.contracts.safetensors.SafetensorsFile;
import dev.squadron.contracts.safetensors.SafetensorsWriter;
import dev.squadron.contracts.safetensors.TensorView;
import dev.squadron.seq2seq.graph.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tensorflow.types.TFloat32;

/**
 * The last layer in TensorFlow's memory: a V×d matrix, and in some families a bias, {@code final_logits_bias}, that no training
 * changes. A head is fed to the decoding step without a copy, so one backbone serves many heads and swapping heads is swapping
 * references. It is kept as columns, d×V: few states times so is two to three times as fast as with rows.
 */
public final class Head implements AutoCloseable {
    /** The name of the matrix in files. */
    public static final String TENSOR = "lm_head.weight";

    /** The name of the bias in files, [1, vocab_size]. */
    public static final String BIAS = "final_logits_bias";

    private final int vocabSize;
    private final int dModel;
    private final TFloat32 weights;
    private final Optional<TFloat32> bias;

    private Head(int vocabSize, int dModel, TFloat32 weights, Optional<TFloat32> bias) {
        this.vocabSize = vocabSize;
        this.dModel = dModel;
        this.weights = weights;
        this.bias = bias;
    }

    /**
     * Makes a head without a bias.
     *
     * @param weights [vocab_size, d_model] row by row
     */
    public static Head of(float[] weights, int vocabSize, int dModel) {
        return of(weights, Optional.empty(), vocabSize, dModel);
    }

    /**
     * Makes a head.
     *
     * @param weights [vocab_size, d_model] row by row
     * @param bias is added to the logits, [vocab_size]
     */
    public static Head of(float[] weights, Optional<float[]> bias, int vocabSize, int dModel) {
        return of(
                vocabSize,
                dModel,
                bias,
                (first, count) -> Arrays.copyOfRange(weights, first * dModel, (first + count) * dModel));
    }

    /**
     * Makes a head of a matrix in a file, which is read a piece at a time.
     *
     * @param weights [vocab_size, d_model]
     * @param bias is added to the logits, [vocab_size]
     */
    public static Head of(TensorView weights, Optional<float[]> bias) {
        int vocabSize = Math.toIntExact(weights.shape().get(0));
        int dModel = Math.toIntExact(weights.shape().get(1));
        return of(vocabSize, dModel, bias, (first, count) -> weights.floats(first * dModel, count * dModel));
    }

    private static Head of(int vocabSize, int dModel, Optional<float[]> bias, Tensors.Rows rows) {
        return new Head(
                vocabSize,
                dModel,
                Tensors.transposed(vocabSize, dModel, rows),
                bias.map(elements -> Tensors.floats(elements, vocabSize)));
    }

    /**
     * Reads the tensors {@code lm_head.weight} and, where it is there, {@code final_logits_bias} of a safetensors file.
     *
     * @throws ModelException where the file has no such matrix
     */
    public static Head read(Path file) {
        try {
            SafetensorsFile tensors = SafetensorsFile.open(file);
            TensorView tensor = tensors.tensor(TENSOR);
            if (tensor.shape().size() != 2) {
                throw new ModelException("The tensor " + TENSOR + " in " + file + " has the shape " + tensor.shape()
                        + "; a head has two dimensions.");
            }
            int vocabSize = Math.toIntExact(tensor.shape().get(0));
            Optional<float[]> bias = Optional.empty();
            if (tensors.tensors().containsKey(BIAS)) {
                List<Long> shape = tensors.tensor(BIAS).shape();
                if (!shape.equals(List.of(1L, (long) vocabSize))) {
                    throw new ModelException("The tensor " + BIAS + " in " + file + " has the shape " + shape
                            + "; for this head it must be [1, " + vocabSize + "].");
                }
                bias = Optional.of(tensors.tensor(BIAS).floats());
            }
            return of(tensor, bias);
        } catch (IOException e) {
            throw new ModelException("The head " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Returns the mean of heads of the same shape, summed in the order given; of one head, a copy.
     *
     * @param heads at least one; a bias is the first one's
     */
    public static Head mean(List<Head> heads) {
        Head first = heads.get(0);
        double[] sums = new double[Math.multiplyExact(first.vocabSize, first.dModel)];
        for (Head head : heads) {
            float[] weights = head.toArray();
            for (int i = 0; i < sums.length; i++) {
                sums[i] += weights[i];
            }
        }
        float[] mean = new float[sums.length];
        for (int i = 0; i < sums.length; i++) {
            mean[i] = (float) (sums[i] / heads.size());
        }
        return of(mean, first.biasArray(), first.vocabSize, first.dModel);
    }

    /**
     * Writes the head as a safetensors file with the tensor {@code lm_head.weight} and, where it has a bias,
     * {@code final_logits_bias}, in fp32; equal heads give equal bytes.
     */
    public void write(Path file) throws IOException {
        List<TensorView> tensors = new ArrayList<>();
        tensors.add(SafetensorsWriter.floats(TENSOR, List.of((long) vocabSize, (long) dModel), toArray()));
        biasArray()
                .map(elements -> SafetensorsWriter.floats(BIAS, List.of(1L, (long) vocabSize), elements))
                .ifPresent(tensors::add);
        SafetensorsWriter.write(file, tensors, Map.of("format", "pt"));
    }

    /**
     * Returns a head of some rows alone, to be closed by the caller: what it finds are places in {@code ids}.
     *
     * @param ids the tokens that may come
     */
    public Head rows(int[] ids) {
        return new Head(ids.length, dModel, Tensors.columns(weights, ids), bias.map(all -> Tensors.elements(all, ids)));
    }

    /** Returns the rows of the matrix. */
    public int vocabSize() {
        return vocabSize;
    }

    /** Returns the columns of the matrix. */
    public int dModel() {
        return dModel;
    }

    /** Returns a copy of some rows of the matrix, [count, d_model], row by row. */
    public float[] toArray(int firstRow, int count) {
        return Tensors.transposed(weights, firstRow, count);
    }

    /** Returns a copy of the matrix, row by row. */
    public float[] toArray() {
        return toArray(0, vocabSize);
    }

    /** Returns a copy of the bias, [vocab_size], where the head has one. */
    public Optional<float[]> biasArray() {
        return bias.map(Tensors::array);
    }

    /** Returns the matrix as TensorFlow sees it, [d_model, vocab_size]. */
    public TFloat32 tensor() {
        return weights;
    }

    /** Returns the bias as TensorFlow sees it, [vocab_size], where the head has one. */
    public Optional<TFloat32> bias() {
        return bias;
    }

    @Override
    public void close() {
        weights.close();
        bias.ifPresent(TFloat32::close);
    }
}
