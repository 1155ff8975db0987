package io.stria.systemtests.linear;

import io.stria.node.Starts;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterFile;
import io.stria.node.supervise.Attestation;
import io.stria.node.supervise.NodeCommand;
import io.stria.systemtests.host.Command;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The processes of nodes on machines of their own. Whoever starts them is their parent and attests
 * their ends, as a supervisor does.
 */
final class NodeProcesses {
    private final ClusterDirectory directory;
    private final NodeNetworks networks;
    private final Attestation attestation;
    private final Map<Integer, Process> processes = new ConcurrentHashMap<>();

    NodeProcesses(ClusterDirectory directory, ClusterFile cluster, NodeNetworks networks) {
        this.directory = directory;
        this.networks = networks;
        this.attestation = new Attestation(cluster, directory.readSecret());
    }

    void start(int node) {
        Path home = directory.nodeDirectory(node);
        long start = Starts.draw();
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(
                            networks.on(
                                    node, NodeCommand.ofNode(directory.path(), node, home, start)));
            builder.environment().put("MALLOC_ARENA_MAX", "2");
            Process process =
                    builder.redirectInput(new File("/dev/null"))
                            .redirectErrorStream(true)
                            .redirectOutput(home.resolve("console.log").toFile())
                            .start();
            processes.put(node, process);
            Thread.ofPlatform()
                    .name("parent-of-" + node)
                    .daemon()
                    .start(() -> attestEnd(node, start, process));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What an attestation needs is loaded then. */
    void rehearse() {
        attestation.rehearse();
    }

    private void attestEnd(int node, long start, Process process) {
        int code = process.onExit().join().exitValue();
        attestation.ended(node, start, "with status " + code);
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
