package dev.squadron.inference.domain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SpanTest {
    @Test
    void countsCodePoints() {
        assertThat(Span.find("Élise", "🐧🐧 Élise")).contains(new Span(3, 8, "Élise"));
    }

    @Test
    void takesTheFirstPlace() {
        assertThat(Span.find("tern", "a tern and a tern")).contains(new Span(2, 6, "tern"));
    }

    @Test
    void foldsWhiteSpaceAndQuotesThePassage() {
        assertThat(Span.find("white tern", "a white \n\ttern, flying")).contains(new Span(2, 14, "white \n\ttern"));
    }

    @Test
    void prefersTheSameCaseAndForgivesAnother() {
        assertThat(Span.find("Tern", "a tern named Tern")).contains(new Span(13, 17, "Tern"));
        assertThat(Span.find("At Noon", "It leaves at noon.")).contains(new Span(10, 17, "at noon"));
    }

    @Test
    void findsNothingThatDoesNotStandThere() {
        assertThat(Span.find("gull", "a white tern")).isEmpty();
        assertThat(Span.find("tern flying", "a white tern")).isEmpty();
        assertThat(Span.find(" ", "a white tern")).isEmpty();
    }
}
