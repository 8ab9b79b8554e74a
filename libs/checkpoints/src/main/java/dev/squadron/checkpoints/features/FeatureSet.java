package dev.squadron.checkpoints.features;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.squadron.checkpoints.store.Sha256;
import dev.squadron.contracts.batch.Preprocessing;

/**
 * Names the features that a backbone makes: whatever changes a single bit of them, other than the example itself, is in the name.
 * Data sets are not: two that share an example share its features.
 *
 * @param model the model's name
 * @param modelSha256 of its weights
 * @param computation how the backbone computes, where that changes bits: its precision
 * @param preprocessing what made the token ids
 */
public record FeatureSet(String model, String modelSha256, String computation, Preprocessing preprocessing) {

    /** Returns the folder in the bucket, with a slash at its end. */
    String folder() {
        byte[] identity = (modelSha256 + "\n" + computation + "\n" + preprocessing.getTokenizerSha256() + "\n"
                        + preprocessing.getTemplate() + "\n" + preprocessing.getMaxInputTokens() + "\n"
                        + preprocessing.getMaxLabelTokens())
                .getBytes(UTF_8);
        return "features/" + model.replace("/", "--") + "/"
                + Sha256.of(identity).substring(0, 16) + "/";
    }
}
