package dev.squadron.contracts.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AugmentationTest {
    @Test
    void whatIsLeftOutIsOff() throws InvalidMessage {
        assertThat(read("{\"noise\":0.05}"))
                .isEqualTo(new Augmentation(0.5, Augmentation.Paraphrase.NONE, 0.0, 0.0, 0.05, 0.0));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            {}                             | The augmentation cannot be used: the augmentation changes nothing; give at least one
            {"mix":2}                      | changes nothing
            {"drop_sentence":0.3}          | drop_sentence is unknown; did you mean drop_sentences?
            {"noise":1.5}                  | noise is 1.5; it must be at least 0, below 1.
            {"noise":0.1,"mix":0}          | mix is 0.0; it must be above 0, at most 10.
            {"paraphrase":"human"}         | paraphrase is “human”
            [1]                            | it must be an object
            """)
    void saysWhatIsWrongAndWhatIsAllowed(String json, String text) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOf(InvalidMessage.class)
                .hasMessageContaining(text)
                .extracting(e -> ((InvalidMessage) e).rule())
                .isEqualTo("bad-augmentation");
    }

    private static Augmentation read(String json) throws InvalidMessage {
        return Augmentation.of(ContractJson.readTree(json.getBytes(UTF_8)));
    }
}
