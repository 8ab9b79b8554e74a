package dev.squadron.benchmarks.peers;

import dev.squadron.benchmarks.SquadQuestions;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.text.prompt.QaPrompt;
import dev.squadron.text.squad.SquadQuestion;
import dev.squadron.text.tokenizer.Seq2SeqTokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Tokenized examples.
 *
 * @param inputs ids of each input
 * @param labels ids of each first answer
 */
record Examples(List<int[]> inputs, List<int[]> labels) {
    /** Most input tokens of a batch, padding included, as the tokenizer-service packs them. */
    private static final int TOKEN_BUDGET = 4096;

    private static final int PADDING = 16;

    /** Reads the first {@code count} questions with an answer of a SQuAD file; all where it is 0. */
    static Examples read(Path squad, int count, Seq2SeqTokenizer tokenizer) throws IOException, InvalidMessage {
        QaPrompt prompt = QaPrompt.classic(tokenizer);
        List<int[]> inputs = new ArrayList<>();
        List<int[]> labels = new ArrayList<>();
        for (SquadQuestion question : SquadQuestions.read(squad)) {
            if (!question.answers().isEmpty() && (count == 0 || inputs.size() < count)) {
                inputs.add(prompt.input(question.question(), question.context()).ids());
                labels.add(prompt.labels(question.answers().get(0).text()));
            }
        }
        return new Examples(inputs, labels);
    }

    int size() {
        return inputs.size();
    }

    Examples first(int count) {
        int end = Math.min(count, size());
        return new Examples(inputs.subList(0, end), labels.subList(0, end));
    }

    /** Returns the same, every input and label as long as the tutorial pads them; as costly to compute as padding. */
    Examples padded(int inputTokens, int labelTokens) {
        return new Examples(stretched(inputs, inputTokens), stretched(labels, labelTokens));
    }

    /** Returns the numbers of the examples in batches of similar length. */
    List<int[]> packed() {
        List<int[]> batches = new ArrayList<>();
        List<Integer> batch = new ArrayList<>();
        for (int example : IntStream.range(0, size())
                .boxed()
                .sorted(Comparator.comparingInt(this::paddedLength).thenComparing(i -> labels.get(i).length))
                .toList()) {
            if (!batch.isEmpty() && (batch.size() + 1) * paddedLength(example) > TOKEN_BUDGET) {
                batches.add(batch.stream().mapToInt(i -> i).toArray());
                batch.clear();
            }
            batch.add(example);
        }
        batches.add(batch.stream().mapToInt(i -> i).toArray());
        return batches;
    }

    private int paddedLength(int example) {
        return (inputs.get(example).length + PADDING - 1) / PADDING * PADDING;
    }

    /** Returns the FLOPs of one forward pass over all of them, without padding. */
    double flops(Arithmetic arithmetic) {
        return IntStream.range(0, size())
                .mapToDouble(i -> arithmetic.features(inputs.get(i).length, labels.get(i).length))
                .sum();
    }

    private static List<int[]> stretched(List<int[]> rows, int length) {
        return rows.stream()
                .map(row ->
                        IntStream.range(0, length).map(i -> row[i % row.length]).toArray())
                .toList();
    }
}
