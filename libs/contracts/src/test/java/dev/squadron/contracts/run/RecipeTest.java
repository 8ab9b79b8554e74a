package dev.squadron.contracts.run;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squadron.contracts.InvalidMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecipeTest {
    @Test
    void leavesOutMeansTheTutorial() throws InvalidMessage {
        Recipe recipe = Recipe.read("{}".getBytes(UTF_8));

        assertThat(recipe).isEqualTo(Recipe.tutorial());
        assertThat(recipe.optimizer().type()).isEqualTo(Optimizer.Type.ADAM);
        assertThat(recipe.optimizer().learningRate()).isEqualTo(3e-5);
        assertThat(recipe.batchSize()).isEqualTo(8);
        assertThat(recipe.epochs()).isEqualTo(3);
        assertThat(recipe.shuffleBuffer()).isEqualTo(1000);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            {"epoch":3}                                             | unknown key “epoch”; known here: batch_size, epochs
            {"optimizer":{"lr":3}}                                  | unknown key “lr”; known here: beta1
            {"batch_size":0}                                        | batch_size is 0; it must be from 1 to 4096.
            {"optimizer":{"learning_rate":-1}}                      | optimizer.learning_rate is -1.0; it must be above 0
            {"optimizer":{"type":"adam","weight_decay":0.1}}        | use adamw for decoupled weight decay
            {"optimizer":{"type":"lion"}}                           | optimizer.type is “lion”; it must be one of adam, adamw.
            {"batch_size":"8"}                                      | The recipe cannot be used
            """)
    void saysWhatIsWrongAndWhatIsAllowed(String json, String text) {
        assertThatThrownBy(() -> Recipe.read(json.getBytes(UTF_8)))
                .isInstanceOf(InvalidMessage.class)
                .hasMessageContaining(text);
    }
}
