package dev.squadron.ingest.domain;

import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.record.QaRecord;
import java.util.ArrayList;
import java.util.List;

/** What is written in one transaction: records taken in, each followed by its augmented copies, and records refused. */
public final class Chunk {

    /**
     * A record refused.
     *
     * @param key what to file it under
     * @param bytes as it came
     * @param why the rule that it breaks
     */
    public record Rejected(String key, byte[] bytes, InvalidMessage why) {}

    private final List<QaRecord> accepted = new ArrayList<>();
    private final List<Rejected> rejected = new ArrayList<>();
    private int read;
    private int mended;
    private long bytes;

    void accept(QaRecord record, boolean isMended, int size) {
        accepted.add(record);
        read++;
        mended += isMended ? 1 : 0;
        bytes += size;
    }

    void accept(QaRecord copy, int size) {
        accepted.add(copy);
        bytes += size;
    }

    void reject(Rejected letter) {
        rejected.add(letter);
        read++;
        bytes += letter.bytes().length;
    }

    /** Returns the records taken in, in the order of the source, each followed by its augmented copies. */
    public List<QaRecord> accepted() {
        return accepted;
    }

    /** Returns the records refused, in the order of the source. */
    public List<Rejected> rejected() {
        return rejected;
    }

    /** Returns how many records of the source are in it. */
    int read() {
        return read;
    }

    int augmented() {
        return accepted.size() + rejected.size() - read;
    }

    int mended() {
        return mended;
    }

    int size() {
        return accepted.size() + rejected.size();
    }

    long bytes() {
        return bytes;
    }
}
