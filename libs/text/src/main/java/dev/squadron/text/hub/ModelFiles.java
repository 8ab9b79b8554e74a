package dev.squadron.text.hub;

import java.nio.file.Path;
import java.util.List;

/** The files of one version of a model, wherever they lie. */
public interface ModelFiles {

    /** Returns whether the model has a file. */
    boolean has(String file);

    /** Brings files to this machine's disk, those that are not there, and returns the directory in which they are now. */
    Path fetch(List<String> files, DownloadProgress progress);

    /** Returns what to throw for a file that the model needs and lacks: it names model, file and remedy. */
    RuntimeException missing(String file);
}
