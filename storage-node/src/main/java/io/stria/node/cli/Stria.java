package io.stria.node.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line's main class. */
@Command(
        name = "stria",
        description = "Block storage over NVMe/TCP that survives the loss of any two nodes.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {VersionCommand.class, TrainCommand.class})
public final class Stria {
    private Stria() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new Stria()).execute(args));
    }
}
