package dev.squadron.trainer.listener;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squadron.checkpoints.features.FeatureStore;
import dev.squadron.checkpoints.manifest.CheckpointStore;
import dev.squadron.checkpoints.manifest.CheckpointStore.LocalCheckpoint;
import dev.squadron.checkpoints.runstate.RunReportStore;
import dev.squadron.contracts.checkpoint.Manifest.StoredObject;
import dev.squadron.contracts.run.Progress;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.local.LocalStack;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.lora.LoraAdapter;
import dev.squadron.seq2seq.lora.PeftDirectory;
import dev.squadron.trainer.domain.Cancellation;
import dev.squadron.trainer.domain.Cancelled;
import dev.squadron.trainer.domain.RunBook;
import dev.squadron.trainer.domain.Trainer;
import dev.squadron.trainer.domain.dataset.IncompleteDataset;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs over a real broker and a real S3 server: the same head, bit for bit, whatever happens on the way. */
class TrainerIT {
    @TempDir
    private static Path directory;

    private static LocalStack stack;
    private static TrainerFixture fixture;

    @BeforeAll
    static void start() throws Exception {
        stack = LocalStack.start(directory.resolve("stack"));
        fixture = new TrainerFixture(stack.settings(), directory);
        fixture.write("whole", 4, false);
    }

    @AfterAll
    static void stop() {
        fixture.close();
        stack.close();
    }

    @Test
    void writesACheckpointThatSaysWhereItComesFrom() {
        Trainer.Outcome outcome =
                fixture.trainer("first").train(TrainerFixture.run("first", "whole"), new Cancellation(), step -> {});

        LocalCheckpoint checkpoint =
                new CheckpointStore(fixture.store, directory.resolve("reader")).read(outcome.checkpoint());
        assertThat(checkpoint.manifest().data().records())
                .containsEntry("train", 36L)
                .containsEntry("validation", 8L);
        assertThat(checkpoint.manifest().data().partitions()).hasSize(TrainerFixture.PARTITIONS);
        assertThat(checkpoint.manifest().base().sha256())
                .isEqualTo(fixture.model.model().sha256());
        assertThat(checkpoint.manifest().metrics())
                .containsKeys("baseline_exact", "baseline_f1", "exact", "f1", "train_loss", "validation_loss");
        assertThat(checkpoint.files()).containsKeys("lm_head.safetensors", "config.json");
        assertThat(outcome.metrics().get("train_loss")).isPositive();
    }

    @Test
    void givesTheSameHeadHoweverOftenItIsKilled() {
        String undisturbed = fixture.id("undisturbed", "whole");
        fixture.write("killed", 4, false);

        killIn(Progress.Stage.EXTRACTING, 1);
        killIn(Progress.Stage.EXTRACTING, 2);
        killIn(Progress.Stage.BASELINE, 1);
        killIn(Progress.Stage.TRAINING, 1);
        killIn(Progress.Stage.TRAINING, 2);
        killIn(Progress.Stage.TRAINING, 3);
        killIn(Progress.Stage.VALIDATING, 1);
        String resumed = fixture.id("killed", "killed");

        assertThat(resumed).isEqualTo(undisturbed);
    }

    @Test
    void reportsTheWholeOfARunThatWasKilled() {
        RunEvent run = TrainerFixture.run("reported", "whole");
        RunBook book = new RunBook();
        book.on(run);
        Cancellation kill = new Cancellation();
        assertThatThrownBy(() -> fixture.trainer("killed-reporter").train(run, kill, step -> {
                    book.on(step);
                    if (step.stage() == Progress.Stage.TRAINING && step.metrics() != null) {
                        kill.request();
                    }
                }))
                .isInstanceOf(Cancelled.class);

        Trainer.Outcome outcome =
                fixture.trainer("reporter", Duration.ZERO, book).train(run, new Cancellation(), step -> {});

        String report =
                new String(new RunReportStore(fixture.store).find("reported").orElseThrow(), UTF_8);
        assertThat(report)
                .contains("<title>training ", " at 1</title>")
                .contains("<title>validation ", " at 0</title>", " at 9</title>", " at 18</title>")
                .contains(outcome.checkpoint().id(), fixture.model.model().sha256(), "squadron.token-batches.v1")
                .contains("By question", "By length of the answer", "Worst answers", "<td>what</td>")
                .contains("<dt>Training examples</dt><dd>36</dd>", "<dt>Seed</dt><dd>7</dd>", "batch_size: 4");
    }

    /** Starts the run on a machine of its own, and stops it at the n-th event of a stage. */
    private static void killIn(Progress.Stage stage, int event) {
        Cancellation kill = new Cancellation();
        int[] seen = {0};
        assertThatThrownBy(() -> fixture.trainer("machine-" + stage + event)
                        .train(TrainerFixture.run("killed", "killed"), kill, step -> {
                            if (step.stage() == stage && ++seen[0] == event) {
                                kill.request();
                            }
                        }))
                .isInstanceOf(Cancelled.class);
    }

