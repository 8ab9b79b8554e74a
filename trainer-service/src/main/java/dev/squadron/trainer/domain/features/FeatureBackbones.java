package dev.squadron.trainer.domain.features;

import dev.squadron.seq2seq.Devices;
import dev.squadron.seq2seq.Execution;
import dev.squadron.seq2seq.Precision;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.Threads;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/** The backbone in each precision that runs ask for; loaded when the first one asks. Thread-safe. */
public final class FeatureBackbones implements AutoCloseable {
    private final Seq2SeqModel reference;
    private final Path directory;
    private final Devices devices;
    private final Threads threads;
    private final Map<Precision, Seq2SeqModel> models = new EnumMap<>(Precision.class);

    /**
     * @param reference the model in fp32; not closed with this
     * @param directory where the model's files lie
     * @param devices on what another precision is computed
     * @param threads and by how many threads of the processor
     */
    public FeatureBackbones(Seq2SeqModel reference, Path directory, Devices devices, Threads threads) {
        this.reference = reference;
        this.directory = directory;
        this.devices = devices;
        this.threads = threads;
    }

    /** Returns the backbone that computes in {@code precision}, or fp32 where the machine lacks it; it stays open as long as this. */
    public synchronized Seq2SeqModel in(Precision precision) {
        Precision used = precision.suited(devices);
        if (used == Precision.FP32) {
            return reference;
        }
        return models.computeIfAbsent(
                used, each -> Seq2SeqModel.load(directory, new Execution(each, devices, threads)));
    }

    @Override
    public synchronized void close() {
        models.values().forEach(Seq2SeqModel::close);
    }
}
