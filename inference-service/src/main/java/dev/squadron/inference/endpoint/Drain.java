package dev.squadron.inference.endpoint;

import dev.squadron.inference.domain.Answering;
import dev.squadron.inference.domain.HeadSwap;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/** Answers what was admitted before anything that answers is taken down. */
@Singleton
public class Drain {
    void drain(@Observes ShutdownEvent event, Answering answering, HeadSwap swap) {
        swap.close();
        answering.close();
    }
}
