package io.stria.node.supervise;

import io.stria.control.lease.Incarnation;
import io.stria.control.lease.LeaseConfig;
import io.stria.node.cluster.ClusterNode;
import io.stria.node.cluster.IoReason;
import io.stria.nvmf.DiscoverySubsystem;
import io.stria.runtime.Clock;
import io.stria.runtime.Heartbeat;
import io.stria.runtime.ffm.BootClock;
import io.stria.runtime.ffm.ProcessSockets;
import io.stria.runtime.ffm.SharedMemory;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Watches one process of a node until it ends, for its parent. While the process stands still (it
 * is stopped, or waits for a disk), its kernel keeps the connections of its hosts, which notice
 * nothing for seconds. So when its reactor stands still without a lease, this shuts them down, as
 * any network might: hosts take another path at once, and the process, should it go on, finds that
 * they have gone. It is not ended. That a signal has stopped it is said earlier: it may lead. One
 * thread uses it.
 */
public final class NodeWatch implements AutoCloseable {
    private static final String NAME = "stria-heartbeat";

    private final ClusterNode node;
    private final Consumer<String> log;
    private final Clock clock = new BootClock();
    private final Standstill standstill = new Standstill(LeaseConfig.standard());
    private final @Nullable SharedMemory memory;
    private final Heartbeat heartbeat;

    /**
     * Of a process that is to be started. Says so to the log, and watches nothing, if the machine
     * cannot.
     */
    public NodeWatch(ClusterNode node, Consumer<String> log) {
        this.node = node;
        this.log = log;
        SharedMemory made = null;
        try {
            made = SharedMemory.create(NAME, Heartbeat.BYTES);
        } catch (IOException e) {
            log.accept("node %d is not watched: %s".formatted(node.id(), e.getMessage()));
        }
        memory = made;
        heartbeat = made == null ? Heartbeat.unwatched() : new Heartbeat(made.memory());
    }

    /** Where the process is to beat, for the end of its command line. */
    public List<String> arguments() {
        return memory == null ? List.of() : List.of("--heartbeat", memory.path().toString());
    }

    /**
     * Returns the process's exit status when it has ended.
     *
     * @param onStop gets what it has registered as when a signal has stopped it, each time; must
     *     not wait
     */
    public int awaitEnd(Process process, LongConsumer onStop) throws InterruptedException {
        while (!process.waitFor(Standstill.LOOK_NS, TimeUnit.NANOSECONDS)) {
            long beatNs = heartbeat.beatNs();
            long leaseUntilNs = heartbeat.leaseUntilNs();
            long nowNs = clock.nowNs();
            if (standstill.look(nowNs, beatNs, leaseUntilNs)) {
                hangUp(process, nowNs - beatNs);
            }
            long registered = heartbeat.incarnation();
            if (registered != 0 && standstill.isStop(() -> ProcessStat.isStopped(process.pid()))) {
                onStop.accept(registered);
            }
        }
        return process.exitValue();
    }

    /**
     * What names the process that has ended, see {@link Incarnation#sameProcess}: the number that
     * it has registered as last, or that of its start where it never did or was not watched.
     *
     * @param start that it was told
     */
    public long incarnation(long start) {
        long registered = heartbeat.incarnation();
        return registered == 0 ? Incarnation.ofProcess(start) : registered;
    }

    private void hangUp(Process process, long standsNs) {
        String who = "node %d has stood still for %.1f s".formatted(node.id(), standsNs / 1e9);
        try (ProcessSockets sockets = ProcessSockets.of(process.pid())) {
            if (process.isAlive()) {
                int ended = sockets.hangUp(this::isForHosts);
                log.accept("%s: %d connections of hosts were ended".formatted(who, ended));
            }
        } catch (IOException e) {
            log.accept("%s, and its hosts cannot be told: %s".formatted(who, IoReason.of(e)));
        }
    }

    private boolean isForHosts(int port) {
        return port == node.dataPort() || port == DiscoverySubsystem.PORT;
    }

    @Override
    public void close() {
        if (memory != null) {
            memory.close();
        }
    }
}
