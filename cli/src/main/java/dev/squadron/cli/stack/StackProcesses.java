package dev.squadron.cli.stack;

import dev.squadron.cli.CliException;
import dev.squadron.cli.Console;
import dev.squadron.cli.Home;
import dev.squadron.cli.stack.StackState.Member;
import dev.squadron.local.LocalStack;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** Starts and stops Kafka, S3 and the four services as processes of this machine. */
public final class StackProcesses {
    /** The services, in the order in which a record meets them. */
    public static final List<String> SERVICES = List.of("ingest", "tokenizer", "trainer", "inference");

    private static final String STACK = "stack";
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Map<String, String> HEAPS = Map.of(
            STACK,
            "-Xmx400m",
            "ingest",
            "-Xmx256m",
            "tokenizer",
            "-Xmx256m",
            "trainer",
            "-Xmx768m",
            "inference",
            "-Xmx512m");

    private final Home home;
    private final Console console;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    /** Works in the folder of {@code home}. */
    public StackProcesses(Home home, Console console) {
        this.home = home;
        this.console = console;
    }

    /** Starts Kafka, S3 and the four services, and waits until all are ready. */
    public StackState up(String model) {
        return up(model, members -> {
            Path settings = settings();
            Files.deleteIfExists(settings);
            members.put(STACK, start(STACK, stackCommand(settings.getParent()), Map.of(), 0));
            new StackState(members).write(home);
            await(STACK, members, () -> Files.exists(settings));
        });
    }

