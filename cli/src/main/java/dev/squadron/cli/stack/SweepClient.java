package dev.squadron.cli.stack;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.squadron.cli.CliException;
import dev.squadron.cli.Console;
import dev.squadron.cli.Home;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.run.SweepPlan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Asks the trainer of a running stack for a sweep, and tells how far it is. */
public final class SweepClient {
    private static final long POLL_MILLIS = 250;

    private final String address;
    private final Console console;
    private final ServiceClient client = new ServiceClient();

    /** Works with the running stack of {@code home}. */
    public SweepClient(Home home, Console console) {
        this.address = StackState.read(home).address("trainer") + "/v1/sweeps";
        this.console = console;
    }

    /**
     * Carries a sweep to its end.
     *
     * @param sweep its name; null: one is made
     * @param model null: the one that the stack was started with
     * @return the sweep as the trainer shows it
     */
    public JsonNode sweep(String sweep, String dataset, String model, SweepPlan plan) {
        ObjectNode request = ContractJson.mapper().createObjectNode().put("dataset", dataset);
        if (sweep != null) {
            request.put("sweep", sweep);
        }
        if (model != null) {
            request.put("model", model);
        }
        request.set("plan", ContractJson.mapper().valueToTree(plan));
        JsonNode state = client.post(address, request);
        String name = state.path("sweep").asText();
        console.say(
                "  sweep           %s: %s search over %s",
                name, plan.search().label(), String.join(", ", plan.space().keySet()));
        Set<Integer> told = new HashSet<>();
        while (!List.of("succeeded", "failed", "cancelled")
                .contains(state.path("state").asText())) {
            pause();
            state = client.get(address + "/" + name);
            tellEnded(state, plan, told);
            console.bar(state.path("stage").asText(), state.path("progress").asDouble(), detail(state, plan));
        }
        tellEnded(state, plan, told);
        if (!state.path("state").asText().equals("succeeded")) {
            throw new CliException(
                    "The sweep " + name + " has " + state.path("state").asText() + ": "
                            + state.path("message").asText("its log says why"));
        }
        return state;
    }

    /** Tells the trials of a sweep that has ended, the best first. */
    public void tellRanking(JsonNode sweep) {
        String metric = sweep.at("/plan/metric").asText();
        List<JsonNode> ranked = new ArrayList<>();
        sweep.path("trials").forEach(ranked::add);
        ranked.sort(Comparator.comparingInt(trial -> trial.path("rank").asInt(Integer.MAX_VALUE)));
        console.say("  rank  trial  %-15s  epochs  state", metric);
        for (JsonNode trial : ranked) {
            console.say(
                    "  %4s  %5d  %-15s  %6s  %-9s  %s",
                    trial.path("rank").asText("–"),
                    trial.path("number").asInt(),
                    value(trial, metric),
                    trial.path("epochs").asText("–"),
                    trial.path("state").asText(),
                    trial.has("message") ? trial.get("message").asText() : values(trial));
        }
    }

    /** Returns where the report of a sweep is shown. */
    public String report(JsonNode sweep) {
        return address + "/" + sweep.path("sweep").asText() + "/report";
    }

    private void tellEnded(JsonNode sweep, SweepPlan plan, Set<Integer> told) {
        for (JsonNode trial : sweep.path("trials")) {
            boolean over =
                    !List.of("waiting", "running").contains(trial.path("state").asText());
            if (over && told.add(trial.path("number").asInt())) {
                console.say(
                        "  trial %-3d       %-9s %s %s   %s",
                        trial.path("number").asInt(),
                        trial.path("state").asText(),
                        plan.metric().label(),
                        value(trial, plan.metric().label()),
                        values(trial));
            }
        }
    }

    private static String detail(JsonNode sweep, SweepPlan plan) {
        int over = 0;
        int running = 0;
        String best = "";
        for (JsonNode trial : sweep.path("trials")) {
            String state = trial.path("state").asText();
            over += List.of("waiting", "running").contains(state) ? 0 : 1;
            running += state.equals("running") ? 1 : 0;
            if (trial.path("rank").asInt() == 1) {
                best = "best " + value(trial, plan.metric().label());
            }
        }
        return String.format(
                Locale.ROOT,
                "%d of %d trials, %d at work  %s",
                over,
                sweep.path("trials").size(),
                running,
                best);
    }

    private static String value(JsonNode trial, String metric) {
        JsonNode value = trial.path("metrics").path(metric);
        return value.isMissingNode() ? "–" : String.format(Locale.ROOT, "%.4f", value.asDouble());
    }

    private static String values(JsonNode trial) {
        return trial.path("values").properties().stream()
                .map(value -> value.getKey() + "=" + shown(value.getValue()))
                .collect(Collectors.joining("  "));
    }

    private static String shown(JsonNode value) {
        return value.isDouble() ? String.format(Locale.ROOT, "%.4g", value.asDouble()) : value.asText(value.toString());
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException("Interrupted", e);
        }
    }
}
