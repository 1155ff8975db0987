package io.stria.node.cli;

import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterException;
import io.stria.node.cluster.ClusterFile;
import io.stria.node.cluster.ClusterFileLock;
import io.stria.node.cluster.ClusterMaker;
import io.stria.node.cluster.ClusterPlan;
import io.stria.node.cluster.DeviceKind;
import io.stria.node.cluster.IoReason;
import io.stria.node.cluster.Ports;
import io.stria.node.cluster.SpdkDevice;
import io.stria.node.supervise.Attestation;
import io.stria.node.supervise.ConsoleLog;
import io.stria.node.supervise.Detached;
import io.stria.node.supervise.Down;
import io.stria.node.supervise.NodeStatus;
import io.stria.node.supervise.Orphans;
import io.stria.node.supervise.Supervisor;
import io.stria.node.supervise.SupervisorClient;
import io.stria.node.supervise.SupervisorFile;
import io.stria.runtime.Sizes;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code stria up}. */
@Command(
        name = "up",
        description =
                "Start a cluster on this machine, made on first use: one process a node, with sparse"
                        + " files for devices. Ctrl-C or `stria down` stops it; `up` again on the"
                        + " same directory serves the same data.",
        mixinStandardHelpOptions = true)
final class UpCommand implements Callable<Integer> {
    /** It needs a second. */
    private static final long SUPERVISOR_NS = TimeUnit.SECONDS.toNanos(60);

    @Mixin private UpOptions options = new UpOptions();
    @Mixin private Output output = new Output();

    @Option(
            names = "--detach",
            description = "Return when the cluster is ready; it goes on until `stria down`.")
    private boolean detach;

