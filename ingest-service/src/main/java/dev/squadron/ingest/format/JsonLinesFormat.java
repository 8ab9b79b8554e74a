package dev.squadron.ingest.format;

import dev.squadron.contracts.record.RecordLimits;
import dev.squadron.ingest.domain.Candidate;
import dev.squadron.ingest.domain.Candidates;
import dev.squadron.ingest.domain.SourceException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.NoSuchElementException;

/** JSON Lines: a line ends at a line feed and nowhere else; blank lines are passed over. A line too long for a record is cut. */
final class JsonLinesFormat implements Candidates {
    private final InputStream in;
    private final String name;
    private final Columns columns;
    private byte[] next;

    JsonLinesFormat(String name, InputStream in, Columns columns) {
        this.name = name;
        this.in = new BufferedInputStream(in, 1 << 16);
        this.columns = columns;
    }

    @Override
    public boolean hasNext() {
        try {
            while (next == null) {
                byte[] line = line();
                if (line == null) {
                    return false;
                }
                next = isBlank(line) ? null : line;
            }
            return true;
        } catch (IOException e) {
            throw new SourceException(name + " cannot be read: " + e.getMessage() + ".", e);
        }
    }

    @Override
    public Candidate next() {
        if (!hasNext()) {
            throw new NoSuchElementException(name + " has no more lines");
        }
        Candidate candidate = new JsonCandidate(next, columns);
        next = null;
        return candidate;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /** Returns the next line, of which at most one byte more than a record may have is kept; null at the end. */
    private byte[] line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(512);
        int read = in.read();
        if (read < 0) {
            return null;
        }
        while (read >= 0 && read != '\n') {
            if (line.size() <= RecordLimits.MAX_BYTES) {
                line.write(read);
            }
            read = in.read();
        }
        return line.toByteArray();
    }

    private static boolean isBlank(byte[] line) {
        for (byte each : line) {
            if (each != ' ' && each != '\t' && each != '\r') {
                return false;
            }
        }
        return true;
    }
}
