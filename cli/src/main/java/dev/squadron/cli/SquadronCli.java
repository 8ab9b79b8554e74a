package dev.squadron.cli;

import dev.squadron.cli.command.AskCommand;
import dev.squadron.cli.command.AugmentCommand;
import dev.squadron.cli.command.CorrectCommand;
import dev.squadron.cli.command.DemoCommand;
import dev.squadron.cli.command.DoctorCommand;
import dev.squadron.cli.command.DownCommand;
import dev.squadron.cli.command.EvaluateCommand;
import dev.squadron.cli.command.ExportCommand;
import dev.squadron.cli.command.ImportCommand;
import dev.squadron.cli.command.IngestCommand;
import dev.squadron.cli.command.LogsCommand;
import dev.squadron.cli.command.PredictCommand;
import dev.squadron.cli.command.RecipeCommand;
import dev.squadron.cli.command.StatusCommand;
import dev.squadron.cli.command.SweepCommand;
import dev.squadron.cli.command.TrainCommand;
import dev.squadron.cli.command.UpCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line: {@code squadron help} lists what it can do. */
@Command(
        name = "squadron",
        version = "squadron 0.1.0",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Event-driven transfer learning for Flan-T5.",
        subcommands = {
            DemoCommand.class,
            UpCommand.class,
            DownCommand.class,
            StatusCommand.class,
            LogsCommand.class,
            DoctorCommand.class,
            AugmentCommand.class,
            IngestCommand.class,
            TrainCommand.class,
            SweepCommand.class,
            RecipeCommand.class,
            AskCommand.class,
            CorrectCommand.class,
            PredictCommand.class,
            EvaluateCommand.class,
            ExportCommand.class,
            ImportCommand.class,
            CommandLine.HelpCommand.class
        },
        footer = {
            "",
            "Examples:",
            "  squadron demo                                   the main job, from records to answers",
            "  squadron up && squadron ingest squad.json && squadron train --dataset squad",
            "  squadron recipe fast > mine.yaml                a recipe to change, for train --recipe mine.yaml",
            "  squadron ask --question 'Who keeps the light?' --context 'Ada keeps the light.'",
            "  squadron predict --model models/squadlet --dataset dev.json --out predictions.json",
            "  squadron evaluate --dataset dev.json --predictions predictions.json",
            "",
            "Exit codes: 0 done, 1 failed, 2 wrong use."
        })
public final class SquadronCli implements Runnable {
    private CommandLine.Model.CommandSpec spec;

    /** Is given its description by picocli. */
    @CommandLine.Spec
    void setSpec(CommandLine.Model.CommandSpec description) {
        spec = description;
    }

    @Override
    public void run() {
        spec.commandLine().usage(System.out);
    }

    /** Returns the command line, ready to run. */
    public static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new SquadronCli()).setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setExecutionExceptionHandler((fault, command, parsed) -> {
            command.getErr().println("squadron: " + message(fault));
            if (System.getenv("SQUADRON_DEBUG") != null) {
                fault.printStackTrace(command.getErr());
            }
            return CommandLine.ExitCode.SOFTWARE;
        });
        return commandLine;
    }

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        System.exit(commandLine().execute(arguments));
    }

    private static String message(Throwable fault) {
        boolean told = fault.getClass().getName().startsWith("dev.squadron.");
        return told
                ? fault.getMessage()
                : "An unexpected fault: " + fault + " (SQUADRON_DEBUG=1 shows where it comes from.)";
    }
}
