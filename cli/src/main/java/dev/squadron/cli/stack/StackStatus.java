package dev.squadron.cli.stack;

import com.fasterxml.jackson.databind.JsonNode;
import dev.squadron.cli.Home;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/**
 * How a stack is, and what it does; what a service would tell is empty unless that service is ready.
 *
 * @param processes by name, in the order of their start
 * @param model what answers, as {@code GET /v1/model} tells it; null unless inference-service is ready
 * @param datasets as {@code GET /v1/datasets} tells them
 * @param runs the last ones as {@code GET /v1/runs} tells them, the oldest first
 */
public record StackStatus(
        Map<String, ProcessStatus> processes, JsonNode model, List<JsonNode> datasets, List<JsonNode> runs) {
    private static final int RUNS = 5;

    /**
     * How a process is.
     *
     * @param state {@code running} where it answers no HTTP, {@code ready}, {@code unready} or {@code dead}
     * @param pid its number
     * @param address where it answers HTTP; null where it does not
     */
    public record ProcessStatus(String state, long pid, String address) {
        boolean isWell() {
            return state.equals("ready") || state.equals("running");
        }
    }

    /** Looks at the stack of {@code home}. */
    public static StackStatus of(Home home, StackProcesses processes) {
        Map<String, ProcessStatus> states = new LinkedHashMap<>();
        StackState.read(home).processes().forEach((name, member) -> states.put(name, status(member, processes)));
        ServiceClient client = new ServiceClient();
        List<JsonNode> runs = list(states.get("trainer"), "/v1/runs", client);
        return new StackStatus(
                states,
                isReady(states.get("inference"))
                        ? client.get(states.get("inference").address() + "/v1/model")
                        : null,
                list(states.get("ingest"), "/v1/datasets", client),
                runs.subList(Math.max(0, runs.size() - RUNS), runs.size()));
    }

    /** Returns whether there is a stack and all of it is well. */
    public boolean isWell() {
        return !processes.isEmpty() && processes.values().stream().allMatch(ProcessStatus::isWell);
    }

    private static ProcessStatus status(StackState.Member member, StackProcesses processes) {
        String address = member.port() == 0 ? null : member.address();
        if (member.handle().isEmpty()) {
            return new ProcessStatus("dead", member.pid(), address);
        }
        String state = address == null ? "running" : processes.isReady(member.port()) ? "ready" : "unready";
        return new ProcessStatus(state, member.pid(), address);
    }

    private static List<JsonNode> list(ProcessStatus service, String path, ServiceClient client) {
        return isReady(service)
                ? StreamSupport.stream(client.get(service.address() + path).spliterator(), false)
                        .toList()
                : List.of();
    }

    private static boolean isReady(ProcessStatus service) {
        return service != null && service.state().equals("ready");
    }
}
