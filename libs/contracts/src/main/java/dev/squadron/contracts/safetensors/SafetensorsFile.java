package dev.squadron.contracts.safetensors;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A safetensors file: eight bytes of header length, a JSON header, and the tensors without a hole between them. The file is
 * mapped tensor by tensor; nothing is read that nobody looks at. Whatever its header claims is checked before it is trusted.
 *
 * @see <a href="https://github.com/huggingface/safetensors">the format</a>
 */
public final class SafetensorsFile {
    private static final int MAX_HEADER = 100_000_000;

    private final Path file;
    private final SortedMap<String, TensorView> tensors;
    private final Map<String, String> metadata;

    private SafetensorsFile(Path file, SortedMap<String, TensorView> tensors, Map<String, String> metadata) {
        this.file = file;
        this.tensors = Collections.unmodifiableSortedMap(tensors);
        this.metadata = Map.copyOf(metadata);
    }

    /**
     * Opens a file.
     *
     * @throws SafetensorsException when it breaks the format
     * @throws IOException when it cannot be read
     */
    public static SafetensorsFile open(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size < 8) {
                throw broken(file, "has " + size + " bytes and no header");
            }
            long headerLength = read(channel, 0, 8).getLong();
            if (headerLength < 2 || headerLength > MAX_HEADER || headerLength > size - 8) {
                throw broken(file, "claims a header of " + Long.toUnsignedString(headerLength) + " bytes in " + size);
            }
            byte[] json = new byte[(int) headerLength];
            read(channel, 8, json.length).get(json);
            JsonNode header = parse(file, json);
            long begin = 8 + headerLength;
            SortedMap<String, TensorView> tensors = new TreeMap<>();
            for (Entry entry : entries(file, header, size - begin)) {
                ByteBuffer data = entry.length() == 0
                        ? ByteBuffer.allocate(0)
                        : channel.map(FileChannel.MapMode.READ_ONLY, begin + entry.from(), entry.length());
                tensors.put(entry.name(), new TensorView(entry.name(), entry.dtype(), entry.shape(), data));
            }
            return new SafetensorsFile(file, tensors, metadata(file, header));
        }
    }

    /** Returns the file. */
    public Path file() {
        return file;
    }

    /** Returns all tensors by name. */
    public SortedMap<String, TensorView> tensors() {
        return tensors;
    }

    /** Returns the free texts that the header holds. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /**
     * Returns the tensor of that name.
     *
     * @throws SafetensorsException where there is none
     */
    public TensorView tensor(String name) {
        TensorView tensor = tensors.get(name);
        if (tensor == null) {
            throw new SafetensorsException(file + " has no tensor " + name + "; it has " + tensors.keySet());
        }
        return tensor;
    }

    private record Entry(String name, DType dtype, List<Long> shape, long from, long to) {
        long length() {
            return to - from;
        }
    }

    private static ByteBuffer read(FileChannel channel, long position, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw new IOException("The file ended while it was read");
            }
        }
        return buffer.flip();
    }

    private static JsonNode parse(Path file, byte[] json) {
        try {
            JsonNode header = ContractJson.readTree(json);
            if (!header.isObject()) {
                throw broken(file, "has a header that is no JSON object");
            }
            return header;
        } catch (InvalidMessage e) {
            throw broken(file, "has a broken header: " + e.getMessage());
        }
    }

    /** Checks every entry, and that together they fill {@code size} bytes. */
    private static List<Entry> entries(Path file, JsonNode header, long size) {
        List<Entry> entries = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : header.properties()) {
            if (!field.getKey().equals("__metadata__")) {
                entries.add(entry(file, field.getKey(), field.getValue(), size));
            }
        }
        entries.sort(Comparator.comparingLong(Entry::from).thenComparingLong(Entry::to));
        long end = 0;
        for (Entry entry : entries) {
            if (entry.from() != end) {
                throw broken(
                        file,
                        "tensor " + entry.name() + " begins at byte " + entry.from() + " where byte " + end
                                + " is next: tensors must not overlap or leave holes");
            }
            end = entry.to();
        }
        if (end != size) {
            throw broken(file, "holds " + size + " bytes of tensors and its header tells of " + end);
        }
        return entries;
    }

    private static Entry entry(Path file, String name, JsonNode value, long size) {
        String which = "tensor " + name + " ";
        DType dtype = dtype(file, which, value.path("dtype").asText(""));
        List<Long> shape = new ArrayList<>();
        long elements = 1;
        if (!value.path("shape").isArray()) {
            throw broken(file, which + "has no shape");
        }
        for (JsonNode dimension : value.get("shape")) {
            if (!dimension.canConvertToLong() || !dimension.isIntegralNumber() || dimension.longValue() < 0) {
                throw broken(file, which + "has the dimension " + dimension);
            }
            shape.add(dimension.longValue());
            elements = multiply(file, which, elements, dimension.longValue());
        }
        JsonNode offsets = value.path("data_offsets");
        if (offsets.size() != 2
                || !offsets.get(0).isIntegralNumber()
                || !offsets.get(1).isIntegralNumber()
                || !offsets.get(0).canConvertToLong()
                || !offsets.get(1).canConvertToLong()) {
            throw broken(file, which + "has no data_offsets [begin, end]");
        }
        long from = offsets.get(0).longValue();
        long to = offsets.get(1).longValue();
        if (from < 0 || to < from || to > size) {
            throw broken(
                    file, which + "lies at bytes " + from + " to " + to + " of " + size + ": is the file cut off?");
        }
        if (to - from != multiply(file, which, elements, dtype.bytes())) {
            throw broken(file, which + "of " + dtype + " " + shape + " cannot have " + (to - from) + " bytes");
        }
        if (to - from > Integer.MAX_VALUE) {
            throw broken(file, which + "has " + (to - from) + " bytes; a tensor may have 2 GiB");
        }
        return new Entry(name, dtype, shape, from, to);
    }

    private static long multiply(Path file, String which, long a, long b) {
        try {
            return Math.multiplyExact(a, b);
        } catch (ArithmeticException e) {
            throw broken(file, which + "has a shape of more bytes than a file can have");
        }
    }

    private static DType dtype(Path file, String which, String name) {
        for (DType dtype : DType.values()) {
            if (dtype.name().equals(name)) {
                return dtype;
            }
        }
        throw broken(file, which + "has the dtype “" + name + "”; known are " + List.of(DType.values()));
    }

    private static Map<String, String> metadata(Path file, JsonNode header) {
        Map<String, String> metadata = new TreeMap<>();
        for (Map.Entry<String, JsonNode> field : header.path("__metadata__").properties()) {
            if (!field.getValue().isTextual()) {
                throw broken(file, "has the metadata " + field.getKey() + " that is no text");
            }
            metadata.put(field.getKey(), field.getValue().textValue());
        }
        return metadata;
    }

    private static SafetensorsException broken(Path file, String what) {
        return new SafetensorsException(
                "The safetensors file " + file + " is broken: it " + what + ". Fetch or write it again.");
    }
}
