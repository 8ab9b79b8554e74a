package dev.squadron.text.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squadron.text.hub.HubClient.Snapshot;
import dev.squadron.text.hub.HubRepository.Kind;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HubClientTest {
    private static final HubRepository MODEL = new HubRepository(Kind.MODEL, "google/flan-t5-tiny");
    private static final String WEIGHTS = "model.safetensors";
    private static final String CONTENT =
            IntStream.range(0, 50_000).mapToObj(Integer::toString).collect(Collectors.joining(" "));

    @TempDir
    private Path cache;

    private final HubServer hub = new HubServer()
            .withSmall("config.json", "{}")
            .with(WEIGHTS, CONTENT)
            .with("other.safetensors", "other");

    @AfterEach
    void stop() {
        hub.close();
    }

    @Test
    void givesTheTokenToTheHubAndToNobodyElse() {
        fetch();

        assertThat(hub.log()).filteredOn(line -> line.startsWith("hub")).allMatch(line -> line.endsWith("with token"));
        assertThat(hub.log())
                .filteredOn(line -> line.startsWith("storage"))
                .isNotEmpty()
                .noneMatch(line -> line.endsWith("with token"));
    }

    @Test
    void followsARepositoryToItsNewName() {
        hub.renamedFrom("google/flan-t5-tiny");

        assertThat(fetch()).hasContent(CONTENT);
        assertThat(file("config.json")).hasContent("{}");
    }

    @Test
    void asksForNothingThatItHas() {
        fetch();
        List<String> before = hub.log();

        fetch();

        assertThat(hub.log().subList(before.size(), hub.log().size())).containsExactly("hub GET main with token");
    }

    @Test
    void goesOnWhereATransferBrokeOff() {
        hub.cut(2, 1_000);

        assertThat(fetch()).hasContent(CONTENT);
        assertThat(hub.log())
                .contains("storage GET " + WEIGHTS + " bytes=1000-")
                .contains("storage GET " + WEIGHTS + " bytes=2000-");
    }

    @Test
    void keepsWhatCameForTheNextTime() {
        hub.cut(3, 1_000);
        assertThatThrownBy(this::fetch)
                .isInstanceOf(HubException.class)
                .hasMessageContaining("broke off at byte 3000 of " + CONTENT.length());

        List<Long> told = new ArrayList<>();
        HubClient client = client();
        Snapshot snapshot = client.pin(MODEL, "main");
        client.fetch(snapshot, List.of(WEIGHTS), (done, total) -> told.add(done));

        assertThat(client.directory(snapshot).resolve(WEIGHTS)).hasContent(CONTENT);
        assertThat(hub.log()).contains("storage GET " + WEIGHTS + " bytes=3000-");
        assertThat(told).startsWith(3_000L).endsWith((long) CONTENT.length());
    }

    @Test
    void startsAgainWhereTheServerKnowsNoRanges() {
        hub.cut(1, 1_000);
        hub.ignoreRanges();

        assertThat(fetch()).hasContent(CONTENT);
    }

    @Test
    void dropsAFileWithAnotherHash() {
        hub.corrupt();

        assertThatThrownBy(this::fetch)
                .isInstanceOf(HubException.class)
                .hasMessageContaining(WEIGHTS + " came with the hash")
                .hasMessageContaining("dropped");
        assertThat(blobs()).isEmpty();
    }

    @Test
    void dropsWhatAnEarlierDownloadLeftSpoilt() throws IOException {
        fetch();
        Path blob = cache.resolve(MODEL.folder()).resolve("blobs").resolve(blobs().get(0));
        Files.delete(cache.resolve(MODEL.folder())
                .resolve("snapshots/" + HubServer.COMMIT)
                .resolve(WEIGHTS));
        Files.delete(blob);
        Files.writeString(blob.resolveSibling(blob.getFileName() + ".squadron.incomplete"), "spoilt");

        assertThatThrownBy(this::fetch).isInstanceOf(HubException.class).hasMessageContaining("came with the hash");
        assertThat(fetch()).hasContent(CONTENT);
    }

    @Test
    void asksAgainWhenTheHubIsBusy() {
        hub.failNext(2, 503, null);

        assertThat(fetch()).hasContent(CONTENT);
    }

    @Test
    void waitsAsLongAsTheHubAsks() {
        hub.failNext(1, 429, "1");
        long began = System.nanoTime();

        fetch();

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void waitsUntilTheTimeThatTheHubNames() {
        hub.failNext(
                1,
                503,
                DateTimeFormatter.RFC_1123_DATE_TIME.format(
                        ZonedDateTime.now(ZoneOffset.UTC).plusHours(1)));

        assertThatThrownBy(this::fetch).isInstanceOf(HubException.class).hasMessageContaining("answers 503");
        assertThat(hub.log()).hasSize(1);
    }

    @Test
    void doesNotWaitForHours() {
        hub.failNext(1, 429, "7200");

        assertThatThrownBy(this::fetch).isInstanceOf(HubException.class).hasMessageContaining("too often");
        assertThat(hub.log()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "401,, not given for the token in HF_TOKEN",
        "401, GatedRepo, is gated: accept its terms",
        "403, GatedRepo, the one that is set has no access",
        "403, Disabled, answers 403",
        "404, RepoNotFound, 'has no google/flan-t5-tiny, or it is private'",
        "404, RevisionNotFound, no such revision",
        "404, EntryNotFound, 'check name, revision and file'",
        "429,, too often",
        "500,, answers 500",
        "304,, answers 304"
    })
    void saysWhatToDo(int status, String error, String text) {
        hub.fail(status, error);

        assertThatThrownBy(this::fetch).isInstanceOf(HubException.class).hasMessageContaining(text);
    }

    @Test
    void asksForATokenWhereThereIsNone() {
        hub.fail(401, "RepoNotFound");

        assertThatThrownBy(() -> client(Optional.empty()).pin(MODEL, "main"))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("not there, or private")
                .hasMessageContaining("set HF_TOKEN");
    }

    @Test
    void opensAGateWithItsToken() {
        hub.gate("hf_member");

        assertThatThrownBy(this::fetch).isInstanceOf(HubException.class).hasMessageContaining("is gated");
        HubClient member = client(Optional.of("hf_member"));
        assertThat(member.file(member.pin(MODEL, "main"), WEIGHTS)).hasContent(CONTENT);
    }

    @Test
    void saysThatNobodyAnswers() {
        hub.close();

        assertThatThrownBy(this::fetch)
                .isInstanceOf(HubException.class)
                .hasMessageContaining("Connection refused")
                .hasMessageContaining("HF_ENDPOINT")
                .hasMessageContaining("HF_HUB_OFFLINE");
    }

    @Test
    void beginsNothingThatTheDiskCannotHold() {
        hub.promise(Long.MAX_VALUE / 2);

        assertThatThrownBy(this::fetch)
                .isInstanceOf(HubException.class)
                .hasMessageContaining("needs 4611686018.4 GB more")
                .hasMessageContaining("HF_HOME");
        assertThat(hub.log()).noneMatch(line -> line.startsWith("storage"));
    }

    @Test
    void saysThatTheCacheCannotBeWritten() throws IOException {
        Path file = Files.writeString(cache.resolve("file"), "");
        HubClient client = new HubClient(
                new HubConfig(hub.endpoint(), file.resolve("cache"), Optional.empty(), false), Retries.NONE);

        assertThatThrownBy(() -> client.file(client.pin(MODEL, "main"), WEIGHTS))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("cannot be written")
                .hasMessageContaining("HF_HOME");
    }

    @Test
    void bringsFilesSideBySideAndCountsThem() {
        hub.gather(2);
        List<Long> told = new ArrayList<>();
        HubClient client = client();

        client.fetch(client.pin(MODEL, "main"), List.of(WEIGHTS, "other.safetensors"), (done, total) -> {
            assertThat(total).isEqualTo(CONTENT.length() + 5L);
            told.add(done);
        });

        assertThat(told).isSorted().endsWith(CONTENT.length() + 5L);
    }

    @Test
    void fetchesOnceForThreadsThatWantTheSame() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<Path>> wishes = IntStream.range(0, 4)
                    .<Callable<Path>>mapToObj(i -> this::fetch)
                    .toList();
            for (Future<Path> path : threads.invokeAll(wishes)) {
                assertThat(path.get()).hasContent(CONTENT);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(hub.log()).containsOnlyOnce("storage GET " + WEIGHTS);
    }

    @Test
    void fetchesOnceForProcessesThatWantTheSame() throws Exception {
        Process first = process();
        Process second = process();

        assertThat(first.waitFor()).isZero();
        assertThat(second.waitFor()).isZero();
        assertThat(hub.log())
                .containsOnlyOnce("storage GET " + WEIGHTS)
                .filteredOn("hub GET main"::equals)
                .hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../a", "/a", "a//b", "a/./b", "a/..", "", "a\\b", "a\nb", "a\u2028/../../b"})
    void takesNoFileFromElsewhere(String name) {
        assertThatThrownBy(() -> file(name)).isInstanceOf(HubException.class).hasMessageContaining("no file name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"data/split=train/0001 é+#?.parquet", "a..b", ".gitattributes"})
    void takesEveryNameOfAFile(String name) {
        hub.with(name, "content");

        assertThat(file(name)).hasContent("content");
    }

    @Test
    void asksAMirrorBeneathAPath() {
        URI beneath = URI.create(hub.endpoint() + "/mirror/");
        HubClient client = new HubClient(new HubConfig(beneath, cache, Optional.empty(), false), Retries.NONE);

        assertThat(client.file(client.pin(MODEL, "main"), WEIGHTS)).hasContent(CONTENT);
        assertThat(hub.paths()).isNotEmpty().allMatch(path -> path.startsWith("/mirror/"));
    }

    private Path fetch() {
        return file(WEIGHTS);
    }

    private Path file(String name) {
        HubClient client = client();
        return client.file(client.pin(MODEL, "main"), name);
    }

    private HubClient client() {
        return client(Optional.of("hf_token"));
    }

    private HubClient client(Optional<String> token) {
        return new HubClient(
                new HubConfig(hub.endpoint(), cache, token, false),
                new Retries(3, Duration.ofMillis(1), Duration.ofSeconds(2)));
    }

    private List<String> blobs() {
        String[] names = cache.resolve(MODEL.folder()).resolve("blobs").toFile().list();
        return names == null ? List.of() : List.of(names);
    }

    private Process process() throws IOException {
        ProcessBuilder java = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                OtherProcess.class.getName());
        java.environment().clear();
        java.environment().put("HF_ENDPOINT", hub.endpoint().toString());
        java.environment().put("HF_HUB_CACHE", cache.toString());
        return java.inheritIO().start();
    }

    /** Fetches what the test fetches, in a process of its own. */
    static final class OtherProcess {
        private OtherProcess() {}

        public static void main(String[] args) {
            HubClient client = new HubClient(HubConfig.of(System.getenv()));
            client.file(client.pin(MODEL, "main"), WEIGHTS);
        }
    }
}
