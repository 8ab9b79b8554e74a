package dev.squadron.text.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squadron.contracts.InvalidMessage;
import dev.squadron.text.tokenizer.Seq2SeqTokenizer;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContextTokensTest {
    private static final int UNKNOWN = 2;
    private static Seq2SeqTokenizer tokenizer;
    private static Seq2SeqTokenizer bytePairs;

    @BeforeAll
    @BeforeContainer
    static void open() {
        Path home = Path.of(System.getProperty("squadron.home"));
        tokenizer = Seq2SeqTokenizer.open(home.resolve("models/squadlet"));
        bytePairs = Seq2SeqTokenizer.open(home.resolve("samples/golden/bart"));
    }

    @AfterAll
    @AfterContainer
    static void close() {
        tokenizer.close();
        bytePairs.close();
    }

    @Test
    void aPieceThatCarriesItsSpaceStandsForTheWordAlone() {
        ContextTokens tokens = tokens("Ada keeps the light.");

        assertThat(texts(tokens)).contains("Ada", "keeps", "light", "the light.", "Ada keeps the light.");
        assertThat(tokens.span(0, tokens.length())).contains(new ContextSpan(0, 20, "Ada keeps the light."));
    }

    @Test
    void offsetsCountCodePointsOfTheTextAsItCame() {
        String context = "😀 The   caf\u00e9\u00a0bar  (1879)";

        assertThat(quotations(tokens(context)))
                .contains(
                        new ContextSpan(0, 1, "😀"),
                        new ContextSpan(2, 5, "The"),
                        new ContextSpan(2, 12, "The   caf\u00e9"),
                        new ContextSpan(13, 16, "bar"),
                        new ContextSpan(18, 24, "(1879)"))
                .doesNotContain(new ContextSpan(0, 0, ""));
    }

    @Test
    void aLetterKeepsTheAccentThatJoinsIt() {
        assertThat(texts(tokens("the cafe\u0301 bar"))).contains("cafe\u0301").doesNotContain("cafe");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a½b", "x™y", "a㎏b", "a ﷺ b", "… and …"})
    void noQuotationSplitsACharacterThatSeveralTokensStandFor(String context) {
        ContextTokens tokens = tokens(context);

        List<ContextSpan> spans = quotations(tokens);

        assertThat(spans).isNotEmpty();
        for (ContextSpan span : spans) {
            assertThat(withoutUnknown(normalised(span.text())))
                    .isEqualTo(withoutUnknown(normalised(decoded(tokens, span))));
        }
    }

    @Test
    void specialTokensInTheTextAreNotQuotedUnknownCharactersAre() {
        ContextTokens tokens = tokens("a </s> b <extra_id_0> c 天皇 d");
        List<Boolean> special =
                IntStream.range(0, tokens.length()).mapToObj(tokens::isSpecial).toList();

        assertThat(special.stream().filter(each -> each)).hasSize(2);
        assertThat(texts(tokens)).contains("c 天皇 d", "天皇").doesNotContain("</s>");
    }

    @Test
    void aTruncatedContextEndsWithItsLastToken() throws InvalidMessage {
        QaPrompt shortPrompt = new QaPrompt(tokenizer, QaPrompt.TEMPLATE, 12, 8);

        QaPrompt.Input input = shortPrompt.input("Who?", "Ada keeps the light on the rock all night long.");

        int first = input.ids().length - 1 - input.context().length();
        assertThat(input.truncated()).isTrue();
        assertThat(IntStream.range(0, input.context().length()).map(input.context()::id))
                .containsExactly(Arrays.stream(input.ids(), first, input.ids().length - 1)
                        .boxed()
                        .toArray(Integer[]::new));
        assertThat(texts(input.context())).contains("Ada").doesNotContain("long.");
    }

    @Test
    void byteTokensOfACharacterAreQuotedTogether() {
        ContextTokens tokens = tokens(bytePairs, "x 天皇 “y”");

        assertThat(texts(tokens)).contains("天", "天皇", "皇", "“y”", "y").allMatch(text -> text.indexOf('\ufffd') < 0);
    }

    @Property(tries = 300)
    void everyQuotationStandsWhereItsOffsetsSay(@ForAll("texts") String context) {
        for (Seq2SeqTokenizer each : List.of(tokenizer, bytePairs)) {
            int[] characters = context.codePoints().toArray();
            for (ContextSpan span : quotations(tokens(each, context))) {
                assertThat(span.start()).isBetween(0, span.end() - 1);
                assertThat(span.end()).isLessThanOrEqualTo(characters.length);
                assertThat(span.text())
                        .isEqualTo(new String(characters, span.start(), span.end() - span.start()))
                        .isNotBlank();
            }
        }
    }

    @Test
    void tokensAreFoundWhereTheirCharactersStandWhole() {
        ContextTokens tokens = tokens("The ﬁrst\u3000light of 天皇 ½ and the ﬁrst\u3000light");

        assertThat(tokens.find(ids("first light"))).contains(new ContextSpan(4, 14, "ﬁrst\u3000light"));
        assertThat(tokens.find(ids("first rock"))).isEmpty();
        assertThat(tokens.find(ids("1"))).isEmpty();
    }

    @Property(tries = 300)
    void quotationsOfOneTokenEachCoverTheText(@ForAll("texts") String context) {
        ContextTokens tokens = tokens(context);
        int end = 0;
        for (int i = 0; i < tokens.length(); i++) {
            if (tokens.isBlank(i)) {
                continue;
            }
            ContextSpan span = tokens.span(i, i + 1).orElseThrow();
            assertThat(tokens.isBoundary(i) ? span.start() : end).isGreaterThanOrEqualTo(end);
            end = span.end();
        }
    }

    @Provide
    Arbitrary<String> texts() {
        Arbitrary<String> plain = Arbitraries.of("the", " light", " ", "  ", "a", "e", ".", "(", "18", "79)");
        Arbitrary<String> odd = Arbitraries.of(
                "\u0301",
                "½",
                "ﬁ",
                "™",
                "…",
                "\u00a0",
                "\u3000",
                "\u200b",
                "\u00ad",
                "😀",
                "👩\u200d👧",
                "天皇",
                "한",
                "각",
                "ﷺ",
                "㎏",
                "Å",
                "\t",
                "\n",
                "</s>",
                "<extra_id_3>",
                "<unk>");
        Arbitrary<String> any = Arbitraries.integers()
                .between(1, Character.MAX_CODE_POINT)
                .filter(character -> Character.getType(character) != Character.SURROGATE)
                .map(Character::toString);
        return Arbitraries.frequencyOf(Tuple.of(6, plain), Tuple.of(3, odd), Tuple.of(1, any))
                .list()
                .ofMinSize(1)
                .ofMaxSize(25)
                .map(parts -> String.join("", parts));
    }

    private static int[] ids(String text) {
        int[] ids = tokenizer.encode(text).ids();
        return Arrays.copyOf(ids, ids.length - 1);
    }

    private static ContextTokens tokens(String context) {
        return tokens(tokenizer, context);
    }

    private static ContextTokens tokens(Seq2SeqTokenizer of, String context) {
        try {
            return QaPrompt.classic(of).input("Who?", context).context();
        } catch (InvalidMessage e) {
            throw new AssertionError(e);
        }
    }

    private static List<ContextSpan> quotations(ContextTokens tokens) {
        List<ContextSpan> spans = new ArrayList<>();
        for (int first = 0; first < tokens.length(); first++) {
            for (int end = first + 1; end <= tokens.length() && !tokens.isSpecial(end - 1); end++) {
                if (tokens.isBoundary(first) && tokens.isBoundary(end)) {
                    tokens.span(first, end).ifPresent(spans::add);
                }
            }
        }
        return spans;
    }

    private static List<String> texts(ContextTokens tokens) {
        return quotations(tokens).stream().map(ContextSpan::text).toList();
    }

    private static String decoded(ContextTokens tokens, ContextSpan span) {
        for (int first = 0; first < tokens.length(); first++) {
            for (int end = first + 1; end <= tokens.length(); end++) {
                if (tokens.isBoundary(first)
                        && tokens.isBoundary(end)
                        && tokens.span(first, end).equals(Optional.of(span))) {
                    int[] ids = IntStream.range(first, end).map(tokens::id).toArray();
                    return tokenizer.decodeAsIs(
                            Arrays.stream(ids).filter(id -> id != UNKNOWN).toArray(), false);
                }
            }
        }
        throw new AssertionError("no tokens for " + span);
    }

    private static String normalised(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFKC)
                .replaceAll("\\s+", " ")
                .strip();
    }

    /** Leaves what the small vocabulary knows. */
    private static String withoutUnknown(String text) {
        return text.replaceAll("[^a-zA-Z0-9.]", "");
    }
}
