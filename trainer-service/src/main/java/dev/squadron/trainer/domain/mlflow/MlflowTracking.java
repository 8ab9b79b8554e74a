package dev.squadron.trainer.domain.mlflow;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.run.Progress;
import dev.squadron.contracts.run.Progress.Stage;
import dev.squadron.contracts.run.Recipe;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.trainer.domain.RunBook;
import dev.squadron.trainer.domain.RunFollower;
import dev.squadron.trainer.domain.RunView;
import dev.squadron.trainer.domain.mlflow.MlflowClient.Metric;
import dev.squadron.trainer.domain.mlflow.MlflowClient.Status;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs the runs that this replica carries out to a tracking server: the recipe as parameters, what a run tells as metrics by step, its
 * data set and checkpoint as tags. A run that is taken up again goes on in the same MLflow run, found by its tag. What is told waits in
 * a bounded queue, so that a server that is away neither delays a run nor fails it; what finds no room is dropped and counted.
 */
public final class MlflowTracking implements AutoCloseable {
    /** The tag that names a run. */
    static final String RUN = "squadron.run";

    private static final Logger LOG = LoggerFactory.getLogger(MlflowTracking.class);
    /** Messages of a request; each has few metrics. */
    private static final int BATCH = 100;

    private final RunBook book;
    private final MlflowClient client;
    private final BlockingQueue<Told> queue;
    private final Map<String, Runnable> tracked = new ConcurrentHashMap<>();
    private final AtomicLong dropped = new AtomicLong();
    private final ScheduledExecutorService sender = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "mlflow");
        thread.setDaemon(true);
        return thread;
    });

    /** Those of the sending thread: what was taken from the queue and not sent yet, and the ids of the runs at the server. */
    private final List<Told> unsent = new ArrayList<>();

    private final Map<String, String> ids = new HashMap<>();
    private boolean away;

    /** Something that a run has told: metrics, or its end. */
    private record Told(RunEvent run, List<Metric> metrics, RunView end) {}

    /**
     * Begins with no run.
     *
     * @param capacity most messages that wait
     * @param interval between two looks at the queue
     */
    public MlflowTracking(RunBook book, MlflowClient client, int capacity, Duration interval) {
        this.book = book;
        this.client = client;
        this.queue = new LinkedBlockingQueue<>(capacity);
        Future<?> unused = sender.scheduleWithFixedDelay(
                this::send, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Logs a run from now on, with what it has told before; one that is logged already is left as it is. */
    public synchronized void track(RunEvent run) {
        if (tracked.putIfAbsent(run.run(), () -> {}) == null) {
            Runnable leave = book.follow(run.run(), new Follower(run));
            tracked.computeIfPresent(run.run(), (name, none) -> leave);
        }
    }

    /** Leaves a run to another replica. */
    public void release(String run) {
        Optional.ofNullable(tracked.remove(run)).ifPresent(Runnable::run);
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
        private final RunEvent run;
        private long step;

        Follower(RunEvent run) {
            this.run = run;
        }

        @Override
        public void onRun(RunEvent event) {
            offer(new Told(run, List.of(), null));
        }

        @Override
        public void onProgress(Progress progress) {
            step = progress.step() == null ? step : progress.step();
            List<Metric> metrics = metrics(progress, step);
            if (!metrics.isEmpty()) {
                offer(new Told(run, metrics, null));
            }
        }

        @Override
        public void onEnd(RunView view) {
            tracked.remove(run.run());
            offer(new Told(run, List.of(), view));
        }
    }

    private void offer(Told told) {
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
        return progress.stage() == Stage.DONE
                ? List.of()
                : values.entrySet().stream()
                        .filter(value -> value.getValue() != null && Double.isFinite(value.getValue()))
                        .map(value -> new Metric(value.getKey(), value.getValue(), step, progress.at()))
                        .toList();
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
        } catch (MlflowRefused e) {
            LOG.warn("Not logged: {}", e.getMessage());
            unsent.clear();
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

    private void sendAll() throws IOException, MlflowRefused {
        List<Metric> metrics = new ArrayList<>();
        for (int i = 0; i < unsent.size(); i++) {
            Told told = unsent.get(i);
            metrics.addAll(told.metrics());
            boolean last = i + 1 == unsent.size()
                    || !unsent.get(i + 1).run().run().equals(told.run().run());
            if (last) {
                String id = id(told.run());
                if (!metrics.isEmpty()) {
                    client.metrics(id, metrics);
                    metrics.clear();
                }
            }
            if (told.end() != null) {
                end(told.run(), told.end());
            }
        }
    }

    private void end(RunEvent run, RunView view) throws IOException, MlflowRefused {
        Map<String, String> tags =
                new TreeMap<>(Map.of("squadron.state", view.state().label()));
        if (view.checkpoint() != null) {
            tags.put("squadron.checkpoint", view.checkpoint().id());
            tags.put("squadron.manifest", view.checkpoint().key());
        }
        if (view.message() != null) {
            tags.put("squadron.message", view.message());
        }
        client.end(id(run), status(view.state()), view.at(), tags);
        ids.remove(run.run());
    }

    private static Status status(RunEvent.State state) {
        return switch (state) {
            case SUCCEEDED -> Status.FINISHED;
            case FAILED -> Status.FAILED;
            case CANCELLED -> Status.KILLED;
            case REQUESTED, RUNNING -> throw new IllegalArgumentException("A run that is " + state + " has no end");
        };
    }

    private String id(RunEvent run) throws IOException, MlflowRefused {
        String known = ids.get(run.run());
        if (known != null) {
            return known;
        }
        String experiment = client.experiment();
        Optional<String> before = client.find(experiment, RUN, run.run());
        String id = before.isPresent()
                ? before.get()
                : client.create(
                        experiment,
                        run.run(),
                        run.at(),
                        Map.of(RUN, run.run(), "squadron.dataset", run.dataset(), "squadron.model", run.model()));
        ids.put(run.run(), id);
        client.parameters(id, flat(run.recipe()));
        return id;
    }

    /** Returns a recipe by dotted keys. */
    static Map<String, String> flat(Recipe recipe) {
        Map<String, String> flat = new TreeMap<>();
        flatten("", ContractJson.mapper().valueToTree(recipe), flat);
        return flat;
    }

    private static void flatten(String key, JsonNode value, Map<String, String> into) {
        if (value.isObject()) {
            value.properties()
                    .forEach(each ->
                            flatten(key.isEmpty() ? each.getKey() : key + "." + each.getKey(), each.getValue(), into));
        } else {
            into.put(key, value.isTextual() ? value.asText() : value.toString());
        }
    }
}
