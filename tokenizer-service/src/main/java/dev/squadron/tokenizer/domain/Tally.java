package dev.squadron.tokenizer.domain;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.squadron.contracts.ContractJson;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How many records of each open data set one partition has given, so that the seal can say so. It travels as the metadata of the
 * partition's committed offset, in the same transaction as what it counts: whoever gets the partition next goes on counting, and
 * nothing is counted twice. A broker keeps at most 4,096 bytes of metadata; of the data sets that do not fit, those longest without
 * a record are no longer counted, and their seals carry no counts.
 */
public final class Tally {
    private static final int MAX_LENGTH = 4_000;
    private static final TypeReference<LinkedHashMap<String, long[]>> FORM = new TypeReference<>() {};

    private final Map<String, long[]> counts;

    /**
     * What a data set has come to.
     *
     * @param tokenized records that became examples
     * @param rejected records that became dead letters
     */
    public record Count(long tokenized, long rejected) {}

    private Tally(Map<String, long[]> counts) {
        this.counts = counts;
    }

    /** Returns the tally that {@code metadata} holds; none where it is empty or of another maker. */
    public static Tally of(String metadata) {
        if (metadata == null || metadata.isEmpty()) {
            return new Tally(new LinkedHashMap<>());
        }
        try {
            return new Tally(ContractJson.mapper().readValue(metadata, FORM));
        } catch (IOException e) {
            throw new IllegalStateException("The offset's metadata is no tally: " + metadata, e);
        }
    }

    /** Counts a record that became an example. */
    public void tokenized(String dataset) {
        count(dataset, 0);
    }

    /** Counts a record that became a dead letter. */
    public void rejected(String dataset) {
        count(dataset, 1);
    }

    /** Returns what a data set has come to, and forgets it; nothing where it was not counted to its end. */
    public Optional<Count> close(String dataset) {
        return Optional.ofNullable(counts.remove(dataset)).map(count -> new Count(count[0], count[1]));
    }

    /** Returns the tally as text. */
    public String metadata() {
        String text = write();
        while (text.length() > MAX_LENGTH) {
            counts.remove(counts.keySet().iterator().next());
            text = write();
        }
        return text;
    }

    private void count(String dataset, int which) {
        long[] count = counts.remove(dataset);
        long[] next = count == null ? new long[2] : count;
        next[which]++;
        counts.put(dataset, next);
    }

    private String write() {
        StringBuilder text = new StringBuilder("{");
        for (Map.Entry<String, long[]> entry : counts.entrySet()) {
            text.append(text.length() > 1 ? "," : "")
                    .append('"')
                    .append(entry.getKey())
                    .append("\":[")
                    .append(entry.getValue()[0])
                    .append(',')
                    .append(entry.getValue()[1])
                    .append(']');
        }
        return text.append('}').toString();
    }
}
