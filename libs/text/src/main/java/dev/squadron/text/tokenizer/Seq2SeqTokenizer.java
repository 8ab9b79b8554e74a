package dev.squadron.text.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;

/** A model's fast tokenizer, {@code tokenizer.json}: gives the ids and texts that transformers gives. Thread-safe. */
public final class Seq2SeqTokenizer implements AutoCloseable {
    /** What {@code clean_up_tokenization_spaces} joins to the word before it, in transformers' order. */
    private static final String[][] CLEAN_UP = {
        {" .", "."}, {" ?", "?"}, {" !", "!"}, {" ,", ","}, {" ' ", "'"},
        {" n't", "n't"}, {" 'm", "'m"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}
    };

    private final HuggingFaceTokenizer tokenizer;
    private final TokenizerFile file;
    private final boolean cleansUp;

    private Seq2SeqTokenizer(HuggingFaceTokenizer tokenizer, TokenizerFile file, boolean cleansUp) {
        this.tokenizer = tokenizer;
        this.file = file;
        this.cleansUp = cleansUp;
    }

    /**
     * Opens the tokenizer in a model's directory.
     *
     * @throws TokenizerException naming the file, what is wrong with it and the remedy
     */
    public static Seq2SeqTokenizer open(Path directory) {
        TokenizerFile file = TokenizerFile.check(directory);
        try {
            HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.newInstance(
                    file.path(), Map.of("truncation", "DO_NOT_TRUNCATE", "padding", "DO_NOT_PAD"));
            return new Seq2SeqTokenizer(tokenizer, file, cleansUp(directory));
        } catch (IOException | RuntimeException e) {
            throw new TokenizerException(
                    "The tokenizer " + file.path() + " cannot be loaded: " + e.getMessage() + ".", e);
        }
    }

    /** Returns the SHA-256 of tokenizer.json, in hexadecimal. */
    public String sha256() {
        return file.sha256();
    }

    /** Returns the tokens that stand for no text, like {@code </s>}; that of unknown characters is none of them. */
    public Set<Integer> specialIds() {
        return file.specialIds();
    }

    /** Tokenizes a text as it is; special tokens are added. */
    public Encoding encode(String text) {
        return of(tokenizer.encode(text));
    }

    /**
     * Tokenizes a text.
     *
     * @param maxLength most tokens, the added ones included
     */
    public Encoding encode(String text, Truncation truncation, int maxLength) {
        return truncation.apply(encode(text), maxLength);
    }

    /**
     * Tokenizes a pair of texts.
     *
     * @param maxLength most tokens, the added ones included
     */
    public Encoding encode(String text, String pair, Truncation truncation, int maxLength) {
        return truncation.apply(of(tokenizer.encode(text, pair)), maxLength);
    }

    /** Returns the text of tokens without the special ones, cleaned up where the tokenizer's configuration says so. */
    public String decode(int[] ids) {
        String text = decodeAsIs(ids, true);
        return cleansUp ? cleanUp(text) : text;
    }

    /** Returns the text of tokens without any clean-up. */
    public String decodeAsIs(int[] ids, boolean skipSpecialTokens) {
        return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), skipSpecialTokens);
    }

    /** Joins punctuation and contractions to the word before them, as transformers' clean-up does. */
    static String cleanUp(String text) {
        String cleaned = text;
        for (String[] rule : CLEAN_UP) {
            cleaned = cleaned.replace(rule[0], rule[1]);
        }
        return cleaned;
    }

    @Override
    public void close() {
        tokenizer.close();
    }

    private static Encoding of(ai.djl.huggingface.tokenizers.Encoding encoding) {
        long[] ids = encoding.getIds();
        long[] sequences = encoding.getSequenceIds();
        CharSpan[] spans = encoding.getCharTokenSpans();
        int[] sequenceIds = new int[ids.length];
        int[] starts = new int[ids.length];
        int[] ends = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            sequenceIds[i] = sequences[i] == 0 || sequences[i] == 1 ? (int) sequences[i] : Encoding.ADDED;
            if (spans[i] != null && sequenceIds[i] != Encoding.ADDED) {
                starts[i] = spans[i].getStart();
                ends[i] = spans[i].getEnd();
            }
        }
        return new Encoding(Arrays.stream(ids).mapToInt(Math::toIntExact).toArray(), sequenceIds, starts, ends);
    }

    private static boolean cleansUp(Path directory) throws IOException {
        Path file = directory.resolve("tokenizer_config.json");
        if (!Files.exists(file)) {
            return false;
        }
        try {
            JsonNode json = ContractJson.readTree(Files.readAllBytes(file));
            return json.path("clean_up_tokenization_spaces").asBoolean(false);
        } catch (InvalidMessage e) {
            throw new TokenizerException(file + " cannot be read: " + e.getMessage(), e);
        }
    }
}
