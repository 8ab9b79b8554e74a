package dev.squadron.trainer.domain.features;

import dev.squadron.trainer.domain.dataset.Dataset;
import java.util.List;

/**
 * A data set with its features, mapped from disk.
 *
 * @param dataset the data set, the training split without inputs
 * @param train features of its training split, in its order
 * @param validation features of its validation split, in its order
 */
public record FeatureData(Dataset dataset, List<FeatureExample> train, List<FeatureExample> validation) {}
