package io.stria.node.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.supervise.Down;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code stria down}. */
@Command(
        name = "down",
        description = "Stop the cluster on this machine; its data stays, and `up` serves it again.",
        mixinStandardHelpOptions = true)
final class DownCommand implements Callable<Integer> {
    @Mixin private Output output = new Output();

    @Spec private CommandSpec command = CommandSpec.create();

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "Of the cluster; default: .stria in the current directory.")
    private @Nullable Path directory;

    @Override
    public Integer call() throws InterruptedException {
        ClusterDirectory cluster = Target.directoryHere(directory);
        Progress progress = new Progress(command.commandLine().getErr());
        int stopped = Down.stop(cluster, progress::say);
        output.print(
                JsonNodeFactory.instance
                        .objectNode()
                        .put("dir", cluster.path().toString())
                        .put("stopped", stopped),
                () ->
                        stopped == 0
                                ? "nothing runs the cluster in %s%n".formatted(cluster.path())
                                : "the cluster in %s has stopped%n".formatted(cluster.path()));
        return ExitCode.OK;
    }
}
