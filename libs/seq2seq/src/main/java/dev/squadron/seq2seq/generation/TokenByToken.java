package dev.squadron.seq2seq.generation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Appends one token after the other to each sequence and never goes back, as greedy search and sampling do. */
final class TokenByToken {

    /** Chooses the next token. */
    interface Choice {
        /**
         * Returns {@code sequence} with its next token.
         *
         * @param row the row of {@code step} that belongs to it
         * @param index the sequence's number within the batch
         */
        Sequence append(Sequence sequence, Decoder.Step step, int row, int index);
    }

    private final GenerationConfig rules;
    private final SpecialTokens tokens;
    private final boolean wantLogits;

    TokenByToken(GenerationConfig rules, SpecialTokens tokens, boolean wantLogits) {
        this.rules = rules;
        this.tokens = tokens;
        this.wantLogits = wantLogits;
    }

    List<List<Generated>> search(Decoder decoder, Choice choice) {
        int perInput = rules.numReturnSequences();
        Sequence[] sequences = new Sequence[decoder.inputs() * perInput];
        Arrays.fill(sequences, Sequence.start(tokens.start()));
        int[] firstRows = new int[sequences.length];
        Arrays.setAll(firstRows, index -> index / perInput);
        int[] next = new int[decoder.inputs()];
        Arrays.fill(next, tokens.start());
        for (int length = 0; length < rules.maxNewTokens() && !allFinished(sequences); length++) {
            Decoder.Step step = decoder.step(next, 1, wantLogits);
            if (length == 0) {
                decoder.reorder(firstRows);
                next = new int[sequences.length];
            }
            for (int index = 0; index < sequences.length; index++) {
                if (finished(sequences[index])) {
                    next[index] = tokens.pad();
                    continue;
                }
                int row = length == 0 ? firstRows[index] : index;
                sequences[index] = choice.append(sequences[index], step, row, index);
                next[index] = sequences[index].token();
            }
        }
        List<List<Generated>> byInput = new ArrayList<>();
        for (int input = 0; input < decoder.inputs(); input++) {
            byInput.add(Arrays.stream(sequences, input * perInput, (input + 1) * perInput)
                    .map(this::generated)
                    .toList());
        }
        return byInput;
    }

    private Generated generated(Sequence sequence) {
        double score = 0;
        for (Sequence at = sequence; at.before() != null; at = at.before()) {
            score += at.processedLogProb();
        }
        return sequence.generated(score, finished(sequence));
    }

    private boolean allFinished(Sequence[] sequences) {
        return Arrays.stream(sequences).allMatch(this::finished);
    }

    private boolean finished(Sequence sequence) {
        return sequence.length() > 0 && tokens.eos().contains(sequence.token());
    }
}
