package dev.squadron.trainer.domain.dataset;

import dev.squadron.contracts.checkpoint.Manifest.PartitionRange;
import java.util.ArrayList;
import java.util.List;

/**
 * A data set as a run sees it, each split in canonical order.
 *
 * @param name its name
 * @param train the training split
 * @param validation the validation split
 * @param ranges where it stands in the log, by partition
 */
public record Dataset(
        String name, List<DatasetExample> train, List<DatasetExample> validation, List<PartitionRange> ranges) {

    /**
     * A partition of a data set.
     *
     * @param train its examples of the training split, in the order of the log
     * @param validation its examples of the validation split, likewise
     * @param range where it stands in the log
     */
    public record Part(List<DatasetExample> train, List<DatasetExample> validation, PartitionRange range) {}

    /** Puts the partitions together. */
    public static Dataset of(String name, List<Part> parts) {
        List<DatasetExample> train = new ArrayList<>();
        List<DatasetExample> validation = new ArrayList<>();
        parts.forEach(part -> {
            train.addAll(part.train());
            validation.addAll(part.validation());
        });
        train.sort(DatasetExample.CANONICAL);
        validation.sort(DatasetExample.CANONICAL);
        return new Dataset(
                name, train, validation, parts.stream().map(Part::range).toList());
    }
}