    /**
     * Starts the four services alone, on a Kafka and an S3 server that are there, and waits until all are ready.
     *
     * @param stack where they are, under the names that {@link LocalStack#settings()} has
     */
    public StackState up(String model, Properties stack) {
        return up(model, members -> {
            Path settings = settings();
            Files.deleteIfExists(settings);
            Files.createFile(
                    settings, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            try (Writer writer = Files.newBufferedWriter(settings)) {
                stack.store(writer, null);
            }
        });
    }

    @FunctionalInterface
    private interface Foundation {
        /** Sees to it that the settings of Kafka and S3 are there; adds the processes that it starts. */
        void lay(Map<String, Member> members) throws IOException;
    }

    private StackState up(String model, Foundation foundation) {
        StackState known = StackState.read(home);
        if (known.isRunning()) {
            throw new CliException("A stack is running here already; look at it with `squadron status`,"
                    + " or stop it with `squadron down`.");
        }
        Map<String, Member> members = new LinkedHashMap<>();
        try {
            Files.createDirectories(settings().getParent());
            foundation.lay(members);
            Iterator<Integer> ports = freePorts(SERVICES.size()).iterator();
            for (String service : SERVICES) {
                members.put(service, start(service, ports.next(), settings(), model));
                new StackState(members).write(home);
            }
            for (String service : SERVICES) {
                int port = members.get(service).port();
                await(service, members, () -> isReady(port));
            }
            return new StackState(members);
        } catch (IOException e) {
            down();
            throw new CliException("The stack cannot be started: " + e.getMessage(), e);
        } catch (CliException e) {
            down();
            throw e;
        }
    }

    private Path settings() {
        return home.state().resolve("data").resolve("settings.properties");
    }

    /**
     * Starts a service again that has died, where it was; waits until it is ready.
     *
     * @param model as given to {@link #up}
     */
    public void restart(String service, String model) {
        Map<String, Member> members = new LinkedHashMap<>(StackState.read(home).processes());
        int port = members.get(service).port();
        try {
            members.put(service, start(service, port, settings(), model));
            new StackState(members).write(home);
            await(service, members, () -> isReady(port));
        } catch (IOException e) {
            throw new CliException("The service " + service + " cannot be started: " + e.getMessage(), e);
        }
    }

    /** Stops all: first those who ask, then those who answer. */
    public void down() {
        Map<String, Member> members = StackState.read(home).processes();
        List<Member> services = members.entrySet().stream()
                .filter(member -> !member.getKey().equals(STACK))
                .map(Map.Entry::getValue)
                .toList();
        services.forEach(StackProcesses::end);
        services.forEach(StackProcesses::awaitEnd);
        members.values().forEach(StackProcesses::end);
        members.values().forEach(StackProcesses::awaitEnd);
        StackState.delete(home);
    }

    /** Returns whether a service says that it is ready. */
    public boolean isReady(int port) {
        try {
            return http.send(
                                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/q/health/ready"))
                                            .timeout(Duration.ofSeconds(5))
                                            .build(),
                                    HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static void end(Member member) {
        member.handle().ifPresent(ProcessHandle::destroy);
    }

    private static void awaitEnd(Member member) {
        member.handle().ifPresent(process -> {
            try {
                process.onExit().get(15, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (ExecutionException | TimeoutException e) {
                process.destroyForcibly();
            }
        });
    }

    private Member start(String service, int port, Path settings, String model) throws IOException {
        Map<String, String> environment = environment(settings, model);
        environment.put("QUARKUS_HTTP_PORT", Integer.toString(port));
        environment.put("QUARKUS_HTTP_HOST", "127.0.0.1");
        environment.putAll(ownSettings(service));
        return start(service, serviceCommand(service), environment, port);
    }

    private Map<String, String> ownSettings(String service) {
        String cache = home.state().resolve("cache").resolve(service).toString();
        return switch (service) {
            case "ingest" -> Map.of("SQUADRON_INGEST_ALLOW_PRIVATE_ADDRESSES", "true");
            case "tokenizer" -> Map.of("SQUADRON_TOKENIZER_INSTANCE", "local");
            case "trainer" -> Map.of("SQUADRON_TRAINER_CACHE_DIRECTORY", cache);
            default -> Map.of("SQUADRON_INFERENCE_CACHE_DIRECTORY", cache);
        };
    }

    private Map<String, String> environment(Path settings, String model) throws IOException {
        Properties stack = new Properties();
        try (Reader reader = Files.newBufferedReader(settings)) {
            stack.load(reader);
        }
        Map<String, String> environment = new HashMap<>();
        stack.forEach((name, value) -> environment.put(
                name.toString().replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT), value.toString()));
        environment.put("SQUADRON_MODEL_NAME", model);
        environment.put("TF_CPP_MIN_LOG_LEVEL", "2");
        return environment;
    }

    private List<String> stackCommand(Path data) {
        List<String> command = java(STACK);
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), LocalStack.class.getName(), data.toString()));
        return command;
    }

    private List<String> serviceCommand(String service) {
        List<String> command = java(service);
        command.addAll(List.of("-jar", home.service(service).toString()));
        return command;
    }

    private static List<String> java(String name) {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                HEAPS.get(name),
                "-XX:+UseSerialGC",
                "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"));
        if (Runtime.version().feature() >= 22) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        return command;
    }

    private Member start(String name, List<String> command, Map<String, String> environment, int port)
            throws IOException {
        Path log = home.log(name);
        Files.createDirectories(log.getParent());
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(home.root().toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        long started = process.info().startInstant().map(Instant::toEpochMilli).orElse(System.currentTimeMillis());
        return new Member(process.pid(), started, port);
    }

    private void await(String name, Map<String, Member> members, BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        long began = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (members.get(name).handle().isEmpty()) {
                throw new CliException(name + " ended while it started; its log says why: " + home.log(name));
            }
            if (System.nanoTime() > end) {
                throw new CliException(name + " is not ready after " + PATIENCE.toSeconds()
                        + " s; its log may say why: " + home.log(name));
            }
            console.bar("starting", (System.nanoTime() - began) / 3e10, name);
            try {
                Thread.sleep(200);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CliException("Interrupted while the stack started");
            }
        }
    }

    /** Returns ports that are free, no two the same: all are held until the last one is found. */
    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> held = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                held.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return held.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket each : held) {
                each.close();
            }
        }
    }
}
