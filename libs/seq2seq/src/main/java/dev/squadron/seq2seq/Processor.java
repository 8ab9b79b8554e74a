package dev.squadron.seq2seq;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

/** What this machine's processor has beyond what every x86-64 has. */
public final class Processor {
    private static final Path DESCRIPTION = Path.of("/proc/cpuinfo");
    private static final boolean BF16 = has("avx512_bf16");
    private static final boolean VNNI = has("avx512_vnni") || has("avx_vnni");

    private Processor() {}

    /**
     * Returns whether it multiplies in bf16: AVX-512 BF16, which processors with AMX have too. Elsewhere oneDNN's operations in bf16 end
     * the process, and TensorFlow's own are far slower than fp32.
     */
    public static boolean hasBf16() {
        return BF16;
    }

    /** Returns whether it has the instructions for neural networks (VNNI) with which TensorFlow takes oneDNN for its plain products too. */
    public static boolean hasVnni() {
        return VNNI;
    }

    private static boolean has(String flag) {
        if (!Files.isReadable(DESCRIPTION)) {
            return false;
        }
        try (Stream<String> lines = Files.lines(DESCRIPTION)) {
            return lines.filter(line -> line.startsWith("flags"))
                    .limit(1)
                    .flatMap(line -> Arrays.stream(line.split("\\s+")))
                    .anyMatch(flag::equals);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
