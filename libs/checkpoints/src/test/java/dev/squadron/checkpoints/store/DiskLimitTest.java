package dev.squadron.checkpoints.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskLimitTest {
    @TempDir
    private Path directory;

    private final List<Long> evicted = new ArrayList<>();

    @Test
    void deletesWhatWasNotUsedForLongestUntilATenthIsFree() throws IOException {
        for (int age = 1; age < 10; age++) {
            copy(age);
        }

        new DiskLimit(directory, 55, name -> false, evicted::add).added(copy(0));

        assertThat(names()).containsExactlyInAnyOrderElementsOf(copies(0, 1, 2, 3, 4));
        assertThat(evicted).containsExactly(10L, 10L, 10L, 10L, 10L);
    }

    @Test
    void keepsWhatIsInUseHoweverOldItIs() throws IOException {
        for (int age = 1; age < 4; age++) {
            copy(age);
        }

        new DiskLimit(directory, 20, Set.of(name(3), name(2))::contains, evicted::add).added(copy(0));

        assertThat(names()).containsExactlyInAnyOrderElementsOf(copies(0, 2, 3));
    }

    @Test
    void leavesAloneWhatFits() throws IOException {
        DiskLimit limit = new DiskLimit(directory, 20, name -> false, evicted::add);

        limit.added(copy(2));
        limit.added(copy(1));
        assertThat(names()).hasSize(2);
        assertThat(evicted).isEmpty();

        limit.added(copy(0));
        assertThat(names()).containsExactly(name(0));
    }

    @Test
    void leavesAloneWhatIsNoCopy() throws IOException {
        Files.writeString(directory.resolve("shard123.part"), "0123456789");
        copy(0);

        new DiskLimit(directory, 5, name -> false, evicted::add).added(copy(1));

        assertThat(names()).containsExactlyInAnyOrder("shard123.part", name(1));
    }

    /** Makes a copy of ten bytes that was used that many minutes ago. */
    private Path copy(int age) throws IOException {
        Path file = Files.writeString(directory.resolve(name(age)), "0123456789");
        return Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(60L * age)));
    }

    private static List<String> copies(int... ages) {
        return IntStream.of(ages).mapToObj(DiskLimitTest::name).toList();
    }

    private static String name(int age) {
        return String.valueOf((char) ('a' + age % 6)).repeat(63) + age;
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
