package dev.squadron.trainer.domain.validation;

import dev.squadron.checkpoints.features.FeatureSet;
import dev.squadron.checkpoints.features.FeatureStore;
import dev.squadron.checkpoints.features.FeatureStore.Scores;
import dev.squadron.checkpoints.store.Sha256;
import dev.squadron.seq2seq.generation.GenerationConfig;
import dev.squadron.trainer.domain.dataset.DatasetExample;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a head answers to a validation split: kept, since the same head, questions and rules always give the same. */
public final class Baseline {
    private final FeatureStore store;
    private final FeatureSet set;
    private final String name;

    /**
     * @param checkpoint the head's; null: the model's own
     * @param rules how answers are generated
     */
    public Baseline(
            FeatureStore store,
            FeatureSet set,
            String checkpoint,
            List<DatasetExample> questions,
            GenerationConfig rules) {
        this.store = store;
        this.set = set;
        this.name = Sha256.of(Stream.concat(
                        questions.stream().map(question -> question.key() + " " + question.answers()),
                        checkpoint == null ? Stream.of(rules.toString()) : Stream.of(rules.toString(), checkpoint))
                .collect(Collectors.joining("\n"))
                .getBytes(StandardCharsets.UTF_8));
    }

    /** Returns the answers, if they are known. */
    public Optional<Answered> answered() {
        return store.scores(set, name).map(scores -> new Answered(scores.answers(), scores.scores()));
    }

    /** Keeps the answers. */
    public void keep(Answered answered) {
        store.keepScores(set, name, new Scores(answered.metrics(), answered.answers()));
    }
}
