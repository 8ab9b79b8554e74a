package dev.squadron.seq2seq;

import dev.squadron.contracts.safetensors.SafetensorsFile;
import dev.squadron.contracts.safetensors.SafetensorsWriter;
import dev.squadron.contracts.safetensors.TensorView;
import dev.squadron.seq2seq.graph.FrozenHead;
import dev.squadron.seq2seq.graph.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.tensorflow.types.TFloat32;

/**
 * The last layer in TensorFlow's memory: a V×d matrix, and in some families a bias, {@code final_logits_bias}, that no training
 * changes. One backbone serves many heads, so swapping heads is swapping references. The rows lie in as many blocks as there are
 * cores to multiply with them, {@value #MOST_BLOCKS} at most.
 */
public final class Head implements AutoCloseable {
    private static final int MOST_BLOCKS = 8;

    /** The name of the matrix in files. */
    public static final String TENSOR = "lm_head.weight";

    /** The name of the bias in files, [1, vocab_size]. */
    public static final String BIAS = "final_logits_bias";

    private final int vocabSize;
    private final int dModel;
    private final int blockRows;
    private final List<TFloat32> blocks;
    private final Optional<TFloat32> bias;
    private final boolean some;
    private final Map<Execution, FrozenHead> frozen = new HashMap<>();

    private Head(int vocabSize, int dModel, int blockRows, boolean some, Optional<float[]> bias, Tensors.Rows rows) {
        this.vocabSize = vocabSize;
        this.dModel = dModel;
        this.blockRows = blockRows;
        this.some = some;
        this.bias = bias.map(elements -> Tensors.floats(elements, vocabSize));
        this.blocks = IntStream.iterate(0, first -> first < vocabSize, first -> first + blockRows)
                .mapToObj(first -> Tensors.matrix(
                        Math.min(blockRows, vocabSize - first), dModel, (row, count) -> rows.read(first + row, count)))
                .toList();
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
        int count = Math.min(MOST_BLOCKS, Runtime.getRuntime().availableProcessors());
        return new Head(vocabSize, dModel, (vocabSize + count - 1) / count, false, bias, rows);
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
     * Returns a head of some rows alone, to be closed by the caller: what it finds are places in {@code ids}. It serves for one batch;
     * nothing is prepared for it.
     *
     * @param ids the tokens that may come
     */
    public Head rows(int[] ids) {
        return new Head(
                ids.length, dModel, ids.length, true, biasArray().map(all -> pick(all, ids)), (first, count) -> {
                    float[] picked = new float[count * dModel];
                    for (int row = 0; row < count; row++) {
                        read(ids[first + row], 1, picked, row);
                    }
                    return picked;
                });
    }

    private static float[] pick(float[] all, int[] places) {
        float[] picked = new float[places.length];
        for (int i = 0; i < places.length; i++) {
            picked[i] = all[places[i]];
        }
        return picked;
    }

    /** Returns whether this is a head of some rows alone. */
    public boolean hasSomeRows() {
        return some;
    }

    /** Returns this head ready to multiply, prepared when it is first asked for. */
    public synchronized FrozenHead frozen(Execution how) {
        return frozen.computeIfAbsent(how, each -> FrozenHead.open(this, each));
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
        float[] rows = new float[Math.multiplyExact(count, dModel)];
        int read = 0;
        while (read < count) {
            int these = Math.min(count - read, blockRows - (firstRow + read) % blockRows);
            read(firstRow + read, these, rows, read);
            read += these;
        }
        return rows;
    }

    /** Reads rows that lie in one block into {@code rows}, from its row {@code to} on. */
    private void read(int firstRow, int count, float[] rows, int to) {
        long from = (long) (firstRow % blockRows) * dModel;
        Tensors.read(blocks.get(firstRow / blockRows), from, rows, to * dModel, count * dModel);
    }

    /** Returns a copy of the matrix, row by row. */
    public float[] toArray() {
        return toArray(0, vocabSize);
    }

    /** Returns a copy of the bias, [vocab_size], where the head has one. */
    public Optional<float[]> biasArray() {
        return bias.map(Tensors::array);
    }

    /** Returns what is added to the logit of a token; 0 where the head has no bias. */
    public float bias(int id) {
        return bias.map(all -> all.getFloat(id)).orElse(0f);
    }

    /**
     * Returns the logit of a token, its products added up in double precision.
     *
     * @param states final states of the decoder, scaled as the family does, [N, d_model] row by row
     * @param state the place of the one that is meant
     */
    public float logit(float[] states, int state, int id) {
        float[] row = toArray(id, 1);
        double sum = bias(id);
        for (int i = 0; i < dModel; i++) {
            sum += (double) states[state * dModel + i] * row[i];
        }
        return (float) sum;
    }

    /** Returns the matrix as TensorFlow sees it, some rows in each block, [rows, d_model]. */
    public List<TFloat32> blocks() {
        return blocks;
    }

    /** Returns the bias as TensorFlow sees it, [vocab_size], where the head has one. */
    public Optional<TFloat32> bias() {
        return bias;
    }

    @Override
    public synchronized void close() {
        frozen.values().forEach(FrozenHead::close);
        blocks.forEach(TFloat32::close);
        bias.ifPresent(TFloat32::close);
    }
}
