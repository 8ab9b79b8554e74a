package dev.squadron.text.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squadron.text.hub.ModelDirectory.Need;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelDirectoryTest {
    private static final String NAME = "google/flan-t5-tiny";

    @TempDir
    private Path cache;

    private final HubServer hub = new HubServer()
            .with("config.json", "{}")
            .with("tokenizer.json", "{\"a\":1}")
            .with("model.safetensors", "weights")
            .with("pytorch_model.bin", "pickle");

    @AfterEach
    void stop() {
        hub.close();
    }

    @Test
    void fetchesIntoTheCacheOfPythonsClient() throws IOException {
        ModelDirectory model = resolve(NAME, online());

        Path repository = cache.resolve("models--google--flan-t5-tiny");
        assertThat(model.path()).isEqualTo(repository.resolve("snapshots").resolve(HubServer.COMMIT));
        assertThat(model.revision()).hasValue(HubServer.COMMIT);
        assertThat(repository.resolve("refs/main")).hasContent(HubServer.COMMIT);
        assertThat(model.path().resolve("model.safetensors"))
                .hasContent("weights")
                .isSymbolicLink();
        assertThat(model.path().resolve("pytorch_model.bin")).doesNotExist();
        try (var blobs = Files.list(repository.resolve("blobs"))) {
            assertThat(blobs)
                    .hasSize(3)
                    .allMatch(blob -> blob.getFileName().toString().matches("[0-9a-f]{64}"));
        }
    }

    @Test
    void fetchesTheTokenizerAloneWhereNothingElseIsNeeded() {
        ModelDirectory model = ModelDirectory.resolve(NAME, "main", Need.TOKENIZER, online());

        assertThat(model.path().resolve("tokenizer.json")).exists();
        assertThat(model.path().resolve("model.safetensors")).doesNotExist();
    }

    @Test
    void givesTheTokenToTheHubAndToNobodyElse() {
        resolve(NAME, online());

        assertThat(hub.log()).filteredOn(line -> line.startsWith("hub")).allMatch(line -> line.endsWith("with token"));
        assertThat(hub.log())
                .filteredOn(line -> line.startsWith("storage"))
                .isNotEmpty()
                .noneMatch(line -> line.endsWith("with token"));
    }

    @Test
    void needsNoNetworkForWhatItHas() {
        resolve(NAME, online());
        hub.close();

        ModelDirectory again = resolve(NAME, new HubConfig(hub.endpoint(), cache, Optional.empty(), true));

        assertThat(again.path().resolve("model.safetensors")).hasContent("weights");
    }

    @Test
    void goesOnWhereATransferBrokeOff() {
        hub.cutAfter(3);
        assertThatThrownBy(() -> resolve(NAME, online()))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("try again");
        hub.cutAfter(Integer.MAX_VALUE);

        ModelDirectory model = resolve(NAME, online());

        assertThat(model.path().resolve("model.safetensors")).hasContent("weights");
        assertThat(hub.log()).anyMatch(line -> line.contains("bytes=2-") || line.contains("bytes=3-"));
    }

    @Test
    void dropsAFileWithAnotherHash() {
        hub.corrupt();

        assertThatThrownBy(() -> resolve(NAME, online()))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("came with the hash");
    }

    @ParameterizedTest
    @CsvSource({"401, set HF_TOKEN", "403, is gated", "404, check name", "429, too often", "500, answers 500"})
    void saysWhatToDo(int status, String text) {
        hub.fail(status);

        assertThatThrownBy(() -> resolve(NAME, online()))
                .isInstanceOf(HubException.class)
                .hasMessageContaining(text);
    }

    @Test
    void refusesARepositoryOfPickledWeights() {
        try (HubServer pickled = new HubServer().with("tokenizer.json", "{}").with("pytorch_model.bin", "x")) {
            assertThatThrownBy(() -> resolve(NAME, new HubConfig(pickled.endpoint(), cache, Optional.empty(), false)))
                    .isInstanceOf(HubException.class)
                    .hasMessageContaining("only pickled weights")
                    .hasMessageContaining("save it again");
        }
    }

    @ParameterizedTest
    @CsvSource({"../secret", "a/b/c", "'a b'", "a--b", "https://x"})
    void refusesWhatIsNoName(String name) {
        assertThatThrownBy(() -> resolve(name, online()))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("google/flan-t5-small");
    }

    @Test
    void takesADirectoryAsItIs() {
        ModelDirectory model = resolve(cache.toString(), online());

        assertThat(model.path()).isEqualTo(cache);
        assertThat(model.name()).isEqualTo(String.valueOf(cache.getFileName()));
        assertThat(hub.log()).isEmpty();
    }

    private HubConfig online() {
        return new HubConfig(hub.endpoint(), cache, Optional.of("hf_token"), false);
    }

    private static ModelDirectory resolve(String name, HubConfig config) {
        return ModelDirectory.resolve(name, "main", Need.WEIGHTS, config);
    }
}
