package dev.squadron.benchmarks.peers;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.contracts.ContractJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What a training script of {@code benchmarks/peers} tells.
 *
 * @param versions by name
 * @param trainSeconds of a training step
 * @param validationSeconds of a validation step
 * @param runSeconds all epochs with their validation; of a complete run only
 * @param validationLossBefore mean a label token; of a complete run only
 * @param validationLossAfter likewise
 */
record PeerTraining(
        Map<String, String> versions,
        double trainSeconds,
        double validationSeconds,
        OptionalDouble runSeconds,
        OptionalDouble validationLossBefore,
        OptionalDouble validationLossAfter) {

    /** Runs a script to its end. */
    static PeerTraining run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " failed; the reason stands above.");
        }
        JsonNode told = ContractJson.mapper().readTree(printed);
        return new PeerTraining(
                ContractJson.mapper().convertValue(told.get("versions"), new TypeReference<Map<String, String>>() {}),
                told.get("train_seconds").asDouble(),
                told.get("validation_seconds").asDouble(),
                number(told.get("run_seconds")),
                number(told.get("validation_loss_before")),
                number(told.get("validation_loss_after")));
    }

    /** Returns the seconds of a run: measured where it was complete, else steps times their mean. */
    double seconds(int examples, int validationExamples, int epochs, int batch) {
        int steps = (examples + batch - 1) / batch;
        int validationSteps = (validationExamples + batch - 1) / batch;
        return runSeconds.orElse(epochs * (steps * trainSeconds + validationSteps * validationSeconds));
    }

    private static OptionalDouble number(JsonNode value) {
        return value.isNull() ? OptionalDouble.empty() : OptionalDouble.of(value.asDouble());
    }
}
