package dev.squadron.text.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squadron.text.hub.ModelDirectory.Need;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelDirectoryTest {
    private static final String NAME = "google/flan-t5-tiny";

    @TempDir
    private Path cache;

    private final HubServer hub = new HubServer()
            .withSmall("config.json", "{}")
            .withSmall("tokenizer.json", "{\"a\":1}")
            .with("model.safetensors", "weights")
            .with("pytorch_model.bin", "pickle")
            .withSmall("README.md", "for people");

    @AfterEach
    void stop() {
        hub.close();
    }

    @Test
    void fetchesIntoTheCacheOfPythonsClient() throws IOException {
        ModelDirectory model = resolve(NAME);

        Path repository = cache.resolve("models--google--flan-t5-tiny");
        assertThat(model.path()).isEqualTo(repository.resolve("snapshots").resolve(HubServer.COMMIT));
        assertThat(model.revision()).hasValue(HubServer.COMMIT);
        assertThat(repository.resolve("refs/main")).hasContent(HubServer.COMMIT);
        assertThat(model.path().resolve("model.safetensors"))
                .hasContent("weights")
                .isSymbolicLink();
        assertThat(Files.readSymbolicLink(model.path().resolve("model.safetensors"))
                        .toString())
                .startsWith("../../blobs/");
        assertThat(names(repository.resolve("blobs")))
                .hasSize(3)
                .allMatch(HubFile::isHash)
                .anyMatch(blob -> blob.length() == 64)
                .anyMatch(blob -> blob.length() == 40);
    }

    @Test
    void fetchesNothingButWhatIsNeeded() throws IOException {
        assertThat(names(resolve(NAME).path())).containsExactly("config.json", "model.safetensors", "tokenizer.json");
    }

    @Test
    void fetchesTheTokenizerAloneWhereNothingElseIsNeeded() throws IOException {
        ModelDirectory model =
                ModelDirectory.resolve(NAME, "main", Need.TOKENIZER, client(online()), DownloadProgress.SILENT);

        assertThat(names(model.path())).containsExactly("tokenizer.json");
    }

    @Test
    void fetchesTheShardsThatTheIndexNames() throws IOException {
        try (HubServer sharded = new HubServer()
                .withSmall("config.json", "{}")
                .withSmall("tokenizer.json", "{}")
                .withSmall(
                        "model.safetensors.index.json",
                        "{\"weight_map\":{\"a\":\"model-00001-of-00002.safetensors\",\"b\":\"model-00002-of-00002.safetensors\"}}")
                .with("model-00001-of-00002.safetensors", "first")
                .with("model-00002-of-00002.safetensors", "second")
                .with("model-00001-of-00003.safetensors", "of another kind")) {
            sharded.gather(2);

            ModelDirectory model = resolve(NAME, client(config(sharded, false)));

            assertThat(names(model.path()))
                    .contains("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
                    .doesNotContain("model-00001-of-00003.safetensors");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"../secret.safetensors", "/etc/a.safetensors", "weights.bin", ""})
    void refusesAnIndexThatLeadsElsewhere(String shard) {
        try (HubServer hostile = new HubServer()
                .withSmall("config.json", "{}")
                .withSmall("tokenizer.json", "{}")
                .withSmall("model.safetensors.index.json", "{\"weight_map\":{\"a\":\"" + shard + "\"}}")) {
            assertThatThrownBy(() -> resolve(NAME, client(config(hostile, false))))
                    .isInstanceOf(HubException.class)
                    .hasMessageContaining("should name safetensors beside it");
        }
    }

    @ParameterizedTest
    @CsvSource({"models/flan,models/flan", "s3://bucket/models/flan-t5-tiny,flan-t5-tiny", "s3://bucket/a/,a"})
    void callsAModelByItsNameOrTheLastPartOfItsPath(String name, String called) {
        assertThat(ModelDirectory.nameOf(name)).isEqualTo(called);
    }

    @ParameterizedTest
    @CsvSource({"v1,true", "refs/pr/1,true", HubServer.COMMIT + ",false"})
    void takesABranchATagOrACommit(String revision, boolean referred) {
        ModelDirectory model =
                ModelDirectory.resolve(NAME, revision, Need.WEIGHTS, client(online()), DownloadProgress.SILENT);

        Path reference = cache.resolve("models--google--flan-t5-tiny/refs").resolve(revision);
        assertThat(model.revision()).hasValue(HubServer.COMMIT);
        assertThat(Files.exists(reference)).isEqualTo(referred);
    }

    @Test
    void saysThatThereIsNoSuchRevision() {
        assertThatThrownBy(() -> ModelDirectory.resolve(
                        NAME, "nightly", Need.WEIGHTS, client(online()), DownloadProgress.SILENT))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("no such revision")
                .hasMessageContaining("nightly");
    }

    @Test
    void needsNoNetworkForWhatItHas() {
        resolve(NAME);
        hub.close();

        ModelDirectory again = resolve(NAME, client(config(hub, true)));

        assertThat(again.path().resolve("model.safetensors")).hasContent("weights");
    }

    @Test
    void takesWhatItHasWhenTheHubDoesNotAnswer() {
        resolve(NAME);
        hub.fail(503, null);

        assertThat(resolve(NAME).path().resolve("model.safetensors")).hasContent("weights");
    }

    @Test
    void saysWhatIsMissingOffline() {
        ModelDirectory.resolve(NAME, "main", Need.TOKENIZER, client(online()), DownloadProgress.SILENT);

        assertThatThrownBy(() -> resolve(NAME, client(config(hub, true))))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("model.safetensors")
                .hasMessageContaining("HF_HUB_OFFLINE");
        assertThatThrownBy(() -> resolve("google/other", client(config(hub, true))))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("google/other at main is not in the cache")
                .hasMessageContaining("HF_HUB_OFFLINE");
    }

    @Test
    void refusesARepositoryOfPickledWeights() {
        try (HubServer pickled = new HubServer().withSmall("config.json", "{}").with("pytorch_model.bin", "x")) {
            assertThatThrownBy(() -> resolve(NAME, client(config(pickled, false))))
                    .isInstanceOf(HubException.class)
                    .hasMessageContaining("never loaded")
                    .hasMessageContaining(
                            "AutoModelForSeq2SeqLM.from_pretrained(\"google/flan-t5-tiny\").save_pretrained");
        }
    }

    @Test
    void refusesARepositoryWithoutAFastTokenizer() {
        try (HubServer slow = new HubServer()
                .withSmall("config.json", "{}")
                .with("model.safetensors", "x")
                .with("spiece.model", "x")) {
            assertThatThrownBy(() -> resolve(NAME, client(config(slow, false))))
                    .isInstanceOf(HubException.class)
                    .hasMessageContaining("no tokenizer.json")
                    .hasMessageContaining("AutoTokenizer");
        }
    }

    @ParameterizedTest
    @CsvSource({"../secret", "a/b/c", "'a b'", "a--b", "https://x", "s3://bucket/model", "''"})
    void refusesWhatIsNoName(String name) {
        assertThatThrownBy(() -> resolve(name))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("google/flan-t5-small");
    }

    @Test
    void takesADirectoryAsItIs() {
        ModelDirectory model = resolve(cache.toString());

        assertThat(model.path()).isEqualTo(cache);
        assertThat(model.name()).isEqualTo(String.valueOf(cache.getFileName()));
        assertThat(hub.log()).isEmpty();
    }

    private HubConfig online() {
        return config(hub, false);
    }

    private HubConfig config(HubServer server, boolean offline) {
        return new HubConfig(server.endpoint(), cache, Optional.of("hf_token"), offline);
    }

    private static HubClient client(HubConfig config) {
        return new HubClient(config, new Retries(3, Duration.ofMillis(1), Duration.ofSeconds(2)));
    }

    private ModelDirectory resolve(String name) {
        return resolve(name, client(online()));
    }

    private static ModelDirectory resolve(String name, HubClient client) {
        return ModelDirectory.resolve(name, "main", Need.WEIGHTS, client, DownloadProgress.SILENT);
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
