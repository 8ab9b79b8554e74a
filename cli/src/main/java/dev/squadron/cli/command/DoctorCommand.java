package dev.squadron.cli.command;

import dev.squadron.cli.Console;
import dev.squadron.cli.Home;
import dev.squadron.seq2seq.Head;
import dev.squadron.text.tokenizer.Seq2SeqTokenizer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Looks whether this machine can run Squadron. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description =
                "Check Java, memory, disk, ports and native libraries, and say what to do; exit code 1 on a fault.")
public final class DoctorCommand implements Callable<Integer> {
    private static final long GIB = 1L << 30;
    private static final long MEMORY = 4 * GIB;
    private static final long DISK = 2 * GIB;

    @Mixin
    private Output output;

    /**
     * What was found.
     *
     * @param ok whether it will do
     * @param found what there is
     * @param remedy what to do where it will not do
     */
    private record Finding(String what, boolean ok, String found, String remedy) {}

    @Override
    public Integer call() {
        Home home = Home.find();
        Console console = output.console();
        List<Finding> findings = new ArrayList<>();
        int java = Runtime.version().feature();
        findings.add(new Finding(
                "java",
                java >= 17,
                System.getProperty("java.vm.name") + " " + Runtime.version(),
                "Install a JDK 17 or newer."));
        findings.add(memory());
        findings.add(disk(home));
        findings.add(new Finding(
                "processors",
                true,
                Runtime.getRuntime().availableProcessors() + " × " + System.getProperty("os.arch"),
                ""));
        findings.add(ports());
        findings.add(tokenizer(home));
        findings.add(tensorFlow());
        if (output.isJson()) {
            Map<String, Object> report = new TreeMap<>();
            findings.forEach(finding -> report.put(finding.what(), finding));
            console.json(report);
        } else {
            findings.forEach(finding -> console.say(
                    "  %-5s %-12s %s%s",
                    finding.ok() ? "ok" : "FAULT",
                    finding.what(),
                    finding.found(),
                    finding.ok() ? "" : ". " + finding.remedy()));
        }
        return findings.stream().allMatch(Finding::ok) ? 0 : 1;
    }

    private static Finding memory() {
        long bytes =
                ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean machine
                        ? machine.getTotalMemorySize()
                        : Long.MAX_VALUE;
        return new Finding("memory", bytes >= MEMORY, gib(bytes), "The stack takes about 3 GiB; give the machine 4.");
    }

    private static Finding disk(Home home) {
        try {
            Path place = Files.exists(home.state()) ? home.state() : home.root();
            long free = Files.getFileStore(place).getUsableSpace();
            return new Finding(
                    "disk",
                    free >= DISK,
                    gib(free) + " free",
                    "Free 2 GiB where " + place + " lies, or move the stack with SQUADRON_HOME.");
        } catch (IOException e) {
            return new Finding("disk", false, e.toString(), "Look whether the folder can be read.");
        }
    }

    private static Finding ports() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new Finding(
                    "ports", true, "free ones on " + socket.getInetAddress().getHostAddress(), "");
        } catch (IOException e) {
            return new Finding("ports", false, e.toString(), "Allow programs to listen on the loopback address.");
        }
    }

    private static Finding tokenizer(Home home) {
        try (Seq2SeqTokenizer tokenizer = Seq2SeqTokenizer.open(home.demoModel())) {
            return new Finding("tokenizer", tokenizer.encode("light").length() > 0, "its native library works", "");
        } catch (RuntimeException | LinkageError e) {
            return new Finding("tokenizer", false, e.toString(), "Linux x86-64 or arm64 with glibc 2.28 is needed.");
        }
    }

    private static Finding tensorFlow() {
        try (Head head = Head.of(new float[] {1, 2}, 1, 2)) {
            return new Finding("tensorflow", head.toArray()[1] == 2, "its native library works", "");
        } catch (RuntimeException | LinkageError e) {
            return new Finding("tensorflow", false, e.toString(), "Linux x86-64 with glibc 2.28 is needed.");
        }
    }

    private static String gib(long bytes) {
        return String.format(Locale.ROOT, "%.1f GiB", (double) bytes / GIB);
    }
}
