package dev.squadron.tokenizer.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;

/** Settings of tokenizer-service. */
@ConfigMapping(prefix = "squadron.tokenizer")
public interface TokenizerSettings {

    /** Name of this replica; another one of the same name is shut out. Kubernetes' pods have theirs in HOSTNAME. */
    @WithDefault("${HOSTNAME:0}")
    @Pattern(regexp = "[A-Za-z0-9._-]{1,128}", message = "must be letters, digits, . _ or -, at most 128") String instance();

    /** Most input tokens of a token batch, padding included. */
    @WithDefault("4096")
    @Min(16) @Max(1_048_576) int tokenBudget();
}
