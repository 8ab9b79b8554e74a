package dev.squadron.benchmarks.peers;

import dev.squadron.contracts.ContractJson;
import dev.squadron.seq2seq.Devices;
import dev.squadron.seq2seq.Execution;
import dev.squadron.seq2seq.Precision;
import dev.squadron.seq2seq.Seq2SeqModel;
import dev.squadron.seq2seq.Threads;
import dev.squadron.seq2seq.generation.GenerationConfig;
import dev.squadron.text.prompt.ContextTokens;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.tensorflow.TensorFlow;

/** Squadron: as many callers as there are cores over one session, one thread an operation. */
final class OwnEngine implements Engine {
    static final String NAME = "Squadron";

    private final Seq2SeqModel model;
    private final Precision precision;
    private final int workers = Runtime.getRuntime().availableProcessors();
    private final ExecutorService callers = Executors.newFixedThreadPool(workers);

    OwnEngine(Path directory, Precision precision) {
        this.precision = precision;
        model = Seq2SeqModel.load(directory, new Execution(precision, Devices.cpu(), Threads.perCore()));
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String precision() {
        return precision.label();
    }

    @Override
    public int workers() {
        return workers;
    }

    @Override
    public int threads() {
        return 1;
    }

    @Override
    public Map<String, String> versions() {
        return Map.of("TensorFlow", TensorFlow.version());
    }

    @Override
    public boolean encodes() {
        return true;
    }

    @Override
    public void encode(List<int[][]> batches) {
        all(batches.size(), batch -> model.encoderStates(batches.get(batch)));
    }

    @Override
    public List<List<Integer>> generate(List<int[][]> batches, int beams, int newTokens) {
        GenerationConfig rules = rules(beams, newTokens);
        return all(batches.size(), batch -> model.generate(batches.get(batch), model.pretrainedHead(), rules).stream()
                        .map(output -> output.ids())
                        .toList())
                .stream()
                .flatMap(List::stream)
                .map(ids -> Arrays.stream(ids).boxed().toList())
                .toList();
    }

    /**
     * Answers with quotations, by greedy search.
     *
     * @param contexts that of each input of each batch
     */
    List<List<Integer>> quote(List<int[][]> batches, List<List<ContextTokens>> contexts, int newTokens) {
        GenerationConfig rules = rules(1, newTokens);
        return all(
                        batches.size(),
                        batch ->
                                model
                                        .quote(batches.get(batch), contexts.get(batch), model.pretrainedHead(), rules)
                                        .stream()
                                        .map(best -> best.get(0).generated().ids())
                                        .toList())
                .stream()
                .flatMap(List::stream)
                .map(ids -> Arrays.stream(ids).boxed().toList())
                .toList();
    }

    @Override
    public void close() {
        callers.shutdown();
        model.close();
    }

    private static GenerationConfig rules(int beams, int newTokens) {
        return GenerationConfig.of(ContractJson.mapper()
                .createObjectNode()
                .put("max_new_tokens", newTokens)
                .put("num_beams", beams));
    }

    private <T> List<T> all(int batches, IntFunction<T> work) {
        List<Future<T>> running = IntStream.range(0, batches)
                .mapToObj(batch -> callers.submit(() -> work.apply(batch)))
                .toList();
        List<T> results = new ArrayList<>();
        try {
            for (Future<T> each : running) {
                results.add(each.get());
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        }
        return results;
    }
}