    @Test
    void givesTheSameHeadHoweverTheBatchesWereCut() {
        fixture.write("other-cut", 7, true);

        assertThat(fixture.id("other-cut", "other-cut")).isEqualTo(fixture.id("one-cut", "whole"));
    }

    @Test
    void findsTheFeaturesOfADataSetUnderAnotherName() {
        String original = fixture.id("original", "whole");
        List<StoredObject> catalogue = fixture.catalogue();
        fixture.write("renamed", 5, true);

        assertThat(fixture.id("renamed", "renamed")).isEqualTo(original);
        assertThat(fixture.catalogue()).isEqualTo(catalogue);
    }

    @Test
    void trainsAnAdapterThatTheModelTakesBack() throws Exception {
        Trainer.Outcome outcome = train("adapter", "tune: lora\nepochs: 1\nlora: {rank: 2, alpha: 4}");

        CheckpointStore checkpoints = new CheckpointStore(fixture.store, directory.resolve("adapter-reader"));
        LocalCheckpoint checkpoint = checkpoints.read(outcome.checkpoint());
        LoraAdapter adapter = PeftDirectory.read(
                checkpoints.folder(checkpoint), fixture.model.model().config());
        assertThat(checkpoint.manifest().kind()).isEqualTo("lora");
        assertThat(adapter.config().rank()).isEqualTo(2);
        assertThat(outcome.metrics()).containsKeys("f1", "validation_loss", "baseline_f1");
    }

    @Test
    void trainsTheLastBlocksIntoAWholeModel() throws Exception {
        Trainer.Outcome outcome = train("blocks", "tune: last_n_blocks\nlast_n_blocks: 1\nsteps: 3");

        CheckpointStore checkpoints = new CheckpointStore(fixture.store, directory.resolve("blocks-reader"));
        try (Seq2SeqModel model =
                Seq2SeqModel.load(checkpoints.folder(checkpoints.read(outcome.checkpoint())), new Threads(1, 2))) {
            assertThat(model.config()).isEqualTo(fixture.model.model().config());
            assertThat(model.sha256()).isNotEqualTo(fixture.model.model().sha256());
        }
    }

    private static Trainer.Outcome train(String run, String recipe) throws Exception {
        return fixture.trainer(run).train(TrainerFixture.run(run, "whole", recipe), new Cancellation(), step -> {});
    }

    @Test
    void computesACorruptShardAgain() {
        String before = fixture.id("intact", "whole");
        StoredObject shard = fixture.catalogue().get(0);
        fixture.store.put(shard.key(), "corrupt".getBytes(UTF_8));

        assertThat(fixture.id("corrupt", "whole")).isEqualTo(before);
        assertThat(new FeatureStore(fixture.store, directory.resolve("reader")).open(shard))
                .isNotNull();
    }

    @Test
    void computesAShardAgainThatHasLeftTheBucket() {
        String before = fixture.id("complete", "whole");
        StoredObject shard = fixture.catalogue().get(0);
        fixture.store.delete(shard.key());

        assertThat(fixture.id("evicted", "whole")).isEqualTo(before);
        assertThat(fixture.store.version(shard.key())).isPresent();
    }

    @Test
    void findsFeaturesAndBaselineThatAreThere() {
        Trainer.Outcome before =
                fixture.trainer("here").train(TrainerFixture.run("before", "whole"), new Cancellation(), step -> {});
        List<StoredObject> catalogue = fixture.catalogue();
        long computed = fixture.observed.computed.get();
        long opened = fixture.observed.opened.get();
        List<Progress> told = new ArrayList<>();

        Trainer.Outcome after =
                fixture.trainer("elsewhere").train(TrainerFixture.run("after", "whole"), new Cancellation(), told::add);

        assertThat(told.stream().map(Progress::stage)).contains(Progress.Stage.SAVING);
        assertThat(fixture.catalogue()).isEqualTo(catalogue);
        assertThat(fixture.observed.computed).hasValue(computed);
        assertThat(fixture.observed.opened).hasValue(opened + fixture.train.size() + fixture.validation.size());
        assertThat(told.stream().filter(each -> each.stage() == Progress.Stage.BASELINE))
                .singleElement()
                .matches(each -> each.metrics().containsKey("validation_loss"));
        assertThat(after.metrics()).isEqualTo(before.metrics());
    }

    @Test
    void refusesADataSetThatLacksExamples() {
        fixture.seal("lacking", 5);

        assertThatThrownBy(() -> fixture.trainer("lacking")
                        .train(TrainerFixture.run("lacking", "lacking"), new Cancellation(), step -> {}))
                .isInstanceOf(IncompleteDataset.class)
                .hasMessageContaining("counts 5 examples and the log holds 0");
    }

    @Test
    void saysThatADataSetIsNotSealed() {
        assertThatThrownBy(() -> fixture.trainer("absent")
                        .train(TrainerFixture.run("absent", "absent"), new Cancellation(), step -> {}))
                .isInstanceOf(IncompleteDataset.class)
                .hasMessageContaining("is not sealed in partition 0")
                .hasMessageContaining("squadron ingest");
    }
}
