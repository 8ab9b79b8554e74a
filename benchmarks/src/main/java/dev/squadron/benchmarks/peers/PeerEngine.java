package dev.squadron.benchmarks.peers;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.ContractJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A peer in Python: as many processes of {@code benchmarks/peers/serve.py} as it has workers, or one where the engine has workers
 * of its own.
 */
final class PeerEngine implements Engine {
    private static final String CTRANSLATE2 = "CTranslate2";
    private static final Map<String, String> MODULES =
            Map.of("PyTorch", "pytorch", CTRANSLATE2, "ctranslate2", "ONNX Runtime", "onnxruntime");

    /** How a peer is set up. */
    record Setup(String name, String precision, int workers, int threads) {}

    private final Setup setup;
    private final Map<String, String> versions;
    private final List<Worker> running = new ArrayList<>();

    /**
     * Starts a peer and waits until it has loaded the model.
     *
     * @param python of the environment that has the engines
     * @param peers the directory of {@code serve.py}
     */
    PeerEngine(Setup setup, Path python, Path peers, Path model) {
        this.setup = setup;
        boolean ownWorkers = setup.name().equals(CTRANSLATE2);
        try {
            for (int i = 0; i < (ownWorkers ? 1 : setup.workers()); i++) {
                running.add(new Worker(List.of(
                        python.toString(),
                        peers.resolve("serve.py").toString(),
                        MODULES.get(setup.name()),
                        "--model=" + model,
                        "--precision=" + setup.precision(),
                        "--workers=" + (ownWorkers ? setup.workers() : 1),
                        "--threads=" + setup.threads())));
                // One after the other: the first one writes the converted model.
                running.get(i).greet();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        versions = running.get(0).versions;
    }

    @Override
    public String name() {
        return setup.name();
    }

    @Override
    public String precision() {
        return setup.precision();
    }

    @Override
    public int workers() {
        return setup.workers();
    }

    @Override
    public int threads() {
        return setup.threads();
    }

    @Override
    public Map<String, String> versions() {
        return versions;
    }

    @Override
    public boolean encodes() {
        return !setup.name().equals(CTRANSLATE2);
    }

    @Override
    public void encode(List<int[][]> batches) {
        ask("encode", batches, Map.of());
    }

    @Override
    public List<List<Integer>> generate(List<int[][]> batches, int beams, int newTokens) {
        List<JsonNode> replies = ask("generate", batches, Map.of("beams", beams, "new_tokens", newTokens));
        List<List<List<Integer>>> byWorker = replies.stream()
                .map(reply -> ContractJson.mapper()
                        .convertValue(reply.get("ids"), new TypeReference<List<List<Integer>>>() {}))
                .toList();
        List<List<Integer>> outputs = new ArrayList<>();
        int[] next = new int[running.size()];
        for (int batch = 0; batch < batches.size(); batch++) {
            int worker = batch % running.size();
            for (int row = 0; row < batches.get(batch).length; row++) {
                outputs.add(byWorker.get(worker).get(next[worker]++));
            }
        }
        return outputs;
    }

    @Override
    public void close() {
        running.forEach(Worker::close);
    }

    /** Gives every process its share of the batches, and returns the replies. */
    private List<JsonNode> ask(String what, List<int[][]> batches, Map<String, Integer> options) {
        try {
            for (int worker = 0; worker < running.size(); worker++) {
                List<int[][]> share = new ArrayList<>();
                for (int batch = worker; batch < batches.size(); batch += running.size()) {
                    share.add(batches.get(batch));
                }
                var request = ContractJson.mapper().createObjectNode();
                request.set(what, ContractJson.mapper().valueToTree(share));
                options.forEach(request::put);
                running.get(worker).send(request);
            }
            List<JsonNode> replies = new ArrayList<>();
            for (Worker worker : running) {
                replies.add(worker.reply());
            }
            return replies;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One process. */
    private static final class Worker {
        private final Process process;
        private final Writer requests;
        private final BufferedReader replies;
        private Map<String, String> versions;

        Worker(List<String> command) throws IOException {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            requests = process.outputWriter(StandardCharsets.UTF_8);
            replies = process.inputReader(StandardCharsets.UTF_8);
        }

        void greet() throws IOException {
            versions = ContractJson.mapper()
                    .convertValue(reply().get("versions"), new TypeReference<Map<String, String>>() {});
        }

        void send(JsonNode request) throws IOException {
            requests.write(request + "\n");
            requests.flush();
        }

        JsonNode reply() throws IOException {
            String line = replies.readLine();
            if (line == null) {
                throw new IllegalStateException(
                        process.info().commandLine().orElse("A peer") + " ended; the reason stands above.");
            }
            return ContractJson.mapper().readTree(line);
        }

        void close() {
            try {
                requests.close();
                if (!process.waitFor(10, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (IOException e) {
                process.destroyForcibly();
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }
}
