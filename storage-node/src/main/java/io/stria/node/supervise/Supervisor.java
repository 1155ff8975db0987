package io.stria.node.supervise;

import io.stria.control.json.Json;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterException;
import io.stria.node.cluster.ClusterFile;
import io.stria.node.cluster.DurableFiles;
import io.stria.node.cluster.IoReason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Parent of all node processes of a cluster on this machine. A node that ends stays down until
 * somebody starts it; what ended is attested to the others at once. Of one that stands still they
 * are told as well, and its hosts, see {@link NodeWatch}. Any thread may call it.
 */
public final class Supervisor implements AutoCloseable {
    /** A node that takes longer to stop is killed, which it is made for. */
    private static final long STOP_NS = TimeUnit.SECONDS.toNanos(15);

    private final ClusterDirectory directory;
    private final Map<Integer, NodeProcess> nodes = new ConcurrentSkipListMap<>();
    private final Endings endings;
    private final Consumer<String> log;
    private final DirectoryLock lock;
    private final ControlSocket socket;
    private final String token = HexFormat.of().formatHex(new SecureRandom().generateSeed(16));
    private volatile boolean closing;

    /**
     * Takes the cluster, but starts no node.
     *
     * @throws ClusterException if another supervisor or a node process has it
     */
    public Supervisor(
            ClusterDirectory directory,
            ClusterFile cluster,
            Endings endings,
            Consumer<String> log) {
        this.directory = directory;
        this.log = log;
        this.endings = new Logged(endings);
        cluster.nodes().forEach(node -> nodes.put(node.id(), process(node.id())));
        lock = DirectoryLock.take(directory);
        try {
            Orphans.refuse(directory, cluster);
            socket = ControlSocket.open(directory, token);
            SupervisorFile file =
                    new SupervisorFile(ProcessId.current(), socket.path().toString(), token);
            DurableFiles.write(SupervisorFile.in(directory), Json.write(file));
        } catch (ClusterException e) {
            lock.close();
            throw e;
        } catch (IOException e) {
            lock.close();
            throw new ClusterException(
                    "the cluster in %s cannot be run: %s"
                            .formatted(directory.path(), IoReason.of(e)),
                    e);
        }
        socket.serve(this::answer);
    }

    /** One that cannot even be started keeps no other from starting; its status says why. */
    public void startAll() throws InterruptedException {
        for (NodeProcess node : nodes.values()) {
            try {
                node.start();
            } catch (ClusterException e) {
                String reason = String.valueOf(e.getMessage());
                node.hasNotStarted(reason);
                log.accept(reason);
            }
        }
    }

    public List<NodeStatus> list() {
        return nodes.values().stream().map(NodeProcess::status).toList();
    }

    public void start(int id) throws InterruptedException {
        if (closing) {
            throw new ClusterException("the cluster is being stopped");
        }
        node(id).start();
    }

    /** Returns when it has stopped. */
    public void stop(int id) throws InterruptedException {
        NodeProcess node = node(id);
        node.terminate();
        node.awaitStopped(System.nanoTime() + STOP_NS);
    }

    /** Stops all nodes; returns when none runs. */
    @Override
    public void close() {
        closing = true;
        nodes.values().forEach(NodeProcess::terminate);
        long deadlineNs = System.nanoTime() + STOP_NS;
        try {
            for (NodeProcess node : nodes.values()) {
                node.awaitStopped(deadlineNs);
            }
            socket.close();
            Files.deleteIfExists(SupervisorFile.in(directory));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new ClusterException(
                    "the supervisor's files cannot be removed: " + IoReason.of(e), e);
        } finally {
            lock.close();
        }
    }

    private final class Logged implements Endings {
        private final Endings others;

        Logged(Endings others) {
            this.others = others;
        }

        /** Others first: who reads the log may have stopped reading. */
        @Override
        public void ended(int id, long incarnation, String how) {
            if (!closing) {
                others.ended(id, incarnation, how);
            }
            log.accept("node %d has ended %s".formatted(id, how));
        }

        /** Nothing is logged: a log that nobody reads would keep the hosts from being told. */
        @Override
        public void standsStill(int id, long incarnation) {
            if (!closing) {
                others.standsStill(id, incarnation);
            }
        }
    }

    /** One that was added while the cluster runs is known to the cluster's file. */
    private NodeProcess node(int id) {
        return nodes.computeIfAbsent(id, unknown -> process(directory.read().node(unknown).id()));
    }

    private NodeProcess process(int id) {
        return new NodeProcess(id, directory, endings, log, () -> closing);
    }

    private Request.Answer answer(Request request) {
        boolean known =
                MessageDigest.isEqual(
                        request.token().getBytes(StandardCharsets.UTF_8),
                        token.getBytes(StandardCharsets.UTF_8));
        if (!known) {
            return new Request.Answer("the token is wrong", List.of());
        }
        try {
            switch (request.word()) {
                case START -> start(request.node());
                case STOP -> stop(request.node());
                case LIST -> {}
            }
            return new Request.Answer("", list());
        } catch (ClusterException e) {
            return new Request.Answer(String.valueOf(e.getMessage()), list());
        } catch (InterruptedException e) {
            return new Request.Answer("interrupted", list());
        }
    }
}
