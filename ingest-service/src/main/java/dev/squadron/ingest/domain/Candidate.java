package dev.squadron.ingest.domain;

import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.record.CheckedRecord;

/** A record as a source gives it, not yet taken in. */
public interface Candidate {

    /** Returns its bytes as they came, or as JSON where the source is not made of records. */
    byte[] bytes();

    /**
     * Returns the record, checked.
     *
     * @throws InvalidMessage naming the rule that it breaks
     */
    CheckedRecord check() throws InvalidMessage;
}
