package io.stria.node.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** One sentence for a command line that is wrong, and where to read what is right. */
final class UsageErrors implements IParameterExceptionHandler {
    @Override
    public int handleParseException(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("stria: " + failure.getMessage() + place(failure, command));
        err.println(
                "       `%s --help` says more".formatted(command.getCommandSpec().qualifiedName()));
        err.flush();
        return ExitCode.USAGE;
    }

    /** Where an option belongs that a command with others below it does not know. */
    private static String place(ParameterException failure, CommandLine command) {
        boolean isOption =
                failure instanceof UnmatchedArgumentException unmatched
                        && unmatched.isUnknownOption();
        return isOption && !command.getSubcommands().isEmpty()
                ? " (options stand behind the command: `stria status --api URL`)"
                : "";
    }
}
