package dev.squadron.tokenizer.config;

import dev.squadron.kit.store.ConfiguredModel;
import dev.squadron.text.hub.ModelDirectory.Need;
import dev.squadron.text.prompt.QaPrompt;
import dev.squadron.text.tokenizer.Seq2SeqTokenizer;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Loads the model's tokenizer. */
@ApplicationScoped
public class TokenizerParts {
    @Produces
    @Singleton
    QaPrompt prompt(ConfiguredModel model) {
        return QaPrompt.classic(
                Seq2SeqTokenizer.open(model.fetch(Need.TOKENIZER).path()));
    }

    void close(@Disposes QaPrompt prompt) {
        prompt.tokenizer().close();
    }
}