    @Spec private CommandSpec command = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        ClusterDirectory directory = new ClusterDirectory(options.directory());
        try {
            return run(directory);
        } catch (ClusterException | ApiException e) {
            printFailure(directory, String.valueOf(e.getMessage()));
            throw e;
        } catch (IOException e) {
            printFailure(directory, IoReason.of(e));
            throw e;
        }
    }

    /** For programs; people read it elsewhere. */
    private void printFailure(ClusterDirectory directory, String why) {
        output.print(UpResult.failed(directory, why), () -> "");
    }

    private int run(ClusterDirectory directory) throws IOException, InterruptedException {
        Progress progress = new Progress(messages());
        ClusterFile cluster = prepare(directory, progress);
        remember(directory, progress);
        return detach
                ? runDetached(directory, cluster, progress)
                : runHere(directory, cluster, progress);
    }

    private static void remember(ClusterDirectory directory, Progress progress) {
        try {
            LastCluster.remember(directory.path());
        } catch (IOException e) {
            progress.say("note: other commands need --dir: " + IoReason.of(e));
        }
    }

    private ClusterFile prepare(ClusterDirectory directory, Progress progress) {
        if (directory.exists()) {
            ClusterFile cluster = directory.read();
            SupervisorFile.refuseAnother(directory);
            Orphans.refuse(directory, cluster);
            options.checkAgainst(cluster);
            if (!options.ignored().isEmpty()) {
                progress.say(options.ignored());
            }
            if (directory.hasLostItsMemory(cluster)) {
                throw new ClusterException(
                        "the devices of the cluster in %s were in memory (--device-kind ram) and went, with all data, when it stopped: rm -r %s and make a new one"
                                .formatted(directory.path(), directory.path()));
            }
            Ports.check(cluster);
            return cluster;
        }
        ClusterPlan plan = options.plan();
        plan.checkScheme();
        ClusterMaker maker = new ClusterMaker(directory);
        maker.check(plan);
        Ports.checkChoice(plan.draw());
        progress.say(
                "making a cluster of %d nodes with %d devices of %s each in %s"
                        .formatted(
                                plan.nodes(),
                                plan.devicesPerNode(),
                                Sizes.format(plan.deviceBytes()),
                                directory.path()));
        ClusterFile made = maker.make(plan);
        sayWhatIsPromised(directory, plan, progress);
        return made;
    }

    private static void sayWhatIsPromised(
            ClusterDirectory directory, ClusterPlan plan, Progress progress) {
        boolean inMemory = plan.kind() == DeviceKind.RAM;
        long free =
                inMemory
                        ? MachineMemory.availableBytes()
                        : directory.path().toFile().getUsableSpace();
        if (!plan.kind().isNamed() && free < plan.promisedBytes()) {
            progress.say(
                    "note: the devices are %s and may grow to %s, and %s are free"
                            .formatted(
                                    inMemory ? "in memory" : "sparse",
                                    Sizes.format(plan.promisedBytes()),
                                    Sizes.format(free)));
        }
    }

    /** This process is the supervisor, until it is told to end. */
    private int runHere(ClusterDirectory directory, ClusterFile cluster, Progress progress)
            throws InterruptedException, IOException {
        Attestation attestation = new Attestation(cluster, directory.readSecret());
        Supervisor supervisor;
        try (ClusterFileLock _ = ClusterFileLock.take(directory)) {
            supervisor = new Supervisor(directory, cluster, attestation, progress::say);
        }
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> {
                                    progress.say("stopping");
                                    supervisor.close();
                                    progress.say("the cluster has stopped");
                                },
                                "stop"));
        boolean isNew = isNew(directory);
        supervisor.startAll();
        attestation.rehearse();
        try {
            ready(directory, cluster, supervisor::list, progress);
        } catch (ClusterException | ApiException e) {
            if (isNew || nothingRuns(supervisor.list())) {
                throw e;
            }
            progress.say(runsOn(e));
            printFailure(directory, runsOn(e));
        }
        warn(directory, cluster, progress);
        progress.say("Ctrl-C stops the cluster");
        stopped.await();
        return ExitCode.OK;
    }

    private int runDetached(ClusterDirectory directory, ClusterFile cluster, Progress progress)
            throws InterruptedException, IOException {
        boolean isNew = isNew(directory);
        startSupervisor(directory);
        SupervisorClient supervisor = SupervisorClient.of(directory);
        try {
            ready(directory, cluster, supervisor::list, progress);
        } catch (ClusterException | ApiException e) {
            if (isNew || nothingRuns(supervisor)) {
                throw stopped(directory, e, progress);
            }
            warn(directory, cluster, progress);
            throw new ClusterException(runsOn(e), e);
        }
        warn(directory, cluster, progress);
        return ExitCode.OK;
    }

    /**
     * Whether nobody has data on it yet: it is stopped when it does not come up whole. Of any other
     * those volumes are needed that can be served, whatever has become of the rest.
     */
    private static boolean isNew(ClusterDirectory directory) {
        return Files.exists(directory.firstVolumeFile());
    }

    private static boolean nothingRuns(List<NodeStatus> nodes) {
        return nodes.stream().noneMatch(NodeStatus::running);
    }

    /** What does not answer may run. */
    private static boolean nothingRuns(SupervisorClient supervisor) {
        try {
            return nothingRuns(supervisor.list());
        } catch (ClusterException e) {
            return false;
        }
    }

    /** Why it was stopped is what people need, whatever becomes of that. */
    private static RuntimeException stopped(
            ClusterDirectory directory, RuntimeException why, Progress progress)
            throws InterruptedException {
        try {
            Down.stop(directory, progress::say);
            return why;
        } catch (ClusterException e) {
            return new ClusterException(why.getMessage() + "; and " + e.getMessage(), why);
        }
    }

    private static String runsOn(Exception failure) {
        return failure.getMessage() + "; what has started runs on, and `stria down` stops it";
    }

    /** Returns when it has the cluster, and is to be found by `down`. */
    private static void startSupervisor(ClusterDirectory directory)
            throws InterruptedException, IOException {
        try (ClusterFileLock _ = ClusterFileLock.take(directory)) {
            SupervisorFile.refuseAnother(directory); // it was our turn only now
            Process supervisor =
                    Detached.start(
                            directory,
                            Stria.class.getName(),
                            "supervise",
                            "--dir",
                            directory.path().toString());
            long startNs = System.nanoTime();
            while (!has(directory, supervisor)) {
                if (!supervisor.isAlive()) {
                    throw new ClusterException(
                            ConsoleLog.lastStart(Detached.log(directory))
                                    .strip()
                                    .replaceFirst("^stria: ", ""));
                }
                if (System.nanoTime() - startNs > SUPERVISOR_NS) {
                    supervisor.destroy(); // so that none comes up that nobody waits for
                    throw new ClusterException(
                            "the supervisor has not come up in time: see "
                                    + Detached.log(directory));
                }
                Thread.sleep(Readiness.LOOK_MS);
            }
        }
    }

    private static boolean has(ClusterDirectory directory, Process supervisor) {
        return SupervisorFile.read(directory)
                .filter(file -> file.process().pid() == supervisor.pid())
                .isPresent();
    }

    private static void warn(ClusterDirectory directory, ClusterFile cluster, Progress progress) {
        if (cluster.isVolatile()) {
            progress.say(
                    "WARNING: devices are in memory. A node that stops LOSES its devices (`stria node"
                            + " rejoin` fills new ones); when the cluster stops, ALL DATA IS LOST");
        }
        int unfenced = SpdkDevice.unfenced(directory, cluster).size();
        if (unfenced > 0) {
            progress.say(
                    "WARNING: %d devices have 'fence:none' in their addresses: nodes that are killed and start again at once can LOSE acknowledged data on them"
                            .formatted(unfenced));
        }
    }

    private void ready(
            ClusterDirectory directory,
            ClusterFile cluster,
            Supplier<List<NodeStatus>> nodes,
            Progress progress)
            throws InterruptedException, IOException {
        Readiness readiness = new Readiness(directory, cluster, nodes, progress);
        readiness.await();
        new FirstVolume(directory, progress).make(Target.of(directory));
        readiness.await();
        UpResult result = UpResult.of(directory, cluster, Target.of(directory));
        output.print(result.json(), result::forPeople);
    }

    /** Beside the result, which a program may read. */
    private java.io.PrintWriter messages() {
        return output.isJson() ? command.commandLine().getErr() : command.commandLine().getOut();
    }
}
