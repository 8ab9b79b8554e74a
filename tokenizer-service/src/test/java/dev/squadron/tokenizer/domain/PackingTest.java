package dev.squadron.tokenizer.domain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squadron.contracts.batch.TokenExample;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class PackingTest {
    @Property
    void takesEachExampleOnceWithinTheBudget(
            @ForAll @Size(max = 200) List<@IntRange(min = 1, max = 512) Integer> lengths,
            @ForAll @IntRange(min = 16, max = 8192) int budget) {
        List<TokenExample> examples = new ArrayList<>();
        for (int i = 0; i < lengths.size(); i++) {
            examples.add(TokenExample.newBuilder()
                    .setOffset(i)
                    .addAllInputIds(Collections.nCopies(lengths.get(i), 1))
                    .build());
        }

        List<List<TokenExample>> batches = new Packing(budget).pack(examples);

        assertThat(batches.stream().flatMap(List::stream)).containsExactlyInAnyOrderElementsOf(examples);
        assertThat(batches).allSatisfy(batch -> {
            int longest = batch.stream()
                    .mapToInt(TokenExample::getInputIdsCount)
                    .max()
                    .orElseThrow();
            assertThat(batch.size() == 1 || batch.size() * longest <= budget).isTrue();
        });
    }
}
