package dev.squadron.checkpoints.features;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.squadron.checkpoints.store.Sha256;
import dev.squadron.contracts.batch.Preprocessing;

/**
 * Names the features of a data set under a backbone: whatever changes a single bit of them is in the name.
 *
 * @param model the model's name
 * @param modelSha256 of its weights
 * @param dataset the data set
 * @param preprocessing what made the token ids
 */
public record FeatureSet(String model, String modelSha256, String dataset, Preprocessing preprocessing) {

    /** Returns the folder in the bucket, with a slash at its end. */
    String folder() {
        byte[] identity = (modelSha256 + "\n" + preprocessing.getTokenizerSha256() + "\n"
                        + preprocessing.getTemplate() + "\n" + preprocessing.getMaxInputTokens() + "\n"
                        + preprocessing.getMaxLabelTokens())
                .getBytes(UTF_8);
        return "features/" + model.replace("/", "--") + "/" + dataset + "/"
                + Sha256.of(identity).substring(0, 16) + "/";
    }
}
