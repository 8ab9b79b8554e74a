package dev.squadron.inference.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squadron.text.prompt.ContextSpan;
import org.junit.jupiter.api.Test;

class PassageTest {
    @Test
    void countsCodePoints() {
        assertThat(Passage.find("Élise", "🐧🐧 Élise")).contains(new ContextSpan(3, 8, "Élise"));
    }

    @Test
    void takesTheFirstPlace() {
        assertThat(Passage.find("tern", "a tern and a tern")).contains(new ContextSpan(2, 6, "tern"));
    }

    @Test
    void foldsWhiteSpaceAndQuotesThePassage() {
        assertThat(Passage.find("white tern", "a white \n\ttern, flying"))
                .contains(new ContextSpan(2, 14, "white \n\ttern"));
    }

    @Test
    void prefersTheSameCaseAndForgivesAnother() {
        assertThat(Passage.find("Tern", "a tern named Tern")).contains(new ContextSpan(13, 17, "Tern"));
        assertThat(Passage.find("At Noon", "It leaves at noon.")).contains(new ContextSpan(10, 17, "at noon"));
    }

    @Test
    void findsNothingThatDoesNotStandThere() {
        assertThat(Passage.find("gull", "a white tern")).isEmpty();
        assertThat(Passage.find("tern flying", "a white tern")).isEmpty();
        assertThat(Passage.find(" ", "a white tern")).isEmpty();
    }
}
