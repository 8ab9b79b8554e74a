package dev.squadron.text.tokenizer;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A broken tokenizer.json is refused in words, before native code could end the JVM. */
class TokenizerFileTest {
    @TempDir
    private Path directory;

    @Test
    void saysThatItIsNotThere() {
        assertThatThrownBy(() -> Seq2SeqTokenizer.open(directory))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("tokenizer.json is not there");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            {"model":                                                              | is not readable
            []                                                                     | has the model “”
            {"model":{"type":"Markov","vocab":{"a":0}}}                            | has the model “Markov”
            {"model":{"type":"Unigram","vocab":[]}}                                | has an empty vocabulary
            {"model":{"type":"Unigram","unk_id":7,"vocab":[["a",-1.0]]}}           | has the unk_id 7
            {"model":{"type":"Unigram","unk_id":0,"vocab":[["a"]]}}                | no [text, score]
            {"normalizer":{"type":"Precompiled","precompiled_charsmap":""},"model":{"type":"Unigram","unk_id":0,"vocab":[["a",-1.0]]}}     | precompiled_charsmap of 0 bytes
            {"normalizer":{"type":"Precompiled","precompiled_charsmap":"?"},"model":{"type":"Unigram","unk_id":0,"vocab":[["a",-1.0]]}}    | no Base64
            {"normalizer":{"type":"Precompiled","precompiled_charsmap":"//8AAAAAAAA="},"model":{"type":"Unigram","unk_id":0,"vocab":[["a",-1.0]]}} | claims 65535 bytes
            {"normalizer":{"type":"Unheard"},"model":{"type":"Unigram","unk_id":0,"vocab":[["a",-1.0]]}}                                   | cannot be loaded
            """)
    void saysWhatIsWrong(String json, String text) throws IOException {
        Files.writeString(directory.resolve("tokenizer.json"), json);

        assertThatThrownBy(() -> Seq2SeqTokenizer.open(directory))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining(directory.toString())
                .hasMessageContaining(text);
    }
}
