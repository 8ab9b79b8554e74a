package dev.squadron.checkpoints.features;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squadron.checkpoints.features.FeatureObserver.From;
import dev.squadron.checkpoints.store.ObjectStore;
import dev.squadron.checkpoints.store.StoreConfig;
import dev.squadron.contracts.batch.Preprocessing;
import dev.squadron.contracts.checkpoint.Manifest.StoredObject;
import dev.squadron.local.ObjectStoreServer;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Features leave the disk and the bucket of a real S3 server by the rule, and none that somebody needs. */
class FeatureLimitsIT {
    private static final Duration GRACE = Duration.ofHours(1);

    @TempDir
    private static Path directory;

    @TempDir
    private Path work;

    private static ObjectStoreServer server;
    private static ObjectStore store;

    private final SetClock clock = new SetClock();
    private final List<Gone> gone = new ArrayList<>();
    private FeatureSet set;

    /** What a store tells its observer. */
    private record Gone(From from, long bytes) {}

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

    @BeforeEach
    void chooseASet(TestInfo test) {
        set = new FeatureSet(
                test.getTestMethod().orElseThrow().getName(), "ab", "fp32", Preprocessing.getDefaultInstance());
    }

    @Test
    void aMappedCopyStaysOnDiskAndOthersAreFetchedAgain() throws IOException {
        FeatureStore features = features(2, 100);
        StoredObject held = add(features, 0, 1);
        FeatureShard open = features.open(held);
        List<StoredObject> others =
                Stream.of(2, 3, 4, 5).map(example -> add(features, 0, example)).toList();

        assertThat(copies())
                .hasSizeLessThan(5)
                .contains(held.sha256())
                .contains(others.get(3).sha256());
        assertThat(copies()).doesNotContain(others.get(0).sha256());
        assertThat(gone)
                .hasSize(5 - copies().size())
                .containsOnly(new Gone(From.DISK, others.get(0).size()));
        assertThat(features.open(others.get(0)).states().get(0)).isEqualTo(2f);
        assertThat(open.states().get(0)).isEqualTo(1f);
    }

    @Test
    void theShardsThatWereNotUsedForLongestLeaveTheCatalogueAndAfterSomeGraceTheBucket() {
        FeatureStore features = features(100, 2);
        StoredObject first = add(features, 0, 1);
        clock.pass(Duration.ofDays(1));
        StoredObject second = add(features, 1, 2);
        clock.pass(Duration.ofDays(1));
        StoredObject third = add(features, 0, 3);
        var unused = features.used(set, 2, Set.of(first));

        assertThat(shards(features)).containsExactlyInAnyOrder(first, third);
        assertThat(gone).containsExactly(new Gone(From.CATALOGUE, second.size()));
        assertThat(store.version(second.key())).isPresent();
        assertThat(features.open(second)).isNotNull();

        clock.pass(GRACE.minusSeconds(1));
        unused = features.used(set, 2, Set.of(first));
        assertThat(store.version(second.key())).isPresent();
        clock.pass(Duration.ofSeconds(2));
        unused = features.used(set, 2, Set.of(first));
        assertThat(store.version(second.key())).isEmpty();
        assertThat(features.segment(set, 1).dropped()).isEmpty();
        assertThat(gone).endsWith(new Gone(From.BUCKET, second.size())).hasSize(2);
        assertThat(shards(features)).containsExactlyInAnyOrder(first, third);
    }

    @Test
    void aShardThatIsComputedAgainIsNotDeleted() {
        FeatureStore features = features(100, 1);
        StoredObject first = add(features, 0, 1);
        StoredObject second = add(features, 0, 2);
        var unused = features.used(set, 2, Set.of(second));
        assertThat(shards(features)).containsExactly(second);

        assertThat(add(features, 1, 1)).isEqualTo(first);
        clock.pass(GRACE.multipliedBy(2));
        unused = features.used(set, 2, Set.of(first, second));

        assertThat(shards(features)).containsExactlyInAnyOrder(first, second);
        assertThat(store.version(first.key())).isPresent();
        assertThat(features.segment(set, 0).dropped()).isEmpty();
        assertThat(gone).containsExactly(new Gone(From.CATALOGUE, first.size()));
    }

