package dev.squadron.checkpoints.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squadron.checkpoints.store.ObjectStore;
import dev.squadron.checkpoints.store.StoreConfig;
import dev.squadron.checkpoints.store.StoreException;
import dev.squadron.local.ObjectStoreServer;
import dev.squadron.text.hub.DownloadProgress;
import dev.squadron.text.hub.HubConfig;
import dev.squadron.text.hub.HubException;
import dev.squadron.text.hub.ModelDirectory;
import dev.squadron.text.hub.ModelDirectory.Need;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models in the buckets of a real S3 server. */
class ModelsIT {
    @TempDir
    private static Path directory;

    @TempDir
    private Path cache;

    private static ObjectStoreServer server;
    private static ObjectStore bucket;
    private static StoreConfig config;

    @BeforeAll
    static void start() {
        server = ObjectStoreServer.start(directory, 0, "key", "secret-key", "models");
        config = StoreConfig.of(Map.of(
                "AWS_ENDPOINT_URL_S3", server.endpoint().toString(),
                "AWS_ACCESS_KEY_ID", "key",
                "AWS_SECRET_ACCESS_KEY", "wrong",
                "SQUADRON_STORE_SECRET_KEY", "secret-key"));
        bucket = ObjectStore.open(config.withBucket("models"));
    }

    @AfterAll
    static void stop() {
        bucket.close();
        server.close();
    }

    @Test
    void fetchesWhatIsNeededOfAModel() throws IOException {
        put(
                "t5/whole",
                Map.of("tokenizer.json", "{}", "config.json", "{}", "model.safetensors", "weights", "other", ""));
        List<Long> told = new ArrayList<>();

        ModelDirectory model = models().find("s3://models/t5/whole/", "main", Need.WEIGHTS, (done, total) -> {
            assertThat(total).isEqualTo(11);
            told.add(done);
        });

        assertThat(model.name()).isEqualTo("whole");
        assertThat(model.revision()).isEmpty();
        assertThat(model.path()).startsWith(cache);
        assertThat(model.path().resolve("model.safetensors")).hasContent("weights");
        assertThat(names(model.path())).containsExactly("config.json", "model.safetensors", "tokenizer.json");
        assertThat(told).isSorted().endsWith(11L);
    }

    @Test
    void fetchesTheShardsThatTheIndexNames() throws IOException {
        put(
                "sharded",
                Map.of(
                        "tokenizer.json", "{}",
                        "config.json", "{}",
                        "model.safetensors.index.json", "{\"weight_map\":{\"a\":\"model-1.safetensors\"}}",
                        "model-1.safetensors", "weights",
                        "model-2.safetensors", "of another kind"));

        assertThat(names(find("s3://models/sharded").path()))
                .containsExactly(
                        "config.json", "model-1.safetensors", "model.safetensors.index.json", "tokenizer.json");
    }

    @Test
    void fetchesTheTokenizerAloneWhereNothingElseIsNeeded() throws IOException {
        put("tokenizer", Map.of("tokenizer.json", "{}", "config.json", "{}"));

        ModelDirectory model = models().find("s3://models/tokenizer", "main", Need.TOKENIZER, DownloadProgress.SILENT);

        assertThat(names(model.path())).containsExactly("tokenizer.json");
    }

    @Test
    void fetchesAgainWhatHasChangedAndNothingElse() {
        put("t5", Map.of("tokenizer.json", "{}", "config.json", "{}", "model.safetensors", "weights"));
        Path first = find("s3://models/t5").path();

        ModelDirectory again = models().find("s3://models/t5", "main", Need.WEIGHTS, (done, total) -> {
            throw new AssertionError("fetched again");
        });
        put("t5", Map.of("model.safetensors", "better"));
        Path changed = find("s3://models/t5").path();

        assertThat(again.path()).isEqualTo(first);
        assertThat(changed).isNotEqualTo(first);
        assertThat(changed.resolve("model.safetensors")).hasContent("better");
        assertThat(first.resolve("model.safetensors")).hasContent("weights");
    }

    @Test
    void saysWhatAModelLacks() {
        put("pickled", Map.of("tokenizer.json", "{}", "config.json", "{}", "pytorch_model.bin", "pickle"));

        assertThatThrownBy(() -> find("s3://models/pickled"))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("s3://models/pickled has no model.safetensors")
                .hasMessageContaining("save_pretrained");
    }

    @ParameterizedTest
    @ValueSource(strings = {"s3://", "s3://models", "s3://models/", "s3:///t5", "s3://a_b/t5"})
    void saysHowAModelOfABucketIsNamed(String name) {
        assertThatThrownBy(() -> find(name))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("s3://bucket/models/flan-t5-small");
    }

    @Test
    void goesToTheHubForOtherNames() {
        assertThatThrownBy(() -> find("google/flan-t5-small"))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("HF_HUB_OFFLINE");
    }

    private ModelDirectory find(String name) {
        return models().find(name, "main", Need.WEIGHTS, DownloadProgress.SILENT);
    }

    private Models models() {
        return new Models(new HubConfig(URI.create("http://127.0.0.1:1"), cache, Optional.empty(), true), config);
    }

    private static void put(String prefix, Map<String, String> files) {
        files.forEach((file, content) -> bucket.put(prefix + "/" + file, content.getBytes(UTF_8)));
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
