package dev.squadron.ingest.domain;

import dev.squadron.contracts.InvalidMessage;
import dev.squadron.contracts.dataset.DatasetEvent;
import dev.squadron.contracts.dataset.DatasetEvent.Source;
import dev.squadron.contracts.dataset.DatasetEvent.State;
import dev.squadron.contracts.record.CheckedRecord;
import dev.squadron.contracts.record.QaRecord;
import dev.squadron.contracts.record.Seal;
import dev.squadron.text.augmentation.Augmenter;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Takes a data set in, from the place where its last event left off to its seal. Records and place are written together, so that
 * however often it is interrupted each record of the source is counted once, and so are the copies that are made of it.
 */
public final class Ingestion {
    private static final long CHUNK_BYTES = 4L << 20;

    private final SourceReader reader;
    private final RecordLog log;
    private final Clock clock;
    private final int chunkRecords;
    private final BooleanSupplier cancelled;
    private final Consumer<DatasetEvent> told;
    private final Optional<Augmenter> augmenter;
    private final IdSet ids = new IdSet();
    private DatasetEvent state;

    /**
     * Prepares to go on.
     *
     * @param state the data set's last event
     * @param chunkRecords most records of a transaction
     * @param cancelled whether somebody has cancelled it
     * @param told is told of each state that has been written
     */
    public Ingestion(
            DatasetEvent state,
            SourceReader reader,
            RecordLog log,
            Clock clock,
            int chunkRecords,
            BooleanSupplier cancelled,
            Consumer<DatasetEvent> told) {
        this.state = state;
        this.reader = reader;
        this.log = log;
        this.clock = clock;
        this.chunkRecords = chunkRecords;
        this.cancelled = cancelled;
        this.told = told;
        this.augmenter = Optional.ofNullable(state.augmentation()).map(plan -> new Augmenter(plan, state.seed()));
    }

    /** Reads on to the end of the sources and seals the data set; a source that cannot be read makes it failed. */
    public void run() {
        try {
            long position = 0;
            for (Source source : state.sources()) {
                try (Candidates candidates = reader.open(source, state.dataset())) {
                    position = read(candidates, position);
                }
                if (state.state() == State.CANCELLED) {
                    return;
                }
            }
            if (position < state.position()) {
                throw new SourceException("The sources of " + state.dataset() + " hold " + position
                        + " records and " + state.position()
                        + " had been read before; they have changed: ingest them under another name.");
            }
            if (augmenter.filter(Augmenter::lacksModelParaphrases).isPresent()) {
                throw new SourceException("The augmentation of " + state.dataset()
                        + " counts on paraphrases by the model and its sources hold none; make a file with them by"
                        + " `squadron augment` and ingest that, or set paraphrase to rules.");
            }
            seal();
        } catch (SourceException | IOException e) {
            store(state(State.FAILED, e.getMessage()));
        }
    }

    /** Reads a source; {@code position} counts the records of all sources. */
    private long read(Candidates candidates, long position) {
        long at = position;
        Chunk chunk = new Chunk();
        while (candidates.hasNext()) {
            if (cancelled.getAsBoolean()) {
                store(state(State.CANCELLED, "Cancelled over REST"));
                return at;
            }
            Candidate candidate = candidates.next();
            at++;
            if (at <= state.position()) {
                remember(candidate);
                continue;
            }
            take(candidate, chunk);
            if (chunk.size() >= chunkRecords || chunk.bytes() >= CHUNK_BYTES) {
                write(chunk);
                chunk = new Chunk();
            }
        }
        if (chunk.size() > 0) {
            write(chunk);
        }
        return at;
    }

    /** A record that was judged before a restart: its id counts, and what later copies may take from it. */
    private void remember(Candidate candidate) {
        take(candidate, new Chunk());
    }

    private void take(Candidate candidate, Chunk chunk) {
        byte[] bytes = candidate.bytes();
        try {
            CheckedRecord checked = candidate.check();
            QaRecord record = checked.record();
            if (!record.dataset().equals(state.dataset())) {
                throw new InvalidMessage(
                        "other-dataset",
                        "The record belongs to the data set " + record.dataset() + " and was sent to " + state.dataset()
                                + "; leave its field dataset out.");
            }
            if (!ids.add(record.id())) {
                throw new InvalidMessage(
                        "duplicate-id",
                        "The id " + record.id() + " was there before; give each record one of its own.");
            }
            chunk.accept(record, checked.mended(), bytes.length);
            for (QaRecord copy : augmenter.map(each -> each.copies(record)).orElse(List.of())) {
                if (ids.add(copy.id())) {
                    chunk.accept(copy, bytes.length);
                }
            }
        } catch (InvalidMessage e) {
            chunk.reject(new Chunk.Rejected(state.dataset() + "/" + (state.position() + chunk.read()), bytes, e));
        }
    }

    private void write(Chunk chunk) {
        Map<String, Long> records = new TreeMap<>(state.records());
        Map<Integer, Long> partitions = new TreeMap<>(state.partitions());
        for (QaRecord record : chunk.accepted()) {
            records.merge(record.split().label(), 1L, Long::sum);
            partitions.merge(log.partition(record.key()), 1L, Long::sum);
        }
        DatasetEvent after = new DatasetEvent(
                state.dataset(),
                State.INGESTING,
                state.sources(),
                state.augmentation(),
                state.seed(),
                state.position() + chunk.read(),
                records,
                state.augmented() + chunk.augmented(),
                partitions,
                state.rejected() + chunk.rejected().size(),
                state.mended() + chunk.mended(),
                null,
                clock.instant());
        log.write(chunk, after);
        told.accept(after);
        state = after;
    }

    private void seal() {
        List<Seal> seals = new ArrayList<>();
        for (int partition = 0; partition < log.partitions(); partition++) {
            seals.add(new Seal(state.dataset(), partition, state.partitions().getOrDefault(partition, 0L), null, null));
        }
        DatasetEvent after = state(State.SEALED, null);
        log.seal(seals, after);
        told.accept(after);
        state = after;
    }

    private void store(DatasetEvent after) {
        log.write(after);
        told.accept(after);
        state = after;
    }

    private DatasetEvent state(State next, String message) {
        return new DatasetEvent(
                state.dataset(),
                next,
                state.sources(),
                state.augmentation(),
                state.seed(),
                state.position(),
                state.records(),
                state.augmented(),
                state.partitions(),
                state.rejected(),
                state.mended(),
                message,
                clock.instant());
    }
}
