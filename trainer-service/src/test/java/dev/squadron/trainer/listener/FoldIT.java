package dev.squadron.trainer.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squadron.checkpoints.manifest.CheckpointStore;
import dev.squadron.contracts.batch.TokenExample;
import dev.squadron.contracts.checkpoint.CheckpointRef;
import dev.squadron.contracts.checkpoint.Manifest;
import dev.squadron.contracts.checkpoint.Manifest.PartitionRange;
import dev.squadron.contracts.run.Fold;
import dev.squadron.contracts.run.Gate;
import dev.squadron.contracts.run.Progress.Stage;
import dev.squadron.contracts.run.Recipe;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.local.LocalStack;
import dev.squadron.trainer.domain.Cancellation;
import dev.squadron.trainer.domain.Cancelled;
import dev.squadron.trainer.domain.Trainer.Outcome;
import dev.squadron.trainer.domain.dataset.IncompleteDataset;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folds over a real broker and a real S3 server: a pure function of what their event says. */
class FoldIT {
    private static final String STREAM = "feedback";

    @TempDir
    private static Path directory;

    private static LocalStack stack;
    private static TrainerFixture fixture;
    private static CheckpointRef parent;
    private static List<PartitionRange> fresh;
    private static Outcome plain;

    @BeforeAll
    static void start() throws Exception {
        stack = LocalStack.start(directory.resolve("stack"));
        fixture = new TrainerFixture(stack.settings(), directory);
        fixture.write("old", 4, false);
        parent = fixture.trainer("parent")
                .train(TrainerFixture.run("parent", "old"), new Cancellation(), step -> {})
                .checkpoint();
        fresh = List.of(
                fixture.append(STREAM, 0, List.of(example(0, "a", 0))),
                fixture.append(STREAM, 1, List.of(example(1, "b", 1))));
        fixture.append("noise", 0, List.of(example(0, "c", 2)));
        plain = train("plain", fold(fresh, List.of()));
    }

    @AfterAll
    static void stop() {
        fixture.close();
        stack.close();
    }

    @Test
    void startsFromItsParentAndSaysSo() {
        Manifest manifest = new CheckpointStore(fixture.store, directory.resolve("reader"))
                .read(plain.checkpoint())
                .manifest();
        assertThat(manifest.parent()).isEqualTo(parent.id());
        assertThat(manifest.fold().fresh()).isEqualTo(fresh);
        assertThat(manifest.data().dataset()).isEqualTo("old");
        assertThat(manifest.metrics())
                .containsEntry("anchor_f1", manifest.metrics().get("baseline_f1"))
                .containsKeys("f1", "validation_loss");
        assertThat(plain.checkpoint().id()).isNotEqualTo(parent.id());
    }

    @Test
    void keepsTheMeasureOfTheHeadBeforeTheFirstFold() {
        Fold second = new Fold(List.of(STREAM), plain.checkpoint(), fresh, List.of(), 0.75, new Gate(null, null), null);

        Outcome outcome = train("second", second);

        assertThat(outcome.metrics())
                .containsEntry("anchor_f1", plain.metrics().get("baseline_f1"))
                .containsEntry("baseline_validation_loss", plain.metrics().get("validation_loss"));
    }

    @Test
    void givesTheSameHeadHoweverOftenItIsKilled() {
        killIn(Stage.EXTRACTING, 1);
        killIn(Stage.TRAINING, 1);
        killIn(Stage.TRAINING, 2);
        killIn(Stage.VALIDATING, 1);

        assertThat(train("killed", fold(fresh, List.of())).checkpoint().id())
                .isEqualTo(plain.checkpoint().id());
    }

    @Test
    void countsWhatComesTwiceOnce() {
        PartitionRange again = fixture.append(STREAM, 0, List.of(example(3, "a", 0), example(4, "a", 0)));
        List<PartitionRange> twice = List.of(new PartitionRange(0, fresh.get(0).from(), again.to(), 3), fresh.get(1));

        assertThat(train("twice", fold(twice, List.of())).checkpoint().id())
                .isEqualTo(plain.checkpoint().id());
    }

    @Test
    void rehearsesWhatEarlierFoldsTaught() {
        PartitionRange learned = fixture.append(STREAM, 2, List.of(example(5, "d", 3)));

        assertThat(train("rehearsing", fold(fresh, List.of(learned)))
                        .checkpoint()
                        .id())
                .isNotEqualTo(
                        train("plain", fold(fresh, List.of())).checkpoint().id());
    }

    @Test
    void refusesWhatWasNotTokenizedForTheModel() {
        Fold empty = fold(List.of(new PartitionRange(2, 0, 1, 1)), List.of());

        assertThatThrownBy(() -> train("empty", empty))
                .isInstanceOf(IncompleteDataset.class)
                .hasMessageContaining("None of the new records of feedback");
    }

    private static void killIn(Stage stage, int event) {
        Cancellation kill = new Cancellation();
        int[] seen = {0};
        assertThatThrownBy(() -> fixture.trainer("machine-" + stage + event)
                        .train(run("killed", fold(fresh, List.of())), kill, step -> {
                            if (step.stage() == stage && ++seen[0] == event) {
                                kill.request();
                            }
                        }))
                .isInstanceOf(Cancelled.class);
    }

    private static Outcome train(String run, Fold fold) {
        return fixture.trainer(run).train(run(run, fold), new Cancellation(), step -> {});
    }

    private static RunEvent run(String name, Fold fold) {
        return new RunEvent(
                name,
                "old",
                TrainerFixture.MODEL,
                Recipe.preset("continuous"),
                RunEvent.State.RUNNING,
                null,
                null,
                Instant.now(),
                fold);
    }

    private static Fold fold(List<PartitionRange> news, List<PartitionRange> learned) {
        return new Fold(List.of(STREAM), parent, news, learned, 0.75, new Gate(null, null), null);
    }

    /** A record whose question is that of the validation split's {@code place}. */
    private static TokenExample example(long offset, String record, int place) {
        return fixture.validation.get(place).toBuilder()
                .setRecordId(record)
                .setOffset(offset)
                .clearAnswers()
                .build();
    }
}
