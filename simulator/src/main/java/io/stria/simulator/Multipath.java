package io.stria.simulator;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.IoRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.sim.SimulatedRandom;
import io.stria.runtime.sim.Simulation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * A host's paths to the volume, used as Linux's multipath does: an IO goes to a path that is
 * optimized; without one it waits, for ever if need be; when its path is lost, or says that it does
 * not serve, the same command goes out again elsewhere. A path is lost when its node's kernel says
 * so, or after a keep-alive's silence. It is used again only when the node has ended what came over
 * it before, as the target sees to it.
 */
final class Multipath {
    private static final long RETRY_NS = 10_000_000L;

    /** Without any path all that waits is tried ever more seldom. */
    private static final long RETRY_MAX_NS = 100_000_000L;

    private static final long KEEP_ALIVE_NS = 1_500_000_000L;
    private static final long KEEP_ALIVE_TICK_NS = 100_000_000L;

    private final SimulatedCluster cluster;
    private final Simulation simulation;
    private final SimulatedRandom random;
    private final List<Path> paths = new ArrayList<>();
    private final ArrayDeque<MemorySegment> buffers = new ArrayDeque<>();
    private final int bufferBytes;

    /** What no path would take. */
    private final ArrayDeque<HostIo> waiting = new ArrayDeque<>();

    private long retryNs = RETRY_NS;

    Multipath(SimulatedCluster cluster, int blocksMax) {
        this(cluster, blocksMax, cluster.nodes());
    }

    /**
     * @param order of two optimized paths the earlier one is used
     */
    Multipath(SimulatedCluster cluster, int blocksMax, List<SimulatedNode> order) {
        this.cluster = cluster;
        this.simulation = cluster.simulation();
        this.random = simulation.random("multipath");
        this.bufferBytes = blocksMax * BlockDevice.BLOCK_BYTES;
        order.forEach(node -> paths.add(new Path(node)));
        cluster.listen((node, told) -> {
            Path path = paths.get(order.indexOf(node));
            path.dropGivenUp();
            if (told) {
                simulation.after(latencyNs(), path::loseEnded);
            }
        });
        keepAlive();
    }

    private void keepAlive() {
        paths.forEach(Path::keepAlive);
        simulation.after(KEEP_ALIVE_TICK_NS, this::keepAlive);
    }

    private long latencyNs() {
        return random.between(10_000, 200_000);
    }

    /** Sends the IO until it is answered, or its host gives it up. */
    void send(HostIo io) {
        if (io.isGivenUp()) {
            io.endIfGivenUp();
            return;
        }
        for (Path path : paths) {
            if (path.isOptimized()) {
                path.send(io);
                return;
            }
        }
        waiting.add(io);
        if (waiting.size() == 1) {
            simulation.after(retryNs, this::retry);
        }
    }

    private void retry() {
        List<HostIo> tried = List.copyOf(waiting);
        waiting.clear();
        retryNs = Math.min(2 * retryNs, RETRY_MAX_NS);
        tried.forEach(this::send);
        if (waiting.isEmpty()) {
            retryNs = RETRY_NS;
        }
    }

    private MemorySegment takeBuffer() {
        MemorySegment buffer = buffers.poll();
        return buffer != null ? buffer : Arena.ofAuto().allocate(bufferBytes, 4096);
    }

    /** The connections to one node. */
    private final class Path {
        private final SimulatedNode node;
        private final List<Attempt> attempts = new ArrayList<>();
        private long silentSinceNs = -1;

        Path(SimulatedNode node) {
            this.node = node;
        }

        private boolean isAlive() {
            NodeProcess process = node.processOrNull();
            return process != null
                    && !node.isPaused()
                    && !cluster.links().isCutFromHosts(node.id());
        }

        /**
         * What the node's last word on its state was; a node that is silent has not taken it back.
         */
        boolean isOptimized() {
            NodeProcess process = node.processOrNull();
            return process != null
                    && process.servesAny()
                    && attempts.stream().noneMatch(attempt -> attempt.givenUp)
                    && silentSinceNs != Long.MAX_VALUE
                    && process.isOptimized(cluster.volume().vuid());
        }

