package dev.squadron.text.augmentation;

import dev.squadron.contracts.record.QaRecord;
import java.util.Optional;
import java.util.SplittableRandom;

/** One way to vary a record so that each of its answers stays in the context, at the offset that it then has. */
interface Technique {

    /** Returns the name that the origin of a record gives it. */
    String name();

    /**
     * Returns a variation of a record that keeps every rule; a function of the record and of what {@code random} gives.
     *
     * @return empty where there is nothing to vary, or chance leaves all as it is
     */
    Optional<QaRecord> vary(QaRecord record, SplittableRandom random);
}
