package io.stria.node.cli;

import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterFile;
import io.stria.node.supervise.Attestation;
import io.stria.node.supervise.Supervisor;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The supervisor of a detached cluster; {@code up --detach} starts it. */
@Command(name = "supervise", hidden = true, description = "Run the nodes of a cluster.")
final class SuperviseCommand implements Callable<Integer> {
    @Option(names = "--dir", required = true, paramLabel = "DIR", description = "Of the cluster.")
    private Path path = Path.of("");

    @Spec private CommandSpec command = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
        ClusterDirectory directory = new ClusterDirectory(path);
        ClusterFile cluster = directory.read();
        Progress log = new Progress(command.commandLine().getOut());
        Attestation attestation = new Attestation(cluster, directory.readSecret());
        Supervisor supervisor =
                new Supervisor(
                        directory,
                        cluster,
                        attestation,
                        line -> log.say(Instant.now() + " " + line));
        Runtime.getRuntime().addShutdownHook(new Thread(supervisor::close, "stop"));
        supervisor.startAll();
        attestation.rehearse();
        new CountDownLatch(1).await();
        return ExitCode.OK;
    }
}
