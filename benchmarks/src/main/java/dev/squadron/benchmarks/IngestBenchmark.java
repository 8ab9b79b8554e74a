package dev.squadron.benchmarks;

import static dev.squadron.benchmarks.Report.figure;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.cli.Console;
import dev.squadron.cli.Home;
import dev.squadron.cli.stack.ServiceClient;
import dev.squadron.cli.stack.StackProcesses;
import dev.squadron.cli.stack.StackState;
import dev.squadron.contracts.ContractJson;
import dev.squadron.text.squad.SquadQuestion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A large SQuAD file through ingest-service, whose memory is watched. */
@Command(
        name = "ingest",
        mixinStandardHelpOptions = true,
        description = "Ingest a generated SQuAD file, and tell the memory of ingest-service on the way (Linux).")
final class IngestBenchmark implements Callable<Integer> {
    private static final int REPORTS = 5;

    @Option(names = "--megabytes", defaultValue = "1000", description = "Size of the file. Default: ${DEFAULT-VALUE}.")
    private long megabytes;

    @Option(names = "--write", description = "Write the table into docs/performance.md.")
    private boolean write;

    private final ServiceClient client = new ServiceClient();

    @Override
    public Integer call() throws Exception {
        Home clone = Home.find();
        Path directory = Files.createTempDirectory("squadron-benchmark");
        Home home = new Home(clone.root(), directory);
        StackProcesses processes = new StackProcesses(home, Console.system(false));
        Path file = directory.resolve("large.json");
        long records = generate(clone.sample("handbook-train.json"), file);
        Report report = new Report("records", "seconds", "resident memory of ingest-service");
        try {
            processes.up(clone.demoModel().toString());
            // The broker is to hold what ingest writes; what the tokenizer does with it is not measured here.
            StackState.read(home).processes().get("tokenizer").handle().ifPresent(ProcessHandle::destroyForcibly);
            ingest(home, file, records, report);
        } finally {
            processes.down();
            Files.delete(file);
        }
        System.out.println(report);
        if (write) {
            report.write(clone.root().resolve("docs").resolve("performance.md"), "ingest");
        }
        return 0;
    }

    private void ingest(Home home, Path file, long records, Report report) throws Exception {
        StackState stack = StackState.read(home);
        String address = stack.address("ingest");
        long pid = stack.processes().get("ingest").pid();
        report.row("0", "0", memory(pid));
        long uploading = System.nanoTime();
        String source = client.put(address + "/v1/uploads", file).path("source").asText();
        report.row("the file uploaded", seconds(uploading), memory(pid));
        long began = System.nanoTime();
        client.post(
                address + "/v1/datasets",
                Map.of("name", "large", "sources", List.of(Map.of("source", source, "format", "squad"))));
        long next = records / REPORTS;
        JsonNode state;
        do {
            Thread.sleep(100);
            state = client.get(address + "/v1/datasets/large");
            if (state.path("position").asLong() >= next) {
                report.row(state.path("position").asText(), seconds(began), memory(pid));
                next += records / REPORTS;
            }
        } while (state.path("state").asText().equals("ingesting"));
        if (!state.path("state").asText().equals("sealed")) {
            throw new IllegalStateException(state.toString());
        }
        report.row(state.path("position").asText() + ", sealed", seconds(began), memory(pid));
    }

    /** Writes the sample over and over, each question under an id of its own; returns how many. */
    private long generate(Path sample, Path file) throws IOException {
        List<SquadQuestion> questions = SquadQuestions.read(sample);
        long written = 0;
        try (JsonGenerator json = ContractJson.mapper().createGenerator(Files.newBufferedWriter(file))) {
            json.writeStartObject();
            json.writeStringField("version", "1.1");
            json.writeArrayFieldStart("data");
            while (Files.size(file) < megabytes << 20) {
                json.writeStartObject();
                json.writeArrayFieldStart("paragraphs");
                for (SquadQuestion question : questions) {
                    json.writeStartObject();
                    json.writeStringField("context", question.context());
                    json.writeArrayFieldStart("qas");
                    json.writeStartObject();
                    json.writeStringField("id", question.id() + "-" + written++);
                    json.writeStringField("question", question.question());
                    json.writeFieldName("answers");
                    json.writeObject(question.answers());
                    json.writeEndObject();
                    json.writeEndArray();
                    json.writeEndObject();
                }
                json.writeEndArray();
                json.writeEndObject();
                json.flush();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        return written;
    }

    private static String seconds(long since) {
        return figure((System.nanoTime() - since) / 1e9);
    }

    private static String memory(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS"))
                .map(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024 + " MiB")
                .findFirst()
                .orElse("?");
    }
}
