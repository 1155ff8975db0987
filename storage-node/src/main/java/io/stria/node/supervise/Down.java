package io.stria.node.supervise;

import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterException;
import io.stria.node.cluster.ClusterFile;
import io.stria.node.cluster.ClusterFileLock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Stops whatever runs a cluster on this machine, and nothing else. */
public final class Down {
    private static final long TERM_NS = TimeUnit.SECONDS.toNanos(20);
    private static final long KILL_NS = TimeUnit.SECONDS.toNanos(10);
    private static final long LOOK_MS = 20;

    private Down() {}

    /**
     * @return how many processes were stopped, the supervisor included
     * @throws ClusterException if one would not end
     */
    public static int stop(ClusterDirectory directory) throws InterruptedException {
        ClusterFile cluster = directory.read();
        awaitStart(directory);
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
    private static void awaitStart(ClusterDirectory directory) {
        try {
            ClusterFileLock.take(directory).close();
        } catch (ClusterException e) {
            // A file system that takes no lock any more lets nobody start, and must not keep us.
        }
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
