package dev.squadron.trainer.domain;

import dev.squadron.checkpoints.features.FeatureShard;
import dev.squadron.checkpoints.features.FeatureShard.Question;
import dev.squadron.checkpoints.features.FeatureStore;
import dev.squadron.checkpoints.features.PartitionFeatures;
import dev.squadron.contracts.checkpoint.Manifest.StoredObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The features of a data set, mapped from disk, each split in canonical order.
 *
 * @param train the training split
 * @param validation the validation split
 * @param questions the questions of the validation split
 */
record TrainingData(List<Example> train, List<Example> validation, List<Question> questions) {

    /** Opens every shard, each verified. */
    static TrainingData open(FeatureStore store, List<PartitionFeatures> partitions) {
        List<Example> train = new ArrayList<>();
        List<Example> validation = new ArrayList<>();
        List<Question> questions = new ArrayList<>();
        for (PartitionFeatures partition : partitions) {
            for (StoredObject object : partition.shards()) {
                FeatureShard shard = store.open(object);
                for (int i = 0; i < shard.examples(); i++) {
                    Question question = shard.questions().get(i);
                    (question == null ? train : validation).add(example(partition.partition(), shard, i));
                    if (question != null) {
                        questions.add(question);
                    }
                }
            }
        }
        train.sort(Example.CANONICAL);
        validation.sort(Example.CANONICAL);
        return new TrainingData(train, validation, questions);
    }

    private static Example example(int partition, FeatureShard shard, int i) {
        int from = shard.firstPosition()[i];
        int[] labels = Arrays.copyOfRange(shard.labels(), from, shard.firstPosition()[i + 1]);
        return new Example(partition, shard.offsets()[i], shard.states(), from, labels);
    }
}
