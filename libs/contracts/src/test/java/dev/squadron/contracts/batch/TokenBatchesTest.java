package dev.squadron.contracts.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squadron.contracts.InvalidMessage;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class TokenBatchesTest {
    @Property
    void readsBackWhatWasWritten(
            @ForAll @Size(min = 1, max = 40) List<@IntRange(max = 32_127) Integer> inputIds,
            @ForAll @Size(min = 1, max = 40) List<@IntRange(max = 32_127) Integer> labelIds)
            throws InvalidMessage {
        TokenBatch batch = TokenBatch.newBuilder()
                .setDataset("harbour")
                .setSplit("train")
                .addExamples(TokenExample.newBuilder()
                        .setRecordId("1")
                        .addAllInputIds(inputIds)
                        .addAllLabelIds(labelIds))
                .build();

        assertThat(TokenBatches.read(batch.toByteArray())).isEqualTo(batch);
    }

    @Property
    void neverThrowsAnythingButInvalidMessage(@ForAll byte[] bytes) {
        try {
            assertThat(TokenBatches.read(bytes).getExamplesCount()).isPositive();
        } catch (InvalidMessage e) {
            assertThat(e.rule()).isIn("not-protobuf", "empty-batch");
        }
    }
}
