package dev.squadron.contracts.record;

/**
 * A record that keeps every rule.
 *
 * @param record the record, its offsets right
 * @param mended whether an offset was off and has been put right
 */
public record CheckedRecord(QaRecord record, boolean mended) {}
