package io.stria.systemtests.linear;

import io.stria.node.Starts;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterFile;
import io.stria.node.supervise.Attestation;
import io.stria.node.supervise.NodeCommand;
import io.stria.node.supervise.NodeWatch;
import io.stria.systemtests.host.Command;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The processes of nodes on machines of their own. Whoever starts them is their parent and attests
 * their ends, tells of one that stands still, and hangs up on its hosts, as a supervisor does.
 */
final class NodeProcesses {
    private final ClusterDirectory directory;
    private final ClusterFile cluster;
    private final NodeNetworks networks;
    private final Consumer<String> log;
    private final Attestation attestation;
    private final Map<Integer, Process> processes = new ConcurrentHashMap<>();

    NodeProcesses(
            ClusterDirectory directory,
            ClusterFile cluster,
            NodeNetworks networks,
            Consumer<String> log) {
        this.directory = directory;
        this.cluster = cluster;
        this.networks = networks;
        this.log = log;
        this.attestation = new Attestation(cluster, directory.readSecret());
    }

    void start(int node) {
        Path home = directory.nodeDirectory(node);
        long start = Starts.draw();
        NodeWatch watch = new NodeWatch(cluster.node(node), log);
        List<String> command = NodeCommand.ofNode(directory.path(), node, home, start);
        command.addAll(watch.arguments());
        try {
            ProcessBuilder builder = new ProcessBuilder(networks.on(node, command));
            builder.environment().put("MALLOC_ARENA_MAX", "2");
            // Read by every JVM: the story of a fault tells of elections.
            builder.environment().put("JDK_JAVA_OPTIONS", "-Dstria.log.elections=true");
            Process process =
                    builder.redirectInput(new File("/dev/null"))
                            .redirectErrorStream(true)
                            .redirectOutput(home.resolve("console.log").toFile())
                            .start();
            processes.put(node, process);
            Thread.ofPlatform()
                    .name("parent-of-" + node)
                    .daemon()
                    .start(() -> attestEnd(node, start, process, watch));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What an attestation needs is loaded then. */
    void rehearse() {
        attestation.rehearse();
    }

    private void attestEnd(int node, long start, Process process, NodeWatch watch) {
        try (watch) {
            int code =
                    watch.awaitEnd(
                            process, registered -> attestation.standsStill(node, registered));
            attestation.ended(node, watch.incarnation(start), "with status " + code);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** {@code kill -9}. */
    void kill(int node) {
        Process process = process(node);
        process.destroyForcibly();
        process.onExit().join();
    }

    boolean runs(int node) {
        return process(node).isAlive();
    }

    void freeze(int node) {
        signal(node, "STOP");
    }

    void thaw(int node) {
        signal(node, "CONT");
    }

    private void signal(int node, String name) {
        Command.run("kill", "-" + name, Long.toString(process(node).pid())).orThrow();
    }

    private Process process(int node) {
        Process process = processes.get(node);
        if (process == null) {
            throw new IllegalStateException("node " + node + " was not started");
        }
        return process;
    }
}
