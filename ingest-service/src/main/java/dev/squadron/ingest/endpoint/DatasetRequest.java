package dev.squadron.ingest.endpoint;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.dataset.DatasetEvent.Source;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.util.List;
import java.util.Map;

/**
 * Asks for a data set to be taken in.
 *
 * @param name what to call it
 * @param sources where its records come from, in this order
 * @param from instead of sources: the data set whose sources these are
 * @param augmentation what is made of its training records besides, as in a recipe; left out: nothing
 * @param seed of the augmentation; left out: 0
 */
public record DatasetRequest(
        @NotBlank(message = "is missing; name the data set, for instance handbook") @Pattern(
                        regexp = "[a-z0-9][a-z0-9._-]{0,127}",
                        message = "must match [a-z0-9][a-z0-9._-]{0,127}, for instance handbook-2")
                String name,
        @Size(min = 1, max = 100, message = "must hold 1 to 100 sources") List<@Valid SourceRequest> sources,
        String from,
        JsonNode augmentation,
        Long seed) {

    /**
     * A source.
     *
     * @param source a data set of the hub ({@code squad}), {@code upload:<sha256>}, {@code s3://}, {@code file:} or {@code
     *     http(s)://}
     * @param format {@code squad}, {@code jsonl} or {@code parquet}; left out: by the ending of the name, else squad
     * @param split the split that all its records belong to; left out: what the records say, else train
     * @param columns for JSON Lines and Parquet: our field to the path of their column
     */
    public record SourceRequest(
            @NotBlank(message = "is missing; name a data set of the hub or a URI") String source,
            String format,
            String split,
            Map<String, String> columns) {
        Source toSource() {
            return new Source(source, format, null, split, columns);
        }
    }
}
