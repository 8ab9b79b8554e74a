package dev.squadron.inference.domain;

import java.time.Duration;

/** Is told what happens while serving; for metrics. */
public interface ServingObserver {

    /** A question was answered, {@code total} after its admission. */
    void answered(Answer answer, Duration total);

    /** A batch of {@code size} questions failed. */
    void failed(int size);

    /** A head became live, {@code took} after its event was seen. */
    void swapped(Duration took);

    /** A checkpoint could not be used. */
    void refused();
}