    @Test
    void aShardThatTwoReplicasHaveAddedGoesOnce() {
        FeatureStore features = features(100, 1);
        StoredObject twice = add(features, 0, 1);
        assertThat(add(features, 1, 1)).isEqualTo(twice);
        StoredObject used = add(features, 0, 2);

        var unused = features.used(set, 2, Set.of(used));
        clock.pass(GRACE.multipliedBy(2));
        unused = features.used(set, 2, Set.of(used));

        assertThat(store.version(twice.key())).isEmpty();
        assertThat(gone).containsExactly(new Gone(From.CATALOGUE, twice.size()), new Gone(From.BUCKET, twice.size()));
    }

    @Test
    void whatARunUsesStaysHoweverMuchItIs() {
        FeatureStore features = features(100, 1);
        Set<StoredObject> used = Set.of(add(features, 0, 1), add(features, 0, 2), add(features, 0, 3));

        var unused = features.used(set, 1, used);

        assertThat(shards(features)).containsExactlyInAnyOrderElementsOf(used);
    }

    @Test
    void aCatalogueOfOldIsReadAndItsShardsGoFirst() {
        FeatureStore features = features(100, 1);
        StoredObject old = add(features, 0, 1);
        String key = old.key().substring(0, old.key().lastIndexOf('/') + 1) + "catalogue-0.json";
        String catalogue = new String(store.read(key, 1 << 20).orElseThrow(), UTF_8);
        store.put(
                key,
                catalogue
                        .replaceAll(",?\"used_at\":\"[^\"]*\"", "")
                        .replace(",\"dropped\":[]", "")
                        .getBytes(UTF_8));
        assertThat(new String(store.read(key, 1 << 20).orElseThrow(), UTF_8)).doesNotContain("used_at", "dropped");

        StoredObject fresh = add(features, 0, 2);
        var unused = features.used(set, 1, Set.of());

        assertThat(shards(features)).containsExactly(fresh);
        assertThat(features.segment(set, 0).dropped())
                .extracting(FeatureSegment.Dropped::shard)
                .containsExactly(old);
    }

    /** Returns a store with room for so many shards. */
    private FeatureStore features(int onDisk, int inTheBucket) {
        long shard = add(new FeatureStore(store, work.resolve("measure")), 9, 0).size();
        return new FeatureStore(
                store,
                work.resolve("cache"),
                new FeatureLimits(onDisk * shard, inTheBucket * shard, GRACE),
                (from, bytes) -> gone.add(new Gone(from, bytes)),
                clock);
    }

    private StoredObject add(FeatureStore features, int segment, int example) {
        FeatureShard shard = new FeatureShard(2, FloatBuffer.wrap(new float[] {example, 0}), new int[] {0, 1});
        List<FeatureSegment.Entry> entries = features.add(
                        set,
                        features.segment(set, segment),
                        List.of(FeatureKey.of(new int[] {example}, new int[] {1})),
                        shard)
                .entries();
        return entries.get(entries.size() - 1).shard();
    }

    private List<StoredObject> shards(FeatureStore features) {
        return Stream.of(0, 1)
                .flatMap(segment -> features.segment(set, segment).entries().stream())
                .map(FeatureSegment.Entry::shard)
                .toList();
    }

    private List<String> copies() throws IOException {
        try (Stream<Path> files = Files.list(work.resolve("cache"))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    /** A clock that stands still until it is told to go on. */
    private static final class SetClock extends Clock {
        private Instant now = Instant.parse("2026-01-01T00:00:00Z");

        void pass(Duration time) {
            now = now.plus(time);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
