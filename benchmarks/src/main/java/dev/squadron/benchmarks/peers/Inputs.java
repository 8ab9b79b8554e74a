package dev.squadron.benchmarks.peers;

import dev.squadron.benchmarks.SquadQuestions;
import dev.squadron.contracts.InvalidMessage;
import dev.squadron.text.prompt.ContextTokens;
import dev.squadron.text.prompt.QaPrompt;
import dev.squadron.text.squad.SquadQuestion;
import dev.squadron.text.tokenizer.Seq2SeqTokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Questions with passages, all of the same length: a passage goes on with those of the following questions.
 *
 * @param ids of each input
 * @param contexts of each input
 */
record Inputs(List<int[]> ids, List<ContextTokens> contexts) {
    /** Tokens of every input, {@code </s>} included. */
    static final int TOKENS = 200;

    /** Makes as many inputs as the SQuAD file has questions. */
    static Inputs read(Path squad, Seq2SeqTokenizer tokenizer) throws IOException, InvalidMessage {
        List<SquadQuestion> questions = SquadQuestions.read(squad);
        QaPrompt prompt = new QaPrompt(tokenizer, QaPrompt.TEMPLATE, TOKENS, 2);
        List<int[]> ids = new ArrayList<>();
        List<ContextTokens> contexts = new ArrayList<>();
        for (int i = 0; i < questions.size(); i++) {
            StringBuilder passage = new StringBuilder(questions.get(i).context());
            for (int next = i + 1; passage.length() < 8 * TOKENS; next++) {
                passage.append(' ')
                        .append(questions.get(next % questions.size()).context());
            }
            QaPrompt.Input input = prompt.input(questions.get(i).question(), passage.toString());
            ids.add(input.ids());
            contexts.add(input.context());
        }
        return new Inputs(ids, contexts);
    }

    /** Returns so many batches. */
    List<int[][]> batches(int count, int rows) {
        List<int[][]> batches = new ArrayList<>();
        for (int batch = 0; batch < count; batch++) {
            int[][] one = new int[rows][];
            for (int row = 0; row < rows; row++) {
                one[row] = ids.get((batch * rows + row) % ids.size());
            }
            batches.add(one);
        }
        return batches;
    }

    /** Returns the contexts of {@link #batches}. */
    List<List<ContextTokens>> contexts(int count, int rows) {
        List<List<ContextTokens>> batches = new ArrayList<>();
        for (int batch = 0; batch < count; batch++) {
            List<ContextTokens> one = new ArrayList<>();
            for (int row = 0; row < rows; row++) {
                one.add(contexts.get((batch * rows + row) % contexts.size()));
            }
            batches.add(one);
        }
        return batches;
    }
}
