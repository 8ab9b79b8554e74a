package dev.squadron.cli.stack;

import dev.squadron.cli.CliException;
import dev.squadron.cli.Home;
import dev.squadron.contracts.ContractJson;
import dev.squadron.contracts.InvalidMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The processes of a running stack, as the folder of the stack remembers them.
 *
 * @param processes by name, in the order of their start
 */
public record StackState(Map<String, Member> processes) {

    /**
     * A process.
     *
     * @param pid its number
     * @param started when it was started, in milliseconds since 1970; tells it from another of the same number
     * @param port where it answers HTTP; 0 where it does not
     */
    public record Member(long pid, long started, int port) {
        /** Returns where it answers HTTP. */
        public String address() {
            return "http://127.0.0.1:" + port;
        }

        /** Returns the process if it is alive. */
        public Optional<ProcessHandle> handle() {
            return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).filter(process -> process.info()
                    .startInstant()
                    .map(start -> Math.abs(start.toEpochMilli() - started) < 5_000)
                    .orElse(true));
        }
    }

    /** Returns the state in the folder of the stack; empty where there is none. */
    public static StackState read(Home home) {
        Path file = file(home);
        try {
            return Files.exists(file)
                    ? ContractJson.read(Files.readAllBytes(file), StackState.class)
                            .inOrder()
                    : new StackState(new LinkedHashMap<>());
        } catch (IOException | InvalidMessage e) {
            throw new CliException(
                    file + " cannot be read: " + e.getMessage() + " Delete it, and end its processes.", e);
        }
    }

    private StackState inOrder() {
        Map<String, Member> ordered = new LinkedHashMap<>();
        processes.entrySet().stream()
                .sorted(Comparator.comparingLong(entry -> entry.getValue().started()))
                .forEach(entry -> ordered.put(entry.getKey(), entry.getValue()));
        return new StackState(ordered);
    }

    /** Writes the state. */
    public void write(Home home) {
        try {
            Files.createDirectories(home.state());
            Files.write(file(home), ContractJson.write(this));
        } catch (IOException e) {
            throw new CliException(file(home) + " cannot be written: " + e.getMessage(), e);
        }
    }

    /** Forgets the state. */
    public static void delete(Home home) {
        try {
            Files.deleteIfExists(file(home));
        } catch (IOException e) {
            throw new CliException(file(home) + " cannot be deleted: " + e.getMessage(), e);
        }
    }

    /** Returns whether any of the processes is alive. */
    public boolean isRunning() {
        return processes.values().stream().anyMatch(member -> member.handle().isPresent());
    }

    /**
     * Returns where a service answers.
     *
     * @throws CliException when it does not run
     */
    public String address(String service) {
        Member member = processes.get(service);
        if (member == null || member.handle().isEmpty()) {
            throw new CliException("No stack is running here; start it with `squadron up`.");
        }
        return member.address();
    }

    private static Path file(Home home) {
        return home.state().resolve("stack.json");
    }
}
