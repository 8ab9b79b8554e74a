package dev.squadron.checkpoints;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squadron.checkpoints.features.FeatureIndex;
import dev.squadron.checkpoints.features.FeatureKey;
import dev.squadron.checkpoints.features.FeatureSet;
import dev.squadron.checkpoints.features.FeatureShard;
import dev.squadron.checkpoints.features.FeatureStore;
import dev.squadron.checkpoints.manifest.CheckpointStore;
import dev.squadron.checkpoints.runstate.RunStateStore;
import dev.squadron.checkpoints.store.ObjectStore;
import dev.squadron.checkpoints.store.StoreConfig;
import dev.squadron.checkpoints.store.StoreException;
import dev.squadron.checkpoints.store.StoreUnreachable;
import dev.squadron.contracts.batch.Preprocessing;
import dev.squadron.contracts.checkpoint.CheckpointRef;
import dev.squadron.contracts.checkpoint.Manifest;
import dev.squadron.contracts.checkpoint.Manifest.BaseModel;
import dev.squadron.contracts.run.Recipe;
import dev.squadron.local.ObjectStoreServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints, features and run states in a real S3 server. */
class CheckpointsIT {
    @TempDir
    private static Path directory;

    @TempDir
    private Path work;

    private static ObjectStoreServer server;
    private static ObjectStore store;

    @BeforeAll
    static void start() {
        server = ObjectStoreServer.start(directory, 0, "key", "secret-key", "bucket");
        store = ObjectStore.open(new StoreConfig(server.endpoint(), "us-east-1", "bucket", "key", "secret-key"));
    }

    @AfterAll
    static void stop() {
        store.close();
        server.close();
    }

    @Test
    void saysThatTheServerIsGone() throws IOException {
        ObjectStoreServer gone = ObjectStoreServer.start(work.resolve("gone"), 0, "key", "secret-key", "bucket");
        Path file = Files.writeString(work.resolve("file"), "text");
        try (ObjectStore orphan =
                ObjectStore.open(new StoreConfig(gone.endpoint(), "us-east-1", "bucket", "key", "secret-key"))) {
            assertThat(orphan.isReady(5_000)).isTrue();
            gone.close();

            assertThat(orphan.isReady(5_000)).isFalse();
            for (ThrowingCallable request : List.<ThrowingCallable>of(
                    () -> orphan.put("name", "a/key", file),
                    () -> orphan.put("a/key", new byte[1]),
                    () -> orphan.put("a/key", new ByteArrayInputStream(new byte[1]), 5 << 20),
                    () -> orphan.version("a/key"),
                    () -> orphan.open("a/key", 0),
                    () -> orphan.delete("a/key"))) {
                assertThatThrownBy(request)
                        .isInstanceOf(StoreUnreachable.class)
                        .hasMessageContaining("a/key")
                        .hasMessageContaining("Look whether the server runs");
            }
        }
    }

    @Test
    void putsOnlyWhereNothingIs() {
        assertThat(store.putIfAbsent("absent/a.json", "first".getBytes(UTF_8))).isTrue();
        assertThat(store.putIfAbsent("absent/a.json", "second".getBytes(UTF_8))).isFalse();

        assertThat(store.read("absent/a.json", 100)).hasValue("first".getBytes(UTF_8));
    }

    @Test
    void readsFromTheMiddleAndWithinLimits() throws IOException {
        store.put("some/object", new ByteArrayInputStream("0123456789".getBytes(UTF_8)), 5 << 20);

        try (InputStream in = store.open("some/object", 7).orElseThrow()) {
            assertThat(in.readAllBytes()).isEqualTo("789".getBytes(UTF_8));
        }
        assertThat(store.open("some/other", 0)).isEmpty();
        assertThatThrownBy(() -> store.read("some/object", 9))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("more than 9 bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/a", "a//b", "../a", "a/../b", "a/..", "a b", "a\nb", "é", "a/./b"})
    void refusesKeysThatLeadElsewhere(String key) {
        assertThatThrownBy(() -> store.put(key, new byte[1]))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("is not allowed");
    }

    @Test
    void namesBucketAndRemedyWhenTheKeysAreWrong() {
        try (ObjectStore stranger =
                ObjectStore.open(new StoreConfig(server.endpoint(), "us-east-1", "bucket", "key", "wrong-secret"))) {
            assertThatThrownBy(() -> stranger.read("some/object", 10))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("bucket bucket at")
                    .hasMessageContaining("keys are right")
                    .hasMessageNotContaining("wrong-secret");
        }
    }

