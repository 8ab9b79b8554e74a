package dev.squadron.contracts.safetensors;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squadron.contracts.ContractJson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Writes safetensors files; equal tensors give equal bytes. */
public final class SafetensorsWriter {
    private static final int ALIGNMENT = 64;

    private SafetensorsWriter() {}

    /**
     * Writes a file, or writes it anew. Tensors stand by the size of their elements, the largest first, then by name, so that
     * each is aligned to its elements; the first one begins at a multiple of 64 bytes.
     *
     * @param metadata free texts for the header
     */
    public static void write(Path file, List<TensorView> tensors, Map<String, String> metadata) throws IOException {
        stream(file, tensors.stream().map(Source::of).toList(), metadata);
    }

    /**
     * A tensor that is not there before its turn to be written.
     *
     * @param name its name
     * @param dtype the type of its elements
     * @param shape its dimensions, the slowest first; none for a scalar
     * @param data gives the tensor, of this type and shape, when it is to be written
     */
    public record Source(String name, DType dtype, List<Long> shape, Supplier<TensorView> data) {
        public Source {
            shape = List.copyOf(shape);
        }

        /** Returns a tensor that is there. */
        public static Source of(TensorView tensor) {
            return new Source(tensor.name(), tensor.dtype(), tensor.shape(), () -> tensor);
        }

        /** Returns how many bytes its elements have. */
        public long bytes() {
            return shape.stream().reduce((long) dtype.bytes(), Math::multiplyExact);
        }
    }

    /** Writes a file as {@link #write} does, one tensor after the other, so that no more than one need be in memory. */
    public static void stream(Path file, List<Source> tensors, Map<String, String> metadata) throws IOException {
        List<Source> sorted = tensors.stream()
                .sorted(Comparator.comparing((Source tensor) -> -tensor.dtype().bytes())
                        .thenComparing(Source::name))
                .toList();
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            writeFully(channel, header(sorted, metadata));
            for (Source tensor : sorted) {
                TensorView view = tensor.data().get();
                if (view.dtype() != tensor.dtype() || view.data().capacity() != tensor.bytes()) {
                    throw new IllegalArgumentException("The tensor " + tensor.name() + " was said to be "
                            + tensor.dtype() + " " + tensor.shape() + " and is " + view.dtype() + " " + view.shape());
                }
                writeFully(channel, view.data().duplicate());
            }
        }
    }

    /** Returns a tensor of fp32 elements for {@link #write}. */
    public static TensorView floats(String name, List<Long> shape, float[] elements) {
        ByteBuffer data =
                ByteBuffer.allocate(Math.multiplyExact(elements.length, 4)).order(ByteOrder.LITTLE_ENDIAN);
        data.asFloatBuffer().put(elements);
        return new TensorView(name, DType.F32, shape, data);
    }

    /** Returns a tensor of bf16 elements, rounded to the nearest, halves to even, for {@link #write}. */
    public static TensorView bfloats(String name, List<Long> shape, float[] elements) {
        ByteBuffer data =
                ByteBuffer.allocate(Math.multiplyExact(elements.length, 2)).order(ByteOrder.LITTLE_ENDIAN);
        for (float element : elements) {
            data.putShort(Bfloat16.bits(element));
        }
        return new TensorView(name, DType.BF16, shape, data.flip());
    }

    /** Returns a tensor of 32-bit whole numbers for {@link #write}. */
    public static TensorView ints(String name, List<Long> shape, int[] elements) {
        ByteBuffer data =
                ByteBuffer.allocate(Math.multiplyExact(elements.length, 4)).order(ByteOrder.LITTLE_ENDIAN);
        data.asIntBuffer().put(elements);
        return new TensorView(name, DType.I32, shape, data);
    }

    /** Returns a tensor of 64-bit whole numbers for {@link #write}. */
    public static TensorView longs(String name, List<Long> shape, long[] elements) {
        ByteBuffer data =
                ByteBuffer.allocate(Math.multiplyExact(elements.length, 8)).order(ByteOrder.LITTLE_ENDIAN);
        data.asLongBuffer().put(elements);
        return new TensorView(name, DType.I64, shape, data);
    }

    private static ByteBuffer header(List<Source> tensors, Map<String, String> metadata) {
        ObjectNode header = ContractJson.mapper().createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode texts = header.putObject("__metadata__");
            new TreeMap<>(metadata).forEach(texts::put);
        }
        long from = 0;
        for (Source tensor : tensors) {
            ObjectNode entry = header.putObject(tensor.name());
            entry.put("dtype", tensor.dtype().name());
            tensor.shape().forEach(entry.putArray("shape")::add);
            long to = from + tensor.bytes();
            entry.putArray("data_offsets").add(from).add(to);
            from = to;
        }
        byte[] json = ContractJson.write(header);
        int padded = (json.length + 8 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        ByteBuffer buffer = ByteBuffer.allocate(padded).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(padded - 8).put(json);
        while (buffer.hasRemaining()) {
            buffer.put((byte) ' ');
        }
        return buffer.flip();
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
