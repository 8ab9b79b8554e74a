package dev.squadron.trainer.domain.validation;

import dev.squadron.contracts.run.Metric;
import dev.squadron.seq2seq.Head;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.generation.Generated;
import dev.squadron.seq2seq.generation.GenerationConfig;
import dev.squadron.text.metric.SquadMetric.Version;
import dev.squadron.text.metric.SquadScores;
import dev.squadron.text.tokenizer.Seq2SeqTokenizer;
import dev.squadron.trainer.domain.Cancellation;
import dev.squadron.trainer.domain.Lanes;
import dev.squadron.trainer.domain.dataset.DatasetExample;
import dev.squadron.trainer.domain.learning.Learner;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/** Exact match and F1 of the answers that a head generates to the questions of the validation split. */
public final class Validation {
    private final Seq2SeqTokenizer tokenizer;
    private final GenerationConfig rules;
    private final Lanes lanes;
    private final int batchSize;

    public Validation(Seq2SeqTokenizer tokenizer, GenerationConfig rules, Lanes lanes, int batchSize) {
        this.tokenizer = tokenizer;
        this.rules = rules;
        this.lanes = lanes;
        this.batchSize = batchSize;
    }

    /**
     * Generates an answer to each question and scores it; arguments as in {@link #answer}.
     *
     * @return as {@link #metrics}
     */
    public Map<String, Double> score(
            List<DatasetExample> questions,
            Seq2SeqModel model,
            Head head,
            Cancellation cancellation,
            LongConsumer answered) {
        return metrics(questions, answer(questions, model, head, cancellation, answered));
    }

    /**
     * Generates an answer to each question.
     *
     * @param questions at least one
     * @param answered is told how many questions have been answered
     * @return the answers, in the order of the questions
     */
    public List<String> answer(
            List<DatasetExample> questions,
            Seq2SeqModel model,
            Head head,
            Cancellation cancellation,
            LongConsumer answered) {
        List<Integer> byLength = IntStream.range(0, questions.size())
                .boxed()
                .sorted(Comparator.comparingInt(place -> questions.get(place).inputIds().length))
                .toList();
        AtomicLong done = new AtomicLong();
        String[] answers = new String[questions.size()];
        List<Callable<Void>> work = new ArrayList<>();
        for (int from = 0; from < byLength.size(); from += batchSize) {
            List<Integer> places = byLength.subList(from, Math.min(from + batchSize, byLength.size()));
            work.add(() -> {
                cancellation.check();
                List<String> batch = answers(places.stream().map(questions::get).toList(), model, head);
                for (int i = 0; i < batch.size(); i++) {
                    answers[places.get(i)] = batch.get(i);
                }
                answered.accept(done.addAndGet(batch.size()));
                return null;
            });
        }
        List<Void> unused = lanes.all(work);
        return List.of(answers);
    }

    /** Returns {@code exact} and {@code f1} of the answers to questions, in percent. */
    public static Map<String, Double> metrics(List<DatasetExample> questions, List<String> answers) {
        SquadScores scores = new SquadScores(version(questions));
        for (int i = 0; i < answers.size(); i++) {
            scores.add(answers.get(i), questions.get(i).answers());
        }
        return Map.of("exact", scores.exact(), "f1", scores.f1());
    }

    /**
     * Measures what a learner has learned so far; answers are generated only where the metric is one of answers.
     *
     * @param questions the validation split
     * @return {@code validation_loss}, and {@code exact} and {@code f1} where {@code metric} is one of them; empty without questions
     */
    public Map<String, Double> measure(
            Learner learner, List<DatasetExample> questions, Metric metric, Cancellation cancellation) {
        if (questions.isEmpty()) {
            return Map.of();
        }
        Map<String, Double> metrics = new HashMap<>();
        metrics.put("validation_loss", learner.validationLoss());
        if (metric != Metric.VALIDATION_LOSS) {
            metrics.putAll(
                    learner.evaluate((trained, head) -> score(questions, trained, head, cancellation, answered -> {})));
        }
        return metrics;
    }

    /** Returns the metric's version for a split: the second one where a question has no answer. */
    public static Version version(List<DatasetExample> questions) {
        return questions.stream().anyMatch(question -> question.answers().isEmpty()) ? Version.V2 : Version.V1;
    }

    private List<String> answers(List<DatasetExample> batch, Seq2SeqModel model, Head head) {
        int[][] inputs = batch.stream().map(DatasetExample::inputIds).toArray(int[][]::new);
        return model.generate(inputs, head, rules).stream()
                .map(Generated::ids)
                .map(tokenizer::decode)
                .toList();
    }
}