    @Test
    void writesACheckpointOnceAndReadsItVerified() throws IOException {
        CheckpointStore checkpoints = new CheckpointStore(store, work.resolve("cache"));
        Path head = Files.writeString(work.resolve("head"), "a head");

        CheckpointRef first = checkpoints.write(
                "org/model", CheckpointStore.HEAD, Map.of(CheckpointStore.HEAD, head), o -> manifest(head, o, 1));
        CheckpointRef again = checkpoints.write(
                "org/model", CheckpointStore.HEAD, Map.of(CheckpointStore.HEAD, head), o -> manifest(head, o, 2));

        assertThat(again).isEqualTo(first);
        assertThat(first.manifestKey()).isEqualTo("checkpoints/org--model/" + first.id() + "/squadron.json");
        assertThat(checkpoints.read(first).head()).hasContent("a head");
    }

    @Test
    void refusesACheckpointWhoseHeadWasChanged() throws IOException {
        CheckpointStore checkpoints = new CheckpointStore(store, work.resolve("cache"));
        Path head = Files.writeString(work.resolve("head"), "another head");
        CheckpointRef reference = checkpoints.write(
                "model", CheckpointStore.HEAD, Map.of(CheckpointStore.HEAD, head), o -> manifest(head, o, 1));
        store.put("checkpoints/model/" + reference.id() + "/" + CheckpointStore.HEAD, "corrupt head".getBytes(UTF_8));

        assertThatThrownBy(() -> checkpoints.read(reference))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining(CheckpointStore.HEAD)
                .hasMessageContaining("is corrupt");
    }

    @Test
    void findsFeaturesByContentAndForgetsACorruptShard() {
        FeatureSet set = new FeatureSet("model", "ab", "fp32", Preprocessing.getDefaultInstance());
        FeatureKey first = FeatureKey.of(new int[] {1, 2}, new int[] {3});
        FeatureKey second = FeatureKey.of(new int[] {1}, new int[] {2, 3});
        FeatureShard shard = new FeatureShard(2, FloatBuffer.wrap(new float[] {1, 2, 3, 4, 5, 6}), new int[] {0, 1, 3});
        FeatureStore features = new FeatureStore(store, work.resolve("cache"));

        features.add(set, features.segment(set, 1), List.of(first, second), shard);

        FeatureStore elsewhere = new FeatureStore(store, work.resolve("other"));
        FeatureIndex index = new FeatureIndex();
        index.add(elsewhere.segment(set, 1));
        FeatureIndex.Place place = index.find(second).orElseThrow();
        FeatureShard read = elsewhere.open(place.shard());
        assertThat(place.row()).isEqualTo(1);
        assertThat(read.states().get(2 * read.firstPosition()[place.row()])).isEqualTo(3f);
        assertThat(index.find(FeatureKey.of(new int[] {1, 2, 3}, new int[] {}))).isEmpty();
        assertThat(elsewhere
                        .segment(new FeatureSet("model", "ab", "bf16", set.preprocessing()), 1)
                        .entries())
                .isEmpty();
        store.put(place.shard().key(), "corrupt".getBytes(UTF_8));
        assertThatThrownBy(() -> new FeatureStore(store, work.resolve("third")).open(place.shard()))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("is corrupt");
        elsewhere.drop(set, place.segment(), place.shard());
        assertThat(elsewhere.segment(set, 1).entries()).isEmpty();
    }

    @Test
    void keepsTheLastTwoStatesOfARun() throws IOException {
        RunStateStore states = new RunStateStore(store, work.resolve("cache"));
        Path best = Files.writeString(work.resolve("best"), "the best so far");
        for (int step = 1; step <= 3; step++) {
            Path state = Files.writeString(work.resolve("state"), "state " + step);
            states.save("run", step, "{\"step\":" + step + "}", Map.of("state", state, "best", best));
        }

        assertThat(store.open("runs/run/state/1/state", 0)).isEmpty();
        assertThat(store.open("runs/run/state/3/best", 0)).isEmpty();
        assertThat(states.latest("run").orElseThrow().files().get("state")).hasContent("state 3");
        assertThat(states.latest("run").orElseThrow().files().get("best")).hasContent("the best so far");
        store.put("runs/run/state/3/state", "torn".getBytes(UTF_8));
        RunStateStore elsewhere = new RunStateStore(store, work.resolve("other"));
        assertThat(elsewhere.latest("run").orElseThrow().position()).isEqualTo("{\"step\":2}");
        states.delete("run");
        assertThat(elsewhere.latest("run")).isEmpty();
        assertThat(store.open("runs/run/state/1/best", 0)).isEmpty();
    }

    private static Manifest manifest(Path head, List<Manifest.StoredObject> objects, int second) {
        try {
            return new Manifest(
                    Manifest.VERSION,
                    CheckpointStore.id(head),
                    "head",
                    new BaseModel("model", null, "ab"),
                    objects,
                    Recipe.tutorial(),
                    new Manifest.Data("harbour", "topic", List.of(), Map.of()),
                    Map.of(),
                    null,
                    "run",
                    Instant.ofEpochSecond(second));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
