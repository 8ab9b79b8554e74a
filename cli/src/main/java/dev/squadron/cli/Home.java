package dev.squadron.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where things are.
 *
 * @param root the clone
 * @param state the folder of the running stack: data, logs, settings
 */
public record Home(Path root, Path state) {

    /** Returns the clone that this program belongs to; {@code SQUADRON_HOME} moves the folder of the stack. */
    public static Home find() {
        String root = System.getProperty("squadron.home");
        if (root == null) {
            throw new CliException("The folder of Squadron is unknown; start this program by the script `squadron`.");
        }
        String state = System.getenv("SQUADRON_HOME");
        return new Home(Path.of(root), state == null ? Path.of(root, ".squadron") : Path.of(state));
    }

    /** Returns a file of the samples. */
    public Path sample(String name) {
        return root.resolve("samples").resolve(name);
    }

    /** Returns the demo model's directory. */
    public Path demoModel() {
        return root.resolve("models").resolve("squadlet");
    }

    /** Returns the log of a service. */
    public Path log(String service) {
        return state.resolve("logs").resolve(service + ".log");
    }

    /** Returns the class path entry of a service. */
    public Path service(String name) {
        Path jar = root.resolve(name + "-service").resolve("target/quarkus-app/quarkus-run.jar");
        if (!Files.exists(jar)) {
            throw new CliException(jar + " is not there; build it: mvn -Dquick package");
        }
        return jar;
    }
}
