package dev.squadron.trainer.domain.mlflow;

import dev.squadron.contracts.run.Progress;
import dev.squadron.contracts.run.Progress.Stage;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.contracts.run.SweepEvent;
import dev.squadron.trainer.domain.RunBook;
import dev.squadron.trainer.domain.RunFollower;
import dev.squadron.trainer.domain.RunView;
import dev.squadron.trainer.domain.SweepBook;
import dev.squadron.trainer.domain.mlflow.MlflowClient.Metric;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs the runs and sweeps that this replica carries out to a tracking server: the recipe as parameters, what a run tells as metrics by
 * step, its data set and checkpoint as tags; a sweep as a run that has those of its trials under it. What is taken up again goes on in
 * the same MLflow runs, found by their tags. What is told waits in a bounded queue, so that a server that is away neither delays a run
 * nor fails it; what finds no room is dropped and counted.
 */
public final class MlflowTracking implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MlflowTracking.class);
    /** Messages of a request; each has few metrics. */
    private static final int BATCH = 100;

    private final RunBook runs;
    private final SweepBook sweeps;
    private final MlflowClient client;
    private final BlockingQueue<MlflowTold> queue;
    /** Runs and sweeps, by what finds them at the server; each with what makes its follower hear no more. */
    private final Map<String, Runnable> tracked = new ConcurrentHashMap<>();

    private final AtomicLong dropped = new AtomicLong();
    private final ScheduledExecutorService sender = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "mlflow");
        thread.setDaemon(true);
        return thread;
    });

    /** Those of the sending thread: what was taken from the queue and not sent yet, and the ids of the runs at the server. */
    private final List<MlflowTold> unsent = new ArrayList<>();

    private final Map<String, String> ids = new HashMap<>();
    private boolean away;

    /**
     * Begins with nothing to log.
     *
     * @param capacity most messages that wait
     * @param interval between two looks at the queue
     */
    public MlflowTracking(RunBook runs, SweepBook sweeps, MlflowClient client, int capacity, Duration interval) {
        this.runs = runs;
        this.sweeps = sweeps;
        this.client = client;
        this.queue = new LinkedBlockingQueue<>(capacity);
        Future<?> unused = sender.scheduleWithFixedDelay(
                this::send, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Logs a run from now on, with what it has told before; one that is logged already is left as it is. */
    public void track(RunEvent event) {
        MlflowRun run = MlflowRun.of(event);
        track(run, () -> runs.follow(event.run(), new Follower(run)));
    }

    /** Logs a sweep and its trials from now on; likewise. */
    public void track(SweepEvent event) {
        MlflowRun run = MlflowRun.of(event);
        track(run, () -> {
            offer(new MlflowTold(run, List.of(), null));
            return sweeps.follow(event.sweep(), new MlflowSweep(event, run, this::offer));
        });
    }

    private synchronized void track(MlflowRun run, Supplier<Runnable> follow) {
        if (tracked.putIfAbsent(run.filter(), () -> {}) == null) {
            Runnable leave = follow.get();
            tracked.computeIfPresent(run.filter(), (name, none) -> leave);
        }
    }

    /** Leaves a run to another replica. */
    public void release(RunEvent event) {
        release(MlflowRun.of(event));
    }

    /** Leaves a sweep to another replica. */
    public void release(SweepEvent event) {
        release(MlflowRun.of(event));
    }

    private void release(MlflowRun run) {
        Optional.ofNullable(tracked.remove(run.filter())).ifPresent(Runnable::run);
    }

    /** Sends what waits, once, and ends. */
    @Override
    public void close() {
        sender.execute(this::send);
        sender.shutdown();
        try {
            if (!sender.awaitTermination(5, TimeUnit.SECONDS)) {
                sender.shutdownNow();
            }
        } catch (InterruptedException e) {
            sender.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    /** Queues what a run tells. */
    private final class Follower implements RunFollower {
        private final MlflowRun run;
        private long step;

        Follower(MlflowRun run) {
            this.run = run;
        }

        @Override
        public void onRun(RunEvent event) {
            offer(new MlflowTold(run, List.of(), null));
        }

        @Override
        public void onProgress(Progress progress) {
            step = progress.step() == null ? step : progress.step();
            List<Metric> metrics = metrics(progress, step);
            if (!metrics.isEmpty()) {
                offer(new MlflowTold(run, metrics, null));
            }
        }

        @Override
        public void onEnd(RunView view) {
            offer(new MlflowTold(run, List.of(), MlflowEnd.of(view)));
        }
    }

    private void offer(MlflowTold told) {
        if (told.end() != null) {
            tracked.remove(told.run().filter());
        }
        if (!queue.offer(told)) {
            dropped.incrementAndGet();
        }
    }

    /** Returns what a step forward says, under the names of the progress topic; those of the baseline begin so. */
    private static List<Metric> metrics(Progress progress, long step) {
        Map<String, Double> values = new TreeMap<>();
        if (progress.metrics() != null) {
            String prefix = progress.stage() == Stage.BASELINE ? "baseline_" : "";
            progress.metrics().forEach((name, value) -> values.put(prefix + name, value));
        } else if (progress.stage() == Stage.TRAINING) {
            values.put("loss", progress.loss());
            values.put("learning_rate", progress.learningRate());
            values.put("gradient_norm", progress.gradientNorm());
            values.put("examples_per_second", progress.examplesPerSecond());
            values.put("tokens_per_second", progress.tokensPerSecond());
        }
        return progress.stage() == Stage.DONE ? List.of() : Metric.of(values, step, progress.at());
    }

    private void send() {
        try {
            do {
                if (unsent.isEmpty()) {
                    queue.drainTo(unsent, BATCH);
                }
                sendAll();
                unsent.clear();
            } while (!queue.isEmpty());
            tellOfOutage();
        } catch (IOException e) {
            if (!away) {
                LOG.warn("Runs are not logged for now: {}; they go on, and what is to be logged waits", e.toString());
            }
            away = true;
        } catch (RuntimeException e) {
            LOG.error("Not logged, because of a fault in the service: {}", e.getMessage(), e);
            unsent.clear();
        }
    }

    private void tellOfOutage() {
        long lost = dropped.getAndSet(0);
        if (away || lost > 0) {
            LOG.warn("Runs are logged again; {} messages found no room meanwhile and were dropped", lost);
        }
        away = false;
    }

    /** Sends what was taken from the queue; what one run is refused takes nothing from the others. */
    private void sendAll() throws IOException {
        List<Metric> metrics = new ArrayList<>();
        for (int i = 0; i < unsent.size(); i++) {
            MlflowTold told = unsent.get(i);
            metrics.addAll(told.metrics());
            boolean last = i + 1 == unsent.size() || !unsent.get(i + 1).run().equals(told.run());
            if (last || told.end() != null) {
                try {
                    log(told.run(), metrics, told.end());
                } catch (MlflowRefused e) {
                    LOG.warn("Not logged: {}", e.getMessage());
                }
                metrics.clear();
            }
        }
    }

    private void log(MlflowRun run, List<Metric> metrics, MlflowEnd end) throws IOException, MlflowRefused {
        String id = id(run);
        client.metrics(id, metrics);
        if (end != null) {
            client.end(id, end);
            ids.remove(run.filter());
        }
    }

    private String id(MlflowRun run) throws IOException, MlflowRefused {
        String known = ids.get(run.filter());
        if (known != null) {
            return known;
        }
        Optional<String> parent = run.parent() == null ? Optional.empty() : Optional.of(id(run.parent()));
        String id = client.open(run, parent);
        try {
            client.parameters(id, run.parameters());
        } catch (MlflowRefused e) {
            LOG.warn("Not logged: {}", e.getMessage());
        }
        ids.put(run.filter(), id);
        return id;
    }
}
