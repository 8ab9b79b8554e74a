package dev.squadron.ingest.format;

import dev.squadron.contracts.record.QaRecord;
import dev.squadron.contracts.record.Split;
import dev.squadron.ingest.domain.Candidate;
import dev.squadron.ingest.domain.Candidates;
import dev.squadron.ingest.domain.QaCandidate;
import dev.squadron.ingest.domain.SourceException;
import dev.squadron.text.squad.SquadFormatException;
import dev.squadron.text.squad.SquadQuestion;
import dev.squadron.text.squad.SquadReader;
import java.io.IOException;

/** SQuAD 1.1 and 2.0. */
final class SquadFormat implements Candidates {
    private final SquadReader reader;
    private final String dataset;
    private final Split split;

    SquadFormat(SquadReader reader, String dataset, Split split) {
        this.reader = reader;
        this.dataset = dataset;
        this.split = split;
    }

    @Override
    public boolean hasNext() {
        try {
            return reader.hasNext();
        } catch (SquadFormatException e) {
            throw new SourceException(e.getMessage(), e);
        }
    }

    @Override
    public Candidate next() {
        SquadQuestion question = reader.next();
        return new QaCandidate(new QaRecord(
                dataset,
                question.id(),
                split,
                question.question(),
                question.context(),
                question.answers(),
                question.impossible()));
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
