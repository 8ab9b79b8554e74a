package dev.squadron.trainer.domain.dataset;

import dev.squadron.checkpoints.features.FeatureKey;
import dev.squadron.contracts.batch.Preprocessing;
import dev.squadron.contracts.batch.TokenBatch;
import dev.squadron.contracts.batch.TokenExample;
import dev.squadron.contracts.checkpoint.Manifest.PartitionRange;
import dev.squadron.contracts.record.Split;
import dev.squadron.trainer.domain.Cancellation;
import dev.squadron.trainer.domain.dataset.Dataset.Part;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Reads a data set from the log, and checks that all of it is there and was tokenized for this model. */
public final class DatasetReader {
    private static final int[] NO_LABEL = {};

    private final TokenBatchLog log;
    private final Preprocessing preprocessing;
    private final Duration patience;

    /** Takes the batches of a partition one by one. */
    @FunctionalInterface
    public interface Listener {
        /**
         * Takes a batch.
         *
         * @param examples examples of similar length, at least one
         */
        void onBatch(List<DatasetExample> examples);
    }

    /**
     * @param preprocessing what must have made the token ids
     * @param patience how long the log may be silent before a data set counts as incomplete
     */
    public DatasetReader(TokenBatchLog log, Preprocessing preprocessing, Duration patience) {
        this.log = log;
        this.preprocessing = preprocessing;
        this.patience = patience;
    }

    /** Returns how many partitions a data set has. */
    public int partitions() {
        return log.partitions();
    }

    /**
     * Reads a partition up to its seal.
     *
     * @param keepInputs whether the training examples are returned with their inputs
     * @param listener is given every batch with its inputs
     * @throws IncompleteDataset when something is missing, or made for another model
     */
    public Part read(String dataset, int partition, boolean keepInputs, Cancellation cancellation, Listener listener) {
        List<DatasetExample> train = new ArrayList<>();
        List<DatasetExample> validation = new ArrayList<>();
        TokenBatchLog.End end = log.read(dataset, partition, 0, patience, cancellation, (offset, batch) -> {
            check(dataset, batch.getPreprocessing());
            List<DatasetExample> examples = examples(batch, "");
            listener.onBatch(examples);
            if (batch.getSplit().equals(Split.VALIDATION.label())) {
                validation.addAll(examples);
            } else {
                examples.forEach(example -> train.add(keepInputs ? example : example.withoutInput()));
            }
        });
        long count = (long) train.size() + validation.size();
        checkComplete(dataset, partition, end, count);
        return new Part(train, validation, new PartitionRange(partition, 0, end.offset(), count));
    }

    /**
     * Reads the training examples of open data sets in a range; what was made for another model is passed over.
     *
     * @param streams the names of the data sets
     * @param listener is given every batch with its inputs
     * @return the examples without their inputs, each named by data set and id
     */
    public List<DatasetExample> read(
            List<String> streams, PartitionRange range, Cancellation cancellation, Listener listener) {
        List<DatasetExample> read = new ArrayList<>();
        log.read(range, patience, cancellation, (offset, batch) -> {
            if (streams.contains(batch.getDataset())
                    && batch.getSplit().equals(Split.TRAIN.label())
                    && batch.getPreprocessing().equals(preprocessing)) {
                List<DatasetExample> examples = examples(batch, batch.getDataset() + "/");
                listener.onBatch(examples);
                examples.forEach(example -> read.add(example.withoutInput()));
            }
        });
        return read;
    }

    private static List<DatasetExample> examples(TokenBatch batch, String prefix) {
        List<DatasetExample> examples = new ArrayList<>();
        for (TokenExample example : batch.getExamplesList()) {
            int[] inputs = ids(example.getInputIdsList());
            int[] labels = ids(example.getLabelIdsList());
            examples.add(new DatasetExample(
                    prefix + example.getRecordId(),
                    example.getPartition(),
                    example.getOffset(),
                    FeatureKey.of(inputs, labels),
                    FeatureKey.of(inputs, NO_LABEL),
                    inputs,
                    labels,
                    List.copyOf(example.getAnswersList())));
        }
        return examples;
    }

    private void check(String dataset, Preprocessing found) {
        if (!found.equals(preprocessing)) {
            throw new IncompleteDataset("The data set " + dataset + " was tokenized with tokenizer "
                    + found.getTokenizerSha256() + " and limits " + found.getMaxInputTokens() + "/"
                    + found.getMaxLabelTokens() + ", and this model has tokenizer "
                    + preprocessing.getTokenizerSha256()
                    + "; ingest it under another name with a tokenizer-service of this model.");
        }
    }

    private static void checkComplete(String dataset, int partition, TokenBatchLog.End end, long examples) {
        Long tokenized = end.seal().tokenized();
        if (tokenized != null && tokenized != examples) {
            throw new IncompleteDataset("The seal of " + dataset + " in partition " + partition + " counts " + tokenized
                    + " examples and the log holds " + examples
                    + "; look for lost messages in the topic of token batches, and ingest the data set again.");
        }
    }

    private static int[] ids(List<Integer> ids) {
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }
}
