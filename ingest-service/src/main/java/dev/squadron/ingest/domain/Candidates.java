package dev.squadron.ingest.domain;

import java.io.Closeable;
import java.util.Iterator;

/** The records of a source, one by one; closing it closes the source. */
public interface Candidates extends Iterator<Candidate>, Closeable {}
