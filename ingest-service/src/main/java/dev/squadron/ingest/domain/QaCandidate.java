package dev.squadron.ingest.domain;

import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.record.CheckedRecord;
import dev.squadron.contracts.record.QaRecord;
import dev.squadron.contracts.record.QaRecordCodec;

/**
 * A record that a format has made of its own rows.
 *
 * @param record the record
 */
public record QaCandidate(QaRecord record) implements Candidate {
    @Override
    public byte[] bytes() {
        return QaRecordCodec.write(record);
    }

    @Override
    public CheckedRecord check() throws InvalidMessage {
        return QaRecordCodec.check(record);
    }
}
