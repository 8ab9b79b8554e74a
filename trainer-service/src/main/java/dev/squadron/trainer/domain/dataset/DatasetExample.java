package dev.squadron.trainer.domain.dataset;

import dev.squadron.checkpoints.features.FeatureKey;
import java.util.Comparator;
import java.util.List;

/**
 * A tokenized example of a data set.
 *
 * @param recordId its record
 * @param partition partition of its record
 * @param offset offset of its record
 * @param key its name by content
 * @param question the name of its input by content: of one question about one passage
 * @param inputIds its input; empty where its features stand for it
 * @param labelIds its label
 * @param answers its reference answers, in the validation split; none where it is impossible
 */
public record DatasetExample(
        String recordId,
        int partition,
        long offset,
        FeatureKey key,
        FeatureKey question,
        int[] inputIds,
        int[] labelIds,
        List<String> answers) {
    private static final int[] NONE = {};

    /** The order of a data set, whoever tokenized it: by partition, then by offset. */
    public static final Comparator<DatasetExample> CANONICAL =
            Comparator.comparingInt(DatasetExample::partition).thenComparingLong(DatasetExample::offset);

    /** Returns the same without its input, which is most of its memory. */
    public DatasetExample withoutInput() {
        return new DatasetExample(recordId, partition, offset, key, question, NONE, labelIds, answers);
    }
}
