package dev.squadron.trainer.domain;

import dev.squadron.checkpoints.features.FeatureSet;
import dev.squadron.checkpoints.features.FeatureShard;
import dev.squadron.checkpoints.features.FeatureShard.Question;
import dev.squadron.checkpoints.features.FeatureStore;
import dev.squadron.checkpoints.features.PartitionFeatures;
import dev.squadron.contracts.batch.Preprocessing;
import dev.squadron.contracts.batch.TokenBatch;
import dev.squadron.contracts.batch.TokenExample;
import dev.squadron.contracts.record.Split;
import dev.squadron.seq2seq.DecoderStates;
import dev.squadron.seq2seq.Seq2SeqModel;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;

/**
 * Runs the frozen backbone over a partition of a data set, once: what the store has is not computed again, and after a crash it
 * goes on behind the last shard. A token batch is one forward pass; a shard ends with the first batch that fills it, so equal
 * logs give equal shards.
 */
final class FeatureExtraction {
    private final Seq2SeqModel model;
    private final FeatureStore store;
    private final FeatureSet set;
    private final TokenBatchLog log;
    private final Lanes lanes;
    private final int shardExamples;
    private final Duration patience;

    /** An example with its features, on its way into a shard. */
    private record Extracted(TokenExample example, boolean validation, DecoderStates states, int row) {}

    FeatureExtraction(
            Seq2SeqModel model,
            FeatureStore store,
            FeatureSet set,
            TokenBatchLog log,
            Lanes lanes,
            int shardExamples,
            Duration patience) {
        this.model = model;
        this.store = store;
        this.set = set;
        this.log = log;
        this.lanes = lanes;
        this.shardExamples = shardExamples;
        this.patience = patience;
    }

    /**
     * Returns the features of a whole partition, computing those that are missing.
     *
     * @param extracted is told how many examples a new shard holds
     */
    PartitionFeatures extract(int partition, Cancellation cancellation, LongConsumer extracted) {
        Pending pending = new Pending(store.index(set, partition), extracted);
        if (pending.features.sealed()) {
            return pending.features;
        }
        TokenBatchLog.End end =
                log.read(set.dataset(), partition, pending.features.next(), patience, cancellation, pending::add);
        pending.flush();
        checkComplete(partition, end, pending.features.examples());
        return store.seal(set, pending.features, end.offset());
    }

    private void checkComplete(int partition, TokenBatchLog.End end, long examples) {
        Long tokenized = end.seal().tokenized();
        if (tokenized != null && tokenized != examples) {
            throw new IncompleteDataset("The seal of " + set.dataset() + " in partition " + partition + " counts "
                    + tokenized + " examples and the log holds " + examples
                    + "; look for lost messages in the topic of token batches, and ingest the data set again.");
        }
    }

    /** The batches of the shard that is being filled. */
    private final class Pending {
        private final LongConsumer extracted;
        private final List<TokenBatch> batches = new ArrayList<>();
        private PartitionFeatures features;
        private int examples;
        private long end;

        Pending(PartitionFeatures features, LongConsumer extracted) {
            this.features = features;
            this.extracted = extracted;
        }

        void add(long offset, TokenBatch batch) {
            check(batch.getPreprocessing());
            batches.add(batch);
            examples += batch.getExamplesCount();
            end = offset + 1;
            if (examples >= shardExamples) {
                flush();
            }
        }

        void flush() {
            if (batches.isEmpty()) {
                return;
            }
            List<List<Extracted>> results = lanes.all(batches.stream()
                    .map(batch -> (Callable<List<Extracted>>) () -> forward(batch))
                    .toList());
            features = store.add(
                    set, features, shard(results.stream().flatMap(List::stream).toList()), features.next(), end);
            extracted.accept(examples);
            batches.clear();
            examples = 0;
        }

        private void check(Preprocessing preprocessing) {
            if (!preprocessing.equals(set.preprocessing())) {
                throw new IncompleteDataset("The data set " + set.dataset() + " was tokenized with tokenizer "
                        + preprocessing.getTokenizerSha256() + " and limits " + preprocessing.getMaxInputTokens() + "/"
                        + preprocessing.getMaxLabelTokens() + ", and this model has tokenizer "
                        + set.preprocessing().getTokenizerSha256()
                        + "; ingest it under another name with a tokenizer-service of this model.");
            }
        }
    }

    private List<Extracted> forward(TokenBatch batch) {
        int count = batch.getExamplesCount();
        int[][] inputs = new int[count][];
        int[][] labels = new int[count][];
        for (int i = 0; i < count; i++) {
            inputs[i] = ids(batch.getExamples(i).getInputIdsList());
            labels[i] = ids(batch.getExamples(i).getLabelIdsList());
        }
        DecoderStates states = model.decoderStates(inputs, labels);
        boolean validation = batch.getSplit().equals(Split.VALIDATION.label());
        List<Extracted> extracted = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            extracted.add(new Extracted(batch.getExamples(i), validation, states, i));
        }
        return extracted;
    }

    private FeatureShard shard(List<Extracted> unordered) {
        List<Extracted> examples = unordered.stream()
                .sorted(Comparator.comparingLong(each -> each.example().getOffset()))
                .toList();
        int d = model.config().dModel();
        int[] first = new int[examples.size() + 1];
        for (int i = 0; i < examples.size(); i++) {
            first[i + 1] = first[i] + examples.get(i).example().getLabelIdsCount();
        }
        float[] states = new float[first[examples.size()] * d];
        int[] labels = new int[first[examples.size()]];
        long[] offsets = new long[examples.size()];
        List<Question> questions = new ArrayList<>();
        for (int i = 0; i < examples.size(); i++) {
            Extracted each = examples.get(i);
            int from = each.states().firstPosition()[each.row()];
            int count = first[i + 1] - first[i];
            System.arraycopy(each.states().states(), from * d, states, first[i] * d, count * d);
            System.arraycopy(each.states().labels(), from, labels, first[i], count);
            offsets[i] = each.example().getOffset();
            questions.add(each.validation() ? question(each.example()) : null);
        }
        return new FeatureShard(d, FloatBuffer.wrap(states), labels, first, offsets, questions);
    }

    private static Question question(TokenExample example) {
        return new Question(
                example.getRecordId(), List.copyOf(example.getInputIdsList()), List.copyOf(example.getAnswersList()));
    }

    private static int[] ids(List<Integer> ids) {
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }
}
