package dev.squadron.tokenizer.domain;

import dev.squadron.contracts.batch.TokenExample;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Packs examples of similar length together, bounded by tokens rather than rows: padding is small, and so is the memory of a
 * forward pass, whatever the lengths are. A batch also fits into a message.
 *
 * @param tokenBudget most input tokens of a batch, padding included; a single example may have more
 */
public record Packing(int tokenBudget) {
    /** What the trainer pads lengths to. */
    private static final int PADDING = 16;

    /** Most bytes of a batch of several: reference answers may be long, and a message has a limit. */
    private static final int MAX_BYTES = 500_000;

    public Packing {
        if (tokenBudget < PADDING) {
            throw new IllegalArgumentException("A token budget of " + tokenBudget + " holds nothing");
        }
    }

    /** Returns the examples in batches: each once, sorted by padded input length, then by label length, then by offset. */
    public List<List<TokenExample>> pack(List<TokenExample> examples) {
        List<TokenExample> sorted = examples.stream()
                .sorted(Comparator.comparingInt(Packing::paddedLength)
                        .thenComparingInt(TokenExample::getLabelIdsCount)
                        .thenComparingLong(TokenExample::getOffset))
                .toList();
        List<List<TokenExample>> batches = new ArrayList<>();
        List<TokenExample> batch = new ArrayList<>();
        int bytes = 0;
        for (TokenExample example : sorted) {
            int length = paddedLength(example);
            bytes += example.getSerializedSize();
            if (!batch.isEmpty() && ((batch.size() + 1) * length > tokenBudget || bytes > MAX_BYTES)) {
                batches.add(batch);
                batch = new ArrayList<>();
                bytes = example.getSerializedSize();
            }
            batch.add(example);
        }
        if (!batch.isEmpty()) {
            batches.add(batch);
        }
        return batches;
    }

    private static int paddedLength(TokenExample example) {
        return (example.getInputIdsCount() + PADDING - 1) / PADDING * PADDING;
    }
}
