package dev.squadron.contracts.batch;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.squadron.contracts.InvalidMessage;

/** Reads and checks token batches; the generated {@link TokenBatch} writes itself. */
public final class TokenBatches {
    private TokenBatches() {}

    /**
     * Reads a token batch.
     *
     * @throws InvalidMessage {@code not-protobuf} or {@code empty-batch}
     */
    public static TokenBatch read(byte[] bytes) throws InvalidMessage {
        TokenBatch batch;
        try {
            batch = TokenBatch.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new InvalidMessage("not-protobuf", "The message is no token batch: " + e.getMessage());
        }
        boolean empty = batch.getExamplesCount() == 0
                || batch.getExamplesList().stream()
                        .anyMatch(example -> example.getInputIdsCount() == 0 || example.getLabelIdsCount() == 0);
        if (empty) {
            throw new InvalidMessage(
                    "empty-batch",
                    "The token batch, or an example of it, is empty; only tokenizer-service writes them.");
        }
        return batch;
    }
}
