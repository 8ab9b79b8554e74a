package dev.squadron.text.hub;

/** Is told how a download goes on: by one thread at a time, ten times a second at most, and at its end. */
@FunctionalInterface
public interface DownloadProgress {
    /** Nobody is told. */
    DownloadProgress SILENT = (done, total) -> {};

    /**
     * Takes the state of a download.
     *
     * @param done bytes that are here, those of an earlier attempt among them
     * @param total bytes of all its files
     */
    void at(long done, long total);
}
