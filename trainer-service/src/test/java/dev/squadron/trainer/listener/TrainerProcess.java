package dev.squadron.trainer.listener;

import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.run.RunEvent;
import dev.squadron.trainer.domain.Cancellation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** A trainer in a process of its own, so that it can be killed. */
final class TrainerProcess {
    static final String READY = "ready";
    static final String CHECKPOINT = "checkpoint ";

    private TrainerProcess() {}

    /**
     * Carries out a run and prints its checkpoint.
     *
     * @param arguments a folder, the run's event, and then names and values of the stack's settings in turn
     */
    public static void main(String[] arguments) throws Exception {
        Map<String, String> settings = new HashMap<>();
        for (int i = 2; i < arguments.length; i += 2) {
            settings.put(arguments[i], arguments[i + 1]);
        }
        RunEvent run = ContractJson.read(arguments[1].getBytes(StandardCharsets.UTF_8), RunEvent.class);
        try (TrainerFixture fixture = new TrainerFixture(settings, Path.of(arguments[0]), TrainerFixture.DEMO_MODEL)) {
            System.out.println(READY);
            String id = fixture.trainer("killed")
                    .train(run, new Cancellation(), step -> {})
                    .checkpoint()
                    .id();
            System.out.println(CHECKPOINT + id);
        }
    }
}
