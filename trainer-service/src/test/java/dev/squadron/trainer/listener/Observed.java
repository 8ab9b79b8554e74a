package dev.squadron.trainer.listener;

import dev.squadron.contracts.run.RunEvent;
import dev.squadron.contracts.run.SweepEvent;
import dev.squadron.trainer.domain.TrainerObserver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** Remembers what an observer is told of runs and features. */
final class Observed implements TrainerObserver {
    final List<RunEvent> runs = new CopyOnWriteArrayList<>();
    final AtomicLong computed = new AtomicLong();
    final AtomicLong opened = new AtomicLong();

    @Override
    public void ended(RunEvent run) {
        runs.add(run);
    }

    @Override
    public void ended(SweepEvent sweep) {}

    @Override
    public void updated(long count) {}

    @Override
    public void computed(int count) {
        computed.addAndGet(count);
    }

    @Override
    public void opened(int count) {
        opened.addAndGet(count);
    }
}