        void send(HostIo io) {
            NodeProcess process = node.processOrNull();
            if (process != null) {
                Attempt attempt = new Attempt(this, io, process);
                attempts.add(attempt);
                attempt.begin();
            }
        }

        void keepAlive() {
            if (isAlive()) {
                silentSinceNs = -1;
                loseEnded();
            } else if (silentSinceNs == -1) {
                silentSinceNs = simulation.nowNs();
            } else if (silentSinceNs != Long.MAX_VALUE
                    && simulation.nowNs() - silentSinceNs >= KEEP_ALIVE_NS) {
                silentSinceNs = Long.MAX_VALUE;
                lose();
            }
        }

        private void lose() {
            List.copyOf(attempts).forEach(Attempt::giveUp);
        }

        /** Of what was given up here nothing runs any more. */
        void dropGivenUp() {
            for (Attempt attempt : List.copyOf(attempts)) {
                if (attempt.givenUp) {
                    attempt.remove();
                }
            }
        }

        /** Whatever runs there now resets the connections of the process before. */
        void loseEnded() {
            if (attempts.isEmpty()) {
                return;
            }
            List.copyOf(attempts).stream()
                    .filter(attempt -> attempt.process.isEnded())
                    .forEach(Attempt::giveUp);
        }
    }

    /** One command of one path. */
    private final class Attempt implements IoRequest.Completion {
        private final Path path;
        private final HostIo io;
        private final NodeProcess process;
        private final MemorySegment buffer = takeBuffer();
        private final IoRequest request = new IoRequest();
        private boolean givenUp;

        Attempt(Path path, HostIo io, NodeProcess process) {
            this.path = path;
            this.io = io;
            this.process = process;
        }

        void begin() {
            io.attemptBegins();
            io.fill(buffer);
            io.set(request, buffer, this);
            simulation.after(latencyNs(), this::travel);
        }

        private void travel() {
            if (!cluster.links().isCutFromHosts(path.node.id())) {
                process.execute(this::arrive);
            } else if (givenUp) {
                remove();
            } else {
                simulation.after(RETRY_NS, this::travel);
            }
        }

        private void arrive() {
            BlockDevice device = process.deviceOrNull(cluster.volume().vuid());
            if (device == null) {
                complete(request, IoStatus.NOT_SERVING);
            } else {
                device.submit(request);
            }
        }

        @Override
        public void complete(IoRequest completed, IoStatus status) {
            if (status == IoStatus.OK && !process.holdsLease()) {
                throw new AssertionError(
                        "node %d answers a host without a lease".formatted(path.node.id()));
            }
            simulation.after(latencyNs(), () -> answer(status));
        }

        private void answer(IoStatus status) {
            if (cluster.links().isCutFromHosts(path.node.id()) && !givenUp) {
                // The connection holds it back until it is healed or given up.
                simulation.after(RETRY_NS, () -> answer(status));
                return;
            }
            if (!remove()) {
                return;
            }
            if (io.isGivenUp()) {
                buffers.add(buffer);
                return;
            }
            if (!givenUp && status == IoStatus.NOT_SERVING) {
                simulation.after(RETRY_NS, () -> Multipath.this.send(io));
            } else if (!givenUp) {
                io.answered(status, buffer);
            }
            buffers.add(buffer);
        }

        /** Nothing of it is under way any more; false if that was so before. */
        boolean remove() {
            boolean was = path.attempts.remove(this);
            if (was) {
                io.attemptEnded();
            }
            return was;
        }

        void giveUp() {
            if (process.isEnded() && remove()) {
                buffers.add(buffer);
            }
            if (!givenUp) {
                givenUp = true;
                simulation.after(latencyNs(), () -> Multipath.this.send(io));
            }
        }
    }
}
