package dev.squadron.trainer.domain.features;

import dev.squadron.checkpoints.features.FeatureIndex;
import dev.squadron.checkpoints.features.FeatureKey;
import dev.squadron.checkpoints.features.FeatureSegment;
import dev.squadron.checkpoints.features.FeatureSet;
import dev.squadron.checkpoints.features.FeatureShard;
import dev.squadron.checkpoints.features.FeatureStore;
import dev.squadron.contracts.checkpoint.Manifest.PartitionRange;
import dev.squadron.seq2seq.DecoderStates;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.trainer.domain.Cancellation;
import dev.squadron.trainer.domain.Lanes;
import dev.squadron.trainer.domain.TrainerObserver;
import dev.squadron.trainer.domain.dataset.Dataset.Part;
import dev.squadron.trainer.domain.dataset.DatasetExample;
import dev.squadron.trainer.domain.dataset.DatasetReader;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * Runs the frozen backbone over the examples of a data set that the store does not have. A token batch is one forward pass; after
 * a crash it goes on behind the last shard.
 */
public final class FeatureExtraction {
    private static final int BATCHES_AT_ONCE = 16;
    private static final Duration SHARD_INTERVAL = Duration.ofSeconds(20);

    private final Seq2SeqModel model;
    private final FeatureStore store;
    private final FeatureSet set;
    private final DatasetReader reader;
    private final Lanes lanes;
    private final int shardExamples;
    private final TrainerObserver observer;

    /** An example with its features, on its way into a shard. */
    private record Extracted(FeatureKey key, DecoderStates states, int row) {}

    /** @param shardExamples examples of a shard, unless they take long */
    public FeatureExtraction(
            Seq2SeqModel model,
            FeatureStore store,
            FeatureSet set,
            DatasetReader reader,
            Lanes lanes,
            int shardExamples,
            TrainerObserver observer) {
        this.model = model;
        this.store = store;
        this.set = set;
        this.reader = reader;
        this.lanes = lanes;
        this.shardExamples = shardExamples;
        this.observer = observer;
    }

    /** Returns what the store has. */
    public FeatureIndex index() {
        FeatureIndex index = new FeatureIndex();
        IntStream.range(0, reader.partitions()).forEach(number -> index.add(store.segment(set, number)));
        return index;
    }

    /**
     * Reads a partition and sees to it that the store has the features of each of its examples.
     *
     * @param index what the store has; learns what is added
     * @param done is told how many more examples have their features
     * @return the partition, the training split without inputs
     */
    public Part extract(
            String dataset, int partition, FeatureIndex index, Cancellation cancellation, LongConsumer done) {
        Pending pending = new Pending(partition, index, done);
        Part part = reader.read(dataset, partition, false, cancellation, pending::add);
        pending.flush();
        return part;
    }

    /** Reads a range of open data sets and sees to it that the store has the features of each of their examples. */
    public List<DatasetExample> extract(
            List<String> streams, PartitionRange range, FeatureIndex index, Cancellation cancellation) {
        Pending pending = new Pending(range.partition(), index, more -> {});
        List<DatasetExample> examples = reader.read(streams, range, cancellation, pending::add);
        pending.flush();
        return examples;
    }

    /** The shard that is being filled. */
    private final class Pending {
        private final FeatureIndex index;
        private final LongConsumer done;
        private final List<List<DatasetExample>> batches = new ArrayList<>();
        private final List<Extracted> shard = new ArrayList<>();
        private final Set<FeatureKey> keys = new HashSet<>();
        private FeatureSegment segment;
        private long written = System.nanoTime();

        Pending(int partition, FeatureIndex index, LongConsumer done) {
            this.index = index;
            this.done = done;
            this.segment = store.segment(set, partition);
            index.add(segment);
        }

        void add(List<DatasetExample> batch) {
            List<DatasetExample> missing = batch.stream()
                    .filter(example -> index.find(example.key()).isEmpty() && keys.add(example.key()))
                    .toList();
            done.accept(batch.size() - missing.size());
            if (!missing.isEmpty()) {
                batches.add(missing);
            }
            if (batches.size() >= BATCHES_AT_ONCE) {
                compute();
            }
            if (shard.size() >= shardExamples || System.nanoTime() - written > SHARD_INTERVAL.toNanos()) {
                write();
            }
        }

        void flush() {
            compute();
            write();
        }

        private void compute() {
            lanes.all(batches.stream()
                            .map(batch -> (Callable<List<Extracted>>) () -> forward(batch))
                            .toList())
                    .forEach(shard::addAll);
            int computed = batches.stream().mapToInt(List::size).sum();
            observer.computed(computed);
            done.accept(computed);
            batches.clear();
        }

        private void write() {
            if (!shard.isEmpty()) {
                List<FeatureKey> names = shard.stream().map(Extracted::key).toList();
                segment = store.add(set, segment, names, shard(shard));
                index.add(segment);
                names.forEach(keys::remove);
                shard.clear();
            }
            written = System.nanoTime();
        }
    }

    private List<Extracted> forward(List<DatasetExample> batch) {
        DecoderStates states = model.decoderStates(
                batch.stream().map(DatasetExample::inputIds).toArray(int[][]::new),
                batch.stream().map(DatasetExample::labelIds).toArray(int[][]::new));
        return IntStream.range(0, batch.size())
                .mapToObj(row -> new Extracted(batch.get(row).key(), states, row))
                .toList();
    }

    private FeatureShard shard(List<Extracted> examples) {
        int d = model.config().dModel();
        int[] first = new int[examples.size() + 1];
        for (int i = 0; i < examples.size(); i++) {
            int[] positions = examples.get(i).states().firstPosition();
            int row = examples.get(i).row();
            first[i + 1] = first[i] + positions[row + 1] - positions[row];
        }
        float[] states = new float[Math.multiplyExact(first[examples.size()], d)];
        for (int i = 0; i < examples.size(); i++) {
            DecoderStates from = examples.get(i).states();
            int position = from.firstPosition()[examples.get(i).row()];
            System.arraycopy(from.states(), position * d, states, first[i] * d, (first[i + 1] - first[i]) * d);
        }
        return new FeatureShard(d, FloatBuffer.wrap(states), first);
    }
}
