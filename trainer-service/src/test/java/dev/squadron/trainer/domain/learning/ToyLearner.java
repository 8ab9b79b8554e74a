package dev.squadron.trainer.domain.learning;

import dev.squadron.seq2seq.training.StepResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Learns one number and writes down what it was given. */
final class ToyLearner implements Learner {
    final List<List<List<Integer>>> steps = new ArrayList<>();
    double weight;
    private final int[] lengths;
    private final double[] validationLosses;
    private int validations;

    /**
     * @param lengths label tokens of each example
     * @param validationLosses what each validation finds
     */
    ToyLearner(int[] lengths, double... validationLosses) {
        this.lengths = lengths;
        this.validationLosses = validationLosses;
    }

    @Override
    public int examples() {
        return lengths.length;
    }

    @Override
    public int labelTokens(int example) {
        return lengths[example];
    }

    @Override
    public int tokens(int example) {
        return lengths[example];
    }

    @Override
    public StepResult step(List<int[]> batches, double learningRate) {
        steps.add(batches.stream()
                .map(batch -> Arrays.stream(batch).boxed().toList())
                .toList());
        int places = batches.stream().flatMapToInt(Arrays::stream).sum();
        weight = weight * 0.75 + learningRate * places;
        return new StepResult(weight, 1);
    }

    /** Returns whether there is anything to validate with. */
    boolean validates() {
        return validationLosses.length > 0;
    }

    @Override
    public double validationLoss() {
        return validationLosses[validations++];
    }

    @Override
    public double validationLoss(int example) {
        throw new UnsupportedOperationException("It has no examples to validate with");
    }

    @Override
    public <T> T evaluate(Evaluation<T> use) {
        throw new UnsupportedOperationException("It has no model");
    }

    @Override
    public void save(Path file) throws IOException {
        Files.writeString(file, Double.toString(weight));
    }

    @Override
    public void restore(Path file) throws IOException {
        weight = Double.parseDouble(Files.readString(file));
    }

    @Override
    public void saveWeights(Path file) throws IOException {
        save(file);
    }

    @Override
    public void loadWeights(List<Path> files) throws IOException {
        double sum = 0;
        for (Path file : files) {
            sum += Double.parseDouble(Files.readString(file));
        }
        weight = sum / files.size();
    }

    @Override
    public String writeCheckpoint(Path folder) throws IOException {
        saveWeights(folder.resolve("weight"));
        return "weight";
    }

    @Override
    public void close() {}
}
