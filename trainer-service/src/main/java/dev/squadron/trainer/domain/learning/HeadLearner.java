package dev.squadron.trainer.domain.learning;

import dev.squadron.checkpoints.manifest.CheckpointStore;
import dev.squadron.contracts.run.Accumulation.Weighting;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.training.HeadTrainer;
import dev.squadron.seq2seq.training.PositionWeights;
import dev.squadron.seq2seq.training.StepResult;
import dev.squadron.trainer.domain.features.FeatureExample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Learns the head over stored features; the backbone is not touched. */
public final class HeadLearner implements Learner {
    private static final int CHUNK = 256;

    private final Seq2SeqModel model;
    private final HeadTrainer trainer;
    private final Weighting weighting;
    private final List<FeatureExample> train;
    private final List<FeatureExample> validation;

    /**
     * @param trainer is closed with this
     * @param weighting what the mini-batches of an update count for
     */
    public HeadLearner(
            Seq2SeqModel model,
            HeadTrainer trainer,
            Weighting weighting,
            List<FeatureExample> train,
            List<FeatureExample> validation) {
        this.model = model;
        this.trainer = trainer;
        this.weighting = weighting;
        this.train = List.copyOf(train);
        this.validation = List.copyOf(validation);
    }

    @Override
    public int examples() {
        return train.size();
    }

    @Override
    public int labelTokens(int example) {
        return train.get(example).labels().length;
    }

    @Override
    public int tokens(int example) {
        return labelTokens(example);
    }

    @Override
    public StepResult step(List<int[]> batches, double learningRate) {
        Minibatch update = minibatch(batches.stream()
                .flatMapToInt(Arrays::stream)
                .mapToObj(train::get)
                .toList());
        int[] positions = batches.stream()
                .mapToInt(batch -> Arrays.stream(batch).map(this::labelTokens).sum())
                .toArray();
        float[] weights =
                switch (weighting) {
                    case TOKENS -> PositionWeights.tokens(positions);
                    case MEANS -> PositionWeights.means(positions);
                };
        return trainer.step(update.states(), update.labels(), weights, (float) learningRate);
    }

    @Override
    public double validationLoss() {
        double sum = 0;
        long tokens = 0;
        for (int from = 0; from < validation.size(); from += CHUNK) {
            Minibatch batch = minibatch(validation.subList(from, Math.min(from + CHUNK, validation.size())));
            sum += trainer.loss(batch.states(), batch.labels()) * batch.labels().length;
            tokens += batch.labels().length;
        }
        return sum / tokens;
    }

    @Override
    public double validationLoss(int example) {
        Minibatch one = minibatch(List.of(validation.get(example)));
        return trainer.loss(one.states(), one.labels());
    }

    @Override
    public <T> T evaluate(Evaluation<T> use) {
        try (Head head = trainer.head()) {
            return use.with(model, head);
        }
    }

    @Override
    public void save(Path file) throws IOException {
        trainer.save(file);
    }

    @Override
    public void restore(Path file) throws IOException {
        trainer.restore(file);
    }

    @Override
    public void saveWeights(Path file) throws IOException {
        try (Head head = trainer.head()) {
            head.write(file);
        }
    }

    @Override
    public void loadWeights(List<Path> files) {
        List<Head> heads = files.stream().map(Head::read).toList();
        try (Head mean = Head.mean(heads)) {
            trainer.set(mean);
        } finally {
            heads.forEach(Head::close);
        }
    }

    @Override
    public String writeCheckpoint(Path folder) throws IOException {
        saveWeights(folder.resolve(CheckpointStore.HEAD));
        return CheckpointStore.HEAD;
    }

    @Override
    public void close() {
        trainer.close();
    }

    private Minibatch minibatch(List<FeatureExample> examples) {
        return Minibatch.of(examples, model.config().dModel());
    }
}
