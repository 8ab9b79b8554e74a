package dev.squadron.ingest.domain;

import dev.squadron.contracts.dataset.DatasetEvent.Source;
import java.util.List;

/** Finds sources and reads them. */
public interface SourceReader {

    /**
     * Pins a source: says its format and what exactly will be read, so that a restart reads the same. A name of the hub becomes
     * one source a file.
     *
     * @throws SourceException when it is not there or not allowed
     */
    List<Source> pin(Source source);

    /**
     * Opens a pinned source.
     *
     * @param dataset the data set that the records go to
     * @throws SourceException when it is not there any more, or is another by now
     */
    Candidates open(Source source, String dataset);
}
