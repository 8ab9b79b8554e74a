package dev.squadron.trainer.domain.learning;

import dev.squadron.seq2seq.Execution;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.huggingface.ModelExport;
import dev.squadron.seq2seq.lora.PeftDirectory;
import dev.squadron.seq2seq.training.StepResult;
import dev.squadron.seq2seq.training.backbone.BackboneTrainer;
import dev.squadron.trainer.domain.LoadedModel;
import dev.squadron.trainer.domain.dataset.DatasetExample;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Learns more of the model than its head: the model runs forward and back over the token batches themselves. */
public final class BackboneLearner implements Learner {
    private static final int VALIDATION_BATCH = 8;

    private final LoadedModel model;
    private final BackboneTrainer trainer;
    private final boolean adapter;
    private final Threads threads;
    private final List<DatasetExample> train;
    private final List<DatasetExample> validation;

    /**
     * @param trainer is closed with this
     * @param adapter whether LoRA's adapter learns, and not the weights themselves
     * @param train with inputs
     * @param validation with inputs
     */
    public BackboneLearner(
            LoadedModel model,
            BackboneTrainer trainer,
            boolean adapter,
            Threads threads,
            List<DatasetExample> train,
            List<DatasetExample> validation) {
        this.model = model;
        this.trainer = trainer;
        this.adapter = adapter;
        this.threads = threads;
        this.train = List.copyOf(train);
        this.validation = List.copyOf(validation);
    }

    @Override
    public int examples() {
        return train.size();
    }

    @Override
    public int labelTokens(int example) {
        return train.get(example).labelIds().length;
    }

    @Override
    public int tokens(int example) {
        return train.get(example).inputIds().length + labelTokens(example);
    }

    @Override
    public StepResult step(List<int[]> batches, double learningRate) {
        List<DatasetExample> examples = batches.stream()
                .flatMapToInt(Arrays::stream)
                .mapToObj(train::get)
                .toList();
        return trainer.step(inputs(examples), labels(examples), (float) learningRate);
    }

    @Override
    public double validationLoss() {
        double sum = 0;
        long tokens = 0;
        for (int from = 0; from < validation.size(); from += VALIDATION_BATCH) {
            List<DatasetExample> batch = validation.subList(from, Math.min(from + VALIDATION_BATCH, validation.size()));
            int count = batch.stream()
                    .mapToInt(example -> example.labelIds().length)
                    .sum();
            sum += trainer.loss(inputs(batch), labels(batch)) * count;
            tokens += count;
        }
        return sum / tokens;
    }

    @Override
    public double validationLoss(int example) {
        List<DatasetExample> one = List.of(validation.get(example));
        return trainer.loss(inputs(one), labels(one));
    }

    @Override
    public <T> T evaluate(Evaluation<T> use) {
        Seq2SeqModel base = model.model();
        try (Head head = trainer.head();
                Seq2SeqModel now = Seq2SeqModel.open(
                        base.config(), base.generationConfig(), trainer.weights(), Execution.reference(threads))) {
            return use.with(now, head);
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
        trainer.save(file);
    }

    @Override
    public void loadWeights(List<Path> files) throws IOException {
        if (files.size() != 1) {
            throw new IllegalArgumentException("Only heads are averaged, and there are " + files.size() + " files");
        }
        trainer.restore(files.get(0));
    }

    @Override
    public String writeCheckpoint(Path folder) throws IOException {
        if (adapter) {
            PeftDirectory.write(
                    trainer.adapter(), folder, model.directory().getFileName().toString());
            return "adapter_model.safetensors";
        }
        try (Head head = trainer.head()) {
            ModelExport.fp32(model.directory(), trainer.weights(), head).write(folder);
        }
        return "model.safetensors";
    }

    @Override
    public void close() {
        trainer.close();
    }

    private static int[][] inputs(List<DatasetExample> examples) {
        return examples.stream().map(DatasetExample::inputIds).toArray(int[][]::new);
    }

    private static int[][] labels(List<DatasetExample> examples) {
        return examples.stream().map(DatasetExample::labelIds).toArray(int[][]::new);
    }
}
