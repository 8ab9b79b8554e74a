package dev.squadron.trainer.domain;

import dev.squadron.checkpoints.features.FeatureShard.Question;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.generation.Generated;
import dev.squadron.seq2seq.generation.GenerationConfig;
import dev.squadron.text.metric.SquadMetric.Version;
import dev.squadron.text.metric.SquadScores;
import dev.squadron.text.tokenizer.Seq2SeqTokenizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** Exact match and F1 of the answers that a head generates to the questions of the validation split. */
final class Validation {
    private final Seq2SeqModel model;
    private final Seq2SeqTokenizer tokenizer;
    private final GenerationConfig rules;
    private final Lanes lanes;
    private final int batchSize;

    Validation(Seq2SeqModel model, Seq2SeqTokenizer tokenizer, GenerationConfig rules, Lanes lanes, int batchSize) {
        this.model = model;
        this.tokenizer = tokenizer;
        this.rules = rules;
        this.lanes = lanes;
        this.batchSize = batchSize;
    }

    /**
     * Generates an answer to each question and scores it.
     *
     * @param questions at least one
     * @param answered is told how many questions have been answered
     * @return {@code exact} and {@code f1}, in percent
     */
    Map<String, Double> score(List<Question> questions, Head head, Cancellation cancellation, LongConsumer answered) {
        List<Question> byLength = questions.stream()
                .sorted(Comparator.comparingInt(question -> question.inputIds().size()))
                .toList();
        AtomicLong done = new AtomicLong();
        List<Callable<List<String>>> work = new ArrayList<>();
        for (int from = 0; from < byLength.size(); from += batchSize) {
            List<Question> batch = byLength.subList(from, Math.min(from + batchSize, byLength.size()));
            work.add(() -> {
                cancellation.check();
                List<String> answers = answers(batch, head);
                answered.accept(done.addAndGet(batch.size()));
                return answers;
            });
        }
        List<String> answers = lanes.all(work).stream().flatMap(List::stream).toList();
        boolean impossible =
                questions.stream().anyMatch(question -> question.answers().isEmpty());
        SquadScores scores = new SquadScores(impossible ? Version.V2 : Version.V1);
        for (int i = 0; i < answers.size(); i++) {
            scores.add(answers.get(i), byLength.get(i).answers());
        }
        return Map.of("exact", scores.exact(), "f1", scores.f1());
    }

    private List<String> answers(List<Question> batch, Head head) {
        int[][] inputs = batch.stream()
                .map(question ->
                        question.inputIds().stream().mapToInt(Integer::intValue).toArray())
                .toArray(int[][]::new);
        return model.generate(inputs, head, rules).stream()
                .map(Generated::ids)
                .map(tokenizer::decode)
                .toList();
    }
}
