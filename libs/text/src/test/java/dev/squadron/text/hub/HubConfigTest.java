package dev.squadron.text.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HubConfigTest {
    private static final String USER = System.getProperty("user.home");

    @TempDir
    private Path home;

    @Test
    void looksWherePythonsClientLooks() {
        HubConfig config = HubConfig.of(Map.of());

        assertThat(config.endpoint()).isEqualTo(URI.create("https://huggingface.co"));
        assertThat(config.cache()).isEqualTo(Path.of(USER, ".cache/huggingface/hub"));
        assertThat(config.offline()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "HF_HOME, /a, /a/hub",
        "HF_HOME, ~/a, ~/a/hub",
        "HF_HUB_CACHE, /a/b, /a/b",
        "HUGGINGFACE_HUB_CACHE, /a/c, /a/c",
        "XDG_CACHE_HOME, /x, /x/huggingface/hub",
        "HF_HOME, '', ~/.cache/huggingface/hub"
    })
    void findsTheCache(String name, String value, String cache) {
        assertThat(HubConfig.of(Map.of(name, value)).cache()).isEqualTo(Path.of(cache.replace("~", USER)));
    }

    @ParameterizedTest
    @CsvSource({
        "HF_HUB_OFFLINE,1,true",
        "HF_HUB_OFFLINE,true,true",
        "TRANSFORMERS_OFFLINE,YES,true",
        "HF_HUB_OFFLINE,0,false"
    })
    void knowsWhetherItIsOffline(String name, String value, boolean offline) {
        assertThat(HubConfig.of(Map.of(name, value)).offline()).isEqualTo(offline);
    }

    @Test
    void takesTheTokenFromItsVariableElseFromItsFile() throws IOException {
        Files.writeString(home.resolve("token"), "hf_file\n");
        String folder = home.toString();

        assertThat(HubConfig.of(Map.of("HF_HOME", folder)).token()).hasValue("hf_file");
        assertThat(HubConfig.of(Map.of("HF_HOME", folder, "HF_TOKEN", "hf_own")).token())
                .hasValue("hf_own");
        assertThat(HubConfig.of(Map.of("HF_HOME", folder, "HF_TOKEN", "")).token())
                .hasValue("hf_file");
        assertThat(HubConfig.of(Map.of("HF_HOME", folder, "HF_TOKEN_PATH", folder + "/none"))
                        .token())
                .isEmpty();
    }

    @Test
    void showsNoToken() {
        assertThat(HubConfig.of(Map.of("HF_TOKEN", "hf_own"))).asString().doesNotContain("hf_own");
    }

    @Test
    void takesAMirrorBeneathAPath() {
        assertThat(HubConfig.of(Map.of("HF_ENDPOINT", "https://mirror.example/api/hub/"))
                        .endpoint())
                .isEqualTo(URI.create("https://mirror.example/api/hub"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mirror.example", "ftp://mirror.example", "https://", "https://a b"})
    void refusesWhatIsNoAddress(String endpoint) {
        assertThatThrownBy(() -> HubConfig.of(Map.of("HF_ENDPOINT", endpoint)))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("HF_ENDPOINT");
    }
}
