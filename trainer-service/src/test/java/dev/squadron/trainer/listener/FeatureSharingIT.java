package dev.squadron.trainer.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squadron.contracts.run.Progress;
import dev.squadron.local.LocalStack;
import dev.squadron.trainer.domain.Cancellation;
import dev.squadron.trainer.domain.ProgressListener;
import dev.squadron.trainer.domain.RunBook;
import dev.squadron.trainer.domain.SweepBook;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replicas in a consumer group share the computing of features: the same head, bit for bit, however many there are. */
class FeatureSharingIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    private static Path directory;

    private static LocalStack stack;
    private static TrainerFixture fixture;
    private static String alone;

    @BeforeAll
    static void start() throws Exception {
        stack = LocalStack.start(directory.resolve("stack"));
        fixture = new TrainerFixture(stack.settings(), directory);
        fixture.write("shared", 2, false);
        alone = fixture.id("alone", "shared");
    }

    @AfterAll
    static void stop() {
        fixture.close();
        stack.close();
    }

    @Test
    void twoReplicasGiveTheSameHeadAsOne() {
        fixture.forgetFeatures();

        assertThat(train("two", replicas("two", 2))).isEqualTo(alone);
    }

    @Test
    void fourReplicasGiveTheSameHeadThoughTwoLeaveAndOneJoinsInTheMiddle() {
        fixture.forgetFeatures();
        List<FeatureWorker> replicas = replicas("four", 4);
        String id = fixture.trainer("owner-of-four", PATIENCE)
                .train(TrainerFixture.run("four", "shared"), new Cancellation(), new Disturbance(replicas))
                .checkpoint()
                .id();
        replicas.forEach(FeatureWorker::stop);

        assertThat(id).isEqualTo(alone);
    }

    /** Takes two replicas away and brings another one as soon as the first features are there. */
    private static final class Disturbance implements ProgressListener {
        private final List<FeatureWorker> replicas;
        private boolean over;

        Disturbance(List<FeatureWorker> replicas) {
            this.replicas = replicas;
        }

        @Override
        public void on(Progress progress) {
            if (!over && progress.fraction() > 0 && progress.fraction() < 1) {
                over = true;
                replicas.remove(0).stop();
                replicas.remove(0).stop();
                replicas.addAll(replicas("late", "four", 1));
            }
        }
    }

    private static String train(String run, List<FeatureWorker> replicas) {
        try {
            return fixture.trainer("owner-of-" + run, PATIENCE)
                    .train(TrainerFixture.run(run, "shared"), new Cancellation(), step -> {})
                    .checkpoint()
                    .id();
        } finally {
            replicas.forEach(FeatureWorker::stop);
        }
    }

    private static List<FeatureWorker> replicas(String run, int count) {
        return replicas("replica", run, count);
    }

    /** Starts replicas that know of the run, each with a disk of its own. */
    private static List<FeatureWorker> replicas(String name, String run, int count) {
        List<FeatureWorker> replicas = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            RunBook book = new RunBook();
            book.on(TrainerFixture.run(run, "shared"));
            FeatureWorker replica = new FeatureWorker(
                    fixture.clients,
                    book,
                    new SweepBook(),
                    fixture.loader(name + "-" + i + "-of-" + run, Duration.ZERO));
            replica.start();
            replicas.add(replica);
        }
        return replicas;
    }
}
