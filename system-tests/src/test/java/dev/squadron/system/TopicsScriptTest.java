package dev.squadron.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squadron.contracts.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The script that creates the topics of a cluster names those of the contracts. */
class TopicsScriptTest {
    private static final Path SCRIPT =
            Path.of(System.getProperty("squadron.home"), "infra/k8s/components/topics/create-topics.sh");

    private static final Map<Topics.Cleanup, String> CLEANUP =
            Map.of(Topics.Cleanup.KEEP, "keep", Topics.Cleanup.DELETE, "week", Topics.Cleanup.COMPACT, "compact");

    @Test
    void createsTheTopicsOfTheContracts() throws IOException {
        List<String> created = Files.readAllLines(SCRIPT).stream()
                .filter(line -> line.startsWith("create squadron."))
                .toList();

        assertThat(created)
                .containsExactlyElementsOf(Topics.all().stream()
                        .map(topic -> "create " + topic.name() + (topic.partitioned() ? " \"$shares\"" : " 1") + " \"${"
                                + CLEANUP.get(topic.cleanup()) + "[@]}\"")
                        .toList());
    }
}
