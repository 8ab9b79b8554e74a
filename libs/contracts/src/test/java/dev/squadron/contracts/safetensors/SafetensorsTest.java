package dev.squadron.contracts.safetensors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
    @TempDir
    private Path directory;

    @Property(tries = 100)
    void readsBackWhatItWrote(
            @ForAll @Size(max = 50) float[] floats,
            @ForAll @Size(max = 50) int[] ints,
            @ForAll @Size(max = 50) long[] longs)
            throws IOException {
        Path file = Files.createTempFile("property", ".safetensors");
        try {
            SafetensorsWriter.write(
                    file,
                    List.of(
                            SafetensorsWriter.ints("i", List.of((long) ints.length), ints),
                            SafetensorsWriter.floats("f", List.of((long) floats.length, 1L), floats),
                            SafetensorsWriter.longs("l", List.of((long) longs.length), longs)),
                    Map.of("made", "here"));

            SafetensorsFile read = SafetensorsFile.open(file);

            assertThat(read.tensor("f").floats()).isEqualTo(floats);
            assertThat(read.tensor("f").shape()).containsExactly((long) floats.length, 1L);
            assertThat(read.tensor("i").longs()).hasSameSizeAs(ints);
            assertThat(read.tensor("l").longs()).isEqualTo(longs);
            assertThat(read.metadata()).containsExactly(Map.entry("made", "here"));
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void convertsSixteenBitsExactly() throws IOException {
        ByteBuffer data = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
        data.putShort((short) 0x3c00).putShort((short) 0xc000).putShort((short) 0x0001);
        data.putShort((short) 0x7c00).putShort((short) 0x8000).putShort((short) 0x7bff);
        Path file = directory.resolve("half.safetensors");
        SafetensorsWriter.write(file, List.of(new TensorView("h", DType.F16, List.of(6L), data.flip())), Map.of());

        assertThat(SafetensorsFile.open(file).tensor("h").floats())
                .containsExactly(1f, -2f, 0x1p-24f, Float.POSITIVE_INFINITY, -0f, 65504f);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}                                            | 4 | tensor a of F32 [2] cannot have 4 bytes
            {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}                                            | 4 | is the file cut off?
            {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}                                            | 8 | holds 8 bytes of tensors and its header tells of 4
            {"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}                                            | 8 | begins at byte 4 where byte 0 is next
            {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} | 4 | must not overlap
            {"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}                                            | 8 | lies at bytes 4 to 0
            {"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}                                           | 4 | dimension -1
            {"a":{"dtype":"F32","shape":[4611686018427387904,4611686018427387904],"data_offsets":[0,4]}}      | 4 | more bytes than a file can have
            {"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}                                           | 4 | lies at bytes -4 to 0
            {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,99999999999999999999]}}                         | 4 | has no data_offsets
            {"a":{"dtype":"Q4","shape":[1],"data_offsets":[0,4]}}                                             | 4 | dtype “Q4”
            {"a":{"dtype":"F32","data_offsets":[0,4]}}                                                        | 4 | has no shape
            {"a":{},"a":{}}                                                                                   | 0 | Duplicate
            [1]                                                                                               | 0 | no JSON object
            {"a":                                                                                             | 0 | broken header
            """)
    void refusesAHostileHeader(String header, int dataBytes, String text) throws IOException {
        Path file = write(header.getBytes(UTF_8), header.getBytes(UTF_8).length, dataBytes);

        assertThatThrownBy(() -> SafetensorsFile.open(file))
                .isInstanceOf(SafetensorsException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(text);
    }

    @ParameterizedTest
    @CsvSource({"-1", "9223372036854775807", "100", "1"})
    void refusesAHeaderLengthThatCannotBe(long length) throws IOException {
        Path file = write("{}".getBytes(UTF_8), length, 0);

        assertThatThrownBy(() -> SafetensorsFile.open(file))
                .isInstanceOf(SafetensorsException.class)
                .hasMessageContaining("claims a header of");
    }

    @Test
    void refusesAFileWithoutAHeader() throws IOException {
        Path file = Files.write(directory.resolve("short"), new byte[3]);

        assertThatThrownBy(() -> SafetensorsFile.open(file)).hasMessageContaining("has 3 bytes and no header");
    }

    @Test
    void namesTheTensorsThatAreThere() throws IOException {
        Path file = directory.resolve("one.safetensors");
        SafetensorsWriter.write(file, List.of(SafetensorsWriter.ints("here", List.of(), new int[] {1})), Map.of());

        assertThatThrownBy(() -> SafetensorsFile.open(file).tensor("there"))
                .hasMessageContaining("has no tensor there; it has [here]");
    }

    private Path write(byte[] header, long claimed, int dataBytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(claimed)
                .array());
        out.write(header);
        out.write(new byte[dataBytes]);
        return Files.write(directory.resolve("hostile.safetensors"), out.toByteArray());
    }
}
