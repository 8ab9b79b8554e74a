package dev.squadron.trainer.domain.validation;

import dev.squadron.checkpoints.features.FeatureSet;
import dev.squadron.checkpoints.features.FeatureStore;
import dev.squadron.checkpoints.store.Sha256;
import dev.squadron.seq2seq.generation.GenerationConfig;
import dev.squadron.trainer.domain.dataset.DatasetExample;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The scores of the untrained model on a validation split: kept, since the same questions and rules always give the same. */
public final class Baseline {
    private final FeatureStore store;
    private final FeatureSet set;
    private final String name;

    /** @param rules how answers are generated */
    public Baseline(FeatureStore store, FeatureSet set, List<DatasetExample> questions, GenerationConfig rules) {
        this.store = store;
        this.set = set;
        this.name = Sha256.of(Stream.concat(
                        questions.stream().map(question -> question.key() + " " + question.answers()),
                        Stream.of(rules.toString()))
                .collect(Collectors.joining("\n"))
                .getBytes(StandardCharsets.UTF_8));
    }

    /** Returns the scores, if they are known. */
    public Optional<Map<String, Double>> scores() {
        return store.scores(set, name);
    }

    /** Keeps the scores. */
    public void keep(Map<String, Double> scores) {
        store.keepScores(set, name, scores);
    }
}
