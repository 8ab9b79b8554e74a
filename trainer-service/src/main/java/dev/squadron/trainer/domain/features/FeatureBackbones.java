package dev.squadron.trainer.domain.features;

import dev.squadron.seq2seq.Execution;
import dev.squadron.seq2seq.Precision;
import dev.squadron.seq2seq.Seq2SeqModel;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Function;

/** The backbone in each precision that runs ask for; loaded when the first one asks. Thread-safe. */
public final class FeatureBackbones implements AutoCloseable {
    private final Seq2SeqModel reference;
    private final Path directory;
    private final Function<Precision, Execution> execution;
    private final Map<Precision, Seq2SeqModel> models = new EnumMap<>(Precision.class);

    /**
     * @param reference the model in fp32; not closed with this
     * @param directory where the model's files lie
     * @param execution on what, and with how many threads, another precision is computed
     */
    public FeatureBackbones(Seq2SeqModel reference, Path directory, Function<Precision, Execution> execution) {
        this.reference = reference;
        this.directory = directory;
        this.execution = execution;
    }

    /** Returns the backbone that computes in {@code precision}; it stays open as long as this. */
    public synchronized Seq2SeqModel in(Precision precision) {
        if (precision == Precision.FP32) {
            return reference;
        }
        return models.computeIfAbsent(precision, each -> Seq2SeqModel.load(directory, execution.apply(each)));
    }

    @Override
    public synchronized void close() {
        models.values().forEach(Seq2SeqModel::close);
    }
}
