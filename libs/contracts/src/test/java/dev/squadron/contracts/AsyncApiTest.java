package dev.squadron.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code asyncapi.yaml} tells of the topics and messages that the code has, no more and no less. */
class AsyncApiTest {
    private static JsonNode api;

    @BeforeAll
    static void read() throws IOException {
        try (InputStream yaml = AsyncApiTest.class.getResourceAsStream("asyncapi.yaml")) {
            api = new YAMLMapper().readTree(yaml);
        }
    }

    @Test
    void describesEveryTopic() {
        List<String> addresses = new ArrayList<>();
        api.get("channels")
                .forEach(channel -> addresses.add(channel.get("address").textValue()));

        assertThat(addresses)
                .containsExactlyInAnyOrderElementsOf(
                        Topics.all().stream().map(Topics::name).toList());
    }

    @Test
    void describesEveryTypeOfMessage() throws IllegalAccessException {
        List<String> types = new ArrayList<>();
        for (Field field : Headers.class.getFields()) {
            if (Modifier.isStatic(field.getModifiers()) && field.getName().startsWith("TYPE_")) {
                types.add((String) field.get(null));
            }
        }
        List<String> names = new ArrayList<>();
        api.at("/components/messages")
                .forEach(message -> names.add(message.get("name").textValue()));

        assertThat(names).containsAll(types).hasSize(types.size() + 1);
    }

    @Test
    void refersOnlyToWhatIsThere() {
        assertThat(references(api)).isNotEmpty().allSatisfy(reference -> assertThat(
                        reference.startsWith("#/")
                                ? !api.at(reference.substring(1)).isMissingNode()
                                : AsyncApiTest.class.getResource(reference) != null)
                .as(reference)
                .isTrue());
    }

    private static List<String> references(JsonNode node) {
        return node.findValuesAsText("$ref");
    }
}
