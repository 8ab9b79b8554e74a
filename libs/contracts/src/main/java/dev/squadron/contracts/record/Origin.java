package dev.squadron.contracts.record;

import java.util.List;

/**
 * What an augmented record was made from, and how: enough to make it again.
 *
 * @param id the record of the same data set that it varies
 * @param techniques what was done to that record, in this order, for instance {@code drop_sentences}
 * @param seed of every random choice; null where nothing was random
 * @param copy its number among the copies of that record, from 1; null where there is one
 */
public record Origin(String id, List<String> techniques, Long seed, Integer copy) {
    public Origin {
        techniques = List.copyOf(techniques);
    }
}
