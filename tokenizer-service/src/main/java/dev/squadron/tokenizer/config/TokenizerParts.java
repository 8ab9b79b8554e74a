package dev.squadron.tokenizer.config;

import dev.squadron.kit.config.ModelSettings;
import dev.squadron.text.hub.HubConfig;
import dev.squadron.text.hub.ModelDirectory;
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
    QaPrompt prompt(ModelSettings model) {
        ModelDirectory directory = ModelDirectory.resolve(
                model.name(), model.revision(), ModelDirectory.Need.TOKENIZER, HubConfig.of(System.getenv()));
        return QaPrompt.classic(Seq2SeqTokenizer.open(directory.path()));
    }

    void close(@Disposes QaPrompt prompt) {
        prompt.tokenizer().close();
    }
}
