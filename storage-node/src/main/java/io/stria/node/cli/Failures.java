package io.stria.node.cli;

import io.stria.node.cluster.ClusterException;
import io.stria.node.cluster.IoReason;
import io.stria.node.supervise.NoSupervisorException;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** One sentence for what a person can do something about, a stack trace for what is a bug. */
final class Failures implements IExecutionExceptionHandler {
    @Override
    public int handleExecutionException(
            Exception failure, CommandLine command, ParseResult parsed) {
        PrintWriter err = command.getErr();
        int code =
                switch (failure) {
                    case ApiException api -> {
                        err.println("stria: " + api.getMessage());
                        yield api.exitCode();
                    }
                    case NoSupervisorException nobody -> {
                        err.println("stria: " + nobody.getMessage());
                        yield ExitCode.UNREACHABLE;
                    }
                    case ClusterException cluster -> {
                        err.println("stria: " + cluster.getMessage());
                        yield ExitCode.FAILED;
                    }
                    case IOException io -> {
                        err.println("stria: " + IoReason.of(io));
                        yield ExitCode.FAILED;
                    }
                    default -> {
                        failure.printStackTrace(err);
                        yield ExitCode.FAILED;
                    }
                };
        err.flush();
        return code;
    }
}
