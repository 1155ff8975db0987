package io.stria.node.supervise;

import io.stria.control.json.Json;
import io.stria.node.Starts;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterException;
import io.stria.node.cluster.ClusterNode;
import io.stria.node.cluster.DeviceKind;
import io.stria.node.cluster.DurableFiles;
import io.stria.node.cluster.IoReason;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One node's process, over all its starts. Any thread may call it. */
final class NodeProcess {
    static final String PID_FILE = "pid.json";
    private static final int SIGNALS = 128;
    private static final int KILL_SECONDS = 5;

    /** A JVM's status after its hooks for SIGTERM have run. */
    private static final int TERMINATED = SIGNALS + 15;

    private final int id;
    private final ClusterDirectory directory;
    private final Endings endings;
    private final Consumer<String> log;
    private final BooleanSupplier closing;
    private @Nullable Process process;

    /** That process, to end. */
    private boolean told;

    private String ending = "";

    /**
     * @param log what people should know, a sentence each
     * @param closing nothing is to be started any more; once true it stays so, and {@link
     *     #terminate} follows
     */
    NodeProcess(
            int id,
            ClusterDirectory directory,
            Endings endings,
            Consumer<String> log,
            BooleanSupplier closing) {
        this.id = id;
        this.directory = directory;
        this.endings = endings;
        this.log = log;
        this.closing = closing;
    }

    int id() {
        return id;
    }

    synchronized NodeStatus status() {
        Process last = process;
        return new NodeStatus(
                id, last == null ? 0 : last.pid(), last != null && last.isAlive(), ending);
    }

    /**
     * Starts it unless it runs, or the cluster is being stopped. One that was told to end does not
     * run: its end, which whoever told it so sees to, is awaited first.
     */
    void start() throws InterruptedException {
        Process ends = told();
        if (ends != null) {
            ends.waitFor();
        }
        startUnlessItRuns();
    }

    private synchronized @Nullable Process told() {
        return told ? process : null;
    }

    private synchronized void startUnlessItRuns() {
        if (closing.getAsBoolean() || process != null && process.isAlive()) {
            return;
        }
        long start = Starts.draw();
        ClusterNode node = directory.read().node(id);
        NodeWatch watch = new NodeWatch(node, log);
        Process started;
        try {
            started = start(node, start, watch);
        } catch (ClusterException e) {
            watch.close();
            throw e;
        } catch (IOException e) {
            watch.close();
            throw cannotBeStarted(e);
        }
        process = started;
        told = false;
        ending = "";
        Thread.ofPlatform()
                .name("node-" + id + "-parent")
                .daemon()
                .start(() -> awaitEnd(started, watch, start));
        try {
            writePidFile(directory.nodeDirectory(id), started);
        } catch (IOException e) {
            // A supervisor after this one would not know of it, and start another.
            kill(started);
            throw cannotBeStarted(e);
        }
    }

    /** One that waits for a disk ends later: who awaits its end sees to it. */
    private static void kill(Process started) {
        try {
            started.destroyForcibly().waitFor(KILL_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private ClusterException cannotBeStarted(IOException e) {
        return new ClusterException(
                "node %d cannot be started: %s".formatted(id, IoReason.of(e)), e);
    }

    private Process start(ClusterNode node, long start, NodeWatch watch) throws IOException {
        Path home = directory.nodeDirectory(id);
        List<String> command = NodeCommand.ofNode(directory.path(), id, home, start);
        command.addAll(watch.arguments());
        ProcessBuilder builder = new ProcessBuilder(command);
        // More of them only keep memory that few threads ever use.
        builder.environment().put("MALLOC_ARENA_MAX", "2");
        if (node.devices().stream().anyMatch(device -> device.kind() == DeviceKind.SPDK)) {
            SpdkProcess.prepare(builder.environment());
        }
        return builder.redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(ConsoleLog.begin(home.resolve("console.log")))
                .start();
    }

    /** Of one whose start was tried, and who tried it does not tell anybody. */
    synchronized void hasNotStarted(String reason) {
        // The end of a process says more.
        if (process == null) {
            ending = reason;
        }
    }

    /** SIGTERM; whoever asks waits with {@link #awaitStopped}. */
    synchronized void terminate() {
        if (process != null) {
            told = true;
            process.destroy();
        }
    }

    /** Kills what has not ended by then; returns when it has. */
    void awaitStopped(long deadlineNs) throws InterruptedException {
        Process running;
        synchronized (this) {
            running = process;
        }
        if (running == null) {
            return;
        }
        if (!running.waitFor(deadlineNs - System.nanoTime(), TimeUnit.NANOSECONDS)) {
            running.destroyForcibly();
            running.waitFor();
        }
    }

    private static void writePidFile(Path home, Process started) throws IOException {
        Optional<ProcessId> id = ProcessId.of(started.pid());
        if (id.isPresent()) {
            DurableFiles.write(home.resolve(PID_FILE), Json.write(id.get()));
        }
    }

    private void awaitEnd(Process started, NodeWatch watch, long start) {
        int code;
        long incarnation;
        try (watch) {
            code = watch.awaitEnd(started, registered -> endings.standsStill(id, registered));
            incarnation = watch.incarnation(start);
        } catch (InterruptedException e) {
            return;
        }
        String how =
                code == TERMINATED
                        ? "as it was told"
                        : code > SIGNALS ? "by signal " + (code - SIGNALS) : "with status " + code;
        synchronized (this) {
            if (process == started) {
                ending = how;
            }
        }
        endings.ended(id, incarnation, how);
    }
}
