package io.stria.node.cli;

import io.stria.clustermap.Tolerance;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line's main class. */
@Command(
        name = "stria",
        description = "Block storage over NVMe/TCP that survives the loss of any two nodes.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            UpCommand.class,
            DownCommand.class,
            StatusCommand.class,
            VolumeCommand.class,
            NodeCommands.class,
            DeviceCommand.class,
            MapCommand.class,
            SettingsCommand.class,
            DoctorCommand.class,
            VersionCommand.class,
            SuperviseCommand.class,
            TrainCommand.class
        },
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:done; for status: healthy",
            "1:failed, or not healthy",
            "2:the command line is wrong",
            "3:the cluster cannot be reached"
        },
        footer = {
            "",
            "Commands are about the cluster in ./.stria, or the one that --dir, --api URL or",
            "STRIA_API names; what changes nothing is also told of the one that `up` started",
            "last on this machine. `-o json` prints for programs. Options stand behind the",
            "command: `stria status --api http://10.0.0.1:4422`.",
            "`./stria simulate --help`: whole clusters in one thread under one seed."
        })
public final class Stria implements Runnable {
    @Spec private CommandSpec command = CommandSpec.create();

    private Stria() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Stria())
                .registerConverter(Tolerance.class, new WordOption<>(Tolerance.class))
                .registerConverter(Output.Format.class, new WordOption<>(Output.Format.class))
                .setParameterExceptionHandler(new UsageErrors())
                .setExecutionExceptionHandler(new Failures());
    }

    @Override
    public void run() {
        throw new ParameterException(
                command.commandLine(),
                "name a command: "
                        + command.subcommands().values().stream()
                                .map(CommandLine::getCommandSpec)
                                .filter(below -> !below.usageMessage().hidden())
                                .map(CommandSpec::name)
                                .collect(Collectors.joining(", ")));
    }
}
