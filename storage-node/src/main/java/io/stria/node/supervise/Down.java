package io.stria.node.supervise;

import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterException;
import io.stria.node.cluster.ClusterFile;
import io.stria.node.cluster.ClusterFileLock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Stops whatever runs a cluster on this machine, and nothing else. */
public final class Down {
    private static final long TERM_NS = TimeUnit.SECONDS.toNanos(20);
    private static final long KILL_NS = TimeUnit.SECONDS.toNanos(10);
    private static final long LOOK_MS = 20;

    /** A start takes a second; what takes longer is told. */
    private static final long SILENT_NS = TimeUnit.SECONDS.toNanos(3);

    private static final long START_NS = TimeUnit.SECONDS.toNanos(30);

    private Down() {}

    /**
     * @param say what people should know, a sentence each
     * @return how many processes were stopped, the supervisor included
     * @throws ClusterException if one would not end
     */
    public static int stop(ClusterDirectory directory, Consumer<String> say)
            throws InterruptedException {
        return stop(directory, say, SILENT_NS, START_NS);
    }

    /**
     * @param silentNs so long it waits without a word for what is being started
     * @param startNs and so long after that
     */
    static int stop(ClusterDirectory directory, Consumer<String> say, long silentNs, long startNs)
            throws InterruptedException {
        directory.read(); // otherwise there is nothing to wait for
        awaitStart(directory, say, silentNs, startNs);
        ClusterFile cluster = directory.read(); // with what was added meanwhile
        Optional<SupervisorFile> supervisor = SupervisorFile.read(directory);
        List<ProcessId> nodes = Orphans.find(directory, cluster);
        List<ProcessId> all = new ArrayList<>(nodes);
        supervisor.ifPresent(file -> all.addFirst(file.process()));
        // The supervisor stops its nodes; it is not raced.
        List<ProcessId> first = supervisor.map(file -> List.of(file.process())).orElse(nodes);
        first.forEach(process -> process.end(false));
        if (!await(all, TERM_NS)) {
            all.forEach(process -> process.end(true));
            if (!await(all, KILL_NS)) {
                throw new ClusterException(
                        "processes of %s do not end even when killed: %s"
                                .formatted(
                                        directory.path(),
                                        all.stream().filter(ProcessId::isAlive).toList()));
            }
        }
        return all.size();
    }

    /** What is being started cannot be found yet, and would come up behind our back. */
    private static void awaitStart(
            ClusterDirectory directory, Consumer<String> say, long silentNs, long startNs)
            throws InterruptedException {
        try {
            if (takesTurn(directory, silentNs)) {
                return;
            }
            say.accept(
                    "another command starts or changes the cluster in %s: waiting for it"
                            .formatted(directory.path()));
            if (!takesTurn(directory, startNs)) {
                // It stands still, or waits for a disk.
                say.accept("it has not ended; what it starts from now on is not stopped");
            }
        } catch (ClusterException e) {
            // A file system that takes no lock any more lets nobody start, and must not keep us.
        }
    }

    private static boolean takesTurn(ClusterDirectory directory, long limitNs)
            throws InterruptedException {
        Optional<ClusterFileLock> lock = ClusterFileLock.take(directory, limitNs);
        lock.ifPresent(ClusterFileLock::close);
        return lock.isPresent();
    }

    private static boolean await(List<ProcessId> processes, long limitNs)
            throws InterruptedException {
        long deadlineNs = System.nanoTime() + limitNs;
        while (processes.stream().anyMatch(ProcessId::isAlive)) {
            if (System.nanoTime() - deadlineNs > 0) {
                return false;
            }
            Thread.sleep(LOOK_MS);
        }
        return true;
    }
}
