package dev.squadron.text.prompt;

import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.batch.Preprocessing;
import dev.squadron.text.tokenizer.Encoding;
import dev.squadron.text.tokenizer.Seq2SeqTokenizer;
import dev.squadron.text.tokenizer.Truncation;

/**
 * Turns questions into inputs and answers into labels, as the classic recipe does: “question: Q context: C”.
 *
 * @param tokenizer the model's
 * @param template the prompt with {@code {question}} and {@code {context}}; the context comes last
 * @param maxInputTokens most input ids, {@code </s>} included
 * @param maxLabelTokens most label ids, {@code </s>} included
 */
public record QaPrompt(Seq2SeqTokenizer tokenizer, String template, int maxInputTokens, int maxLabelTokens) {
    /** The classic prompt. */
    public static final String TEMPLATE = "question: {question} context: {context}";

    private static final String QUESTION = "{question}";
    private static final String CONTEXT = "{context}";

    /**
     * An input.
     *
     * @param ids its tokens, {@code </s>} included
     * @param truncated whether the end of the context had to go
     * @param context its tokens that are the context
     */
    public record Input(int[] ids, boolean truncated, ContextTokens context) {}

    public QaPrompt {
        if (!template.contains(QUESTION) || !template.endsWith(CONTEXT)) {
            throw new IllegalArgumentException("The template “" + template + "” must hold " + QUESTION
                    + " and end with " + CONTEXT + ", which alone may be truncated.");
        }
        if (maxInputTokens < 8 || maxLabelTokens < 2) {
            throw new IllegalArgumentException("Inputs may have " + maxInputTokens + " tokens and labels "
                    + maxLabelTokens + "; they need at least 8 and 2.");
        }
    }

    /** Returns the classic prompt with 512 input and 64 label tokens. */
    public static QaPrompt classic(Seq2SeqTokenizer tokenizer) {
        return new QaPrompt(tokenizer, TEMPLATE, 512, 64);
    }

    /** Returns what makes its ids reproducible. */
    public Preprocessing preprocessing() {
        return Preprocessing.newBuilder()
                .setTokenizerSha256(tokenizer.sha256())
                .setTemplate(template)
                .setMaxInputTokens(maxInputTokens)
                .setMaxLabelTokens(maxLabelTokens)
                .build();
    }

    /**
     * Returns the input of a question. What fits has the ids of the whole prompt; else the end of the context goes.
     *
     * @throws InvalidMessage {@code question-too-long} when the question leaves no room for any of the context
     */
    public Input input(String question, String context) throws InvalidMessage {
        String before =
                template.substring(0, template.length() - CONTEXT.length()).replace(QUESTION, question);
        Encoding encoding = tokenizer.encode(before + context);
        if (encoding.length() <= maxInputTokens) {
            return new Input(encoding.ids(), false, contextTokens(encoding, before, context, encoding.length()));
        }
        Encoding truncated = Truncation.LONGEST_FIRST.apply(encoding, maxInputTokens);
        int last = truncated.length() - 1;
        while (last > 0 && truncated.sequenceIds()[last] == Encoding.ADDED) {
            last--;
        }
        if (truncated.ends()[last] <= before.codePointCount(0, before.length())) {
            throw new InvalidMessage(
                    "question-too-long",
                    "The question fills all " + maxInputTokens + " input tokens and leaves none for the context;"
                            + " shorten it.");
        }
        return new Input(truncated.ids(), true, contextTokens(encoding, before, context, last + 1));
    }

    /**
     * Returns the question of an input, as the tokenizer decodes it.
     *
     * @param ids those of an {@link #input}; of others, all of the text is returned
     */
    public String question(int[] ids) {
        String text = tokenizer.decode(ids);
        String before = template.substring(0, template.indexOf(QUESTION)).strip();
        String between = template.substring(
                        template.indexOf(QUESTION) + QUESTION.length(), template.length() - CONTEXT.length())
                .strip();
        int from = text.startsWith(before) ? before.length() : 0;
        int to = between.isEmpty() ? -1 : text.indexOf(between, from);
        return text.substring(from, to < 0 ? text.length() : to).strip();
    }

    private ContextTokens contextTokens(Encoding input, String before, String context, int kept) {
        return ContextTokens.of(input, before, context, kept, tokenizer.specialIds());
    }

    /** Returns the labels of an answer, {@code </s>} included; the empty answer gives {@code </s>} alone. */
    public int[] labels(String answer) {
        return tokenizer
                .encode(answer, Truncation.LONGEST_FIRST, maxLabelTokens)
                .ids();
    }
}
