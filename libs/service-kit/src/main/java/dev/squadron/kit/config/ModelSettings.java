package dev.squadron.kit.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** The model that a deployment works with; the same for tokenizer-, trainer- and inference-service. */
@ConfigMapping(prefix = "squadron.model")
public interface ModelSettings {

    /** Name on the Hugging Face hub ({@code org/name}), a directory of this machine, or {@code s3://bucket/key}. */
    @WithDefault("google/flan-t5-large")
    String name();

    /** Branch, tag or commit on the hub; a directory has none. */
    @WithDefault("main")
    String revision();
}
