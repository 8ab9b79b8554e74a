package dev.squadron.trainer.domain.report;

import dev.squadron.contracts.batch.Preprocessing;
import dev.squadron.contracts.checkpoint.Manifest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Where a checkpoint comes from.
 *
 * @param manifest what it says of itself
 * @param preprocessing what made the token ids
 */
public record Lineage(Manifest manifest, Preprocessing preprocessing) {

    Html section() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("Base model", manifest.base().name());
        facts.put("Revision", manifest.base().revision());
        facts.put("SHA-256 of its weights", manifest.base().sha256());
        facts.put("Parent", Objects.requireNonNullElse(manifest.parent(), "the model's own head"));
        facts.put("Kind", manifest.kind());
        facts.put("Seed", manifest.recipe().seed());
        facts.put("Data set", manifest.data().dataset());
        facts.put("Training examples", manifest.data().records().get("train"));
        facts.put("Validation examples", manifest.data().records().get("validation"));
        facts.put("SHA-256 of the tokenizer", preprocessing.getTokenizerSha256());
        facts.put("Prompt", preprocessing.getTemplate());
        facts.put("Input tokens", preprocessing.getMaxInputTokens());
        facts.put("Label tokens", preprocessing.getMaxLabelTokens());
        facts.values().removeIf(Objects::isNull);
        Html ranges = Html.table(
                List.of("Partition of " + manifest.data().topic(), "From offset", "To offset", "Examples"),
                manifest.data().partitions().stream()
                        .map(range ->
                                List.of(Integer.toString(range.partition()), range.from(), range.to(), range.records()))
                        .toList());
        return Page.section("Lineage", Html.facts(facts), ranges);
    }
}
