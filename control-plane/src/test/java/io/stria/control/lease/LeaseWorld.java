package io.stria.control.lease;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.MapCodec;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.control.PlainDevices;
import io.stria.control.consensus.InMemoryCluster;
import io.stria.control.consensus.InMemoryConfig;
import io.stria.control.decisions.ClusterState;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.DeviceSpec;
import io.stria.control.decisions.NodeSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Five control planes with their data planes, clocks that run at different speeds, and a network
 * that loses, delays, doubles and divides; one thread, one seed. After every step it checks what
 * leases are for.
 */
final class LeaseWorld {
    static final long MS = 1_000_000;
    static final int NODES = 5;
    private static final long STEP_NS = 2 * MS;

    final Random random;
    final InMemoryCluster consensus;
    final List<Machine> machines = new ArrayList<>();
    final LeaseConfig config = LeaseConfig.standard();
    private final Decision.InitCluster init;
    private final PriorityQueue<Delivery> mail = new PriorityQueue<>();
    private final boolean[][] cut = new boolean[NODES + 1][NODES + 1];
    private final boolean[] logCut = new boolean[NODES + 1];
    private final boolean[] messagesCut = new boolean[NODES + 1];
    private long order;
    long nowNs = 1_000 * MS;
    int lossPercent;
    int slowPercent;
    private long firstStarts;

    /** Maps of one epoch differ only then, and only then may anybody say so. */
    boolean areDecisionsLost;

    /**
     * As if leaders did not compare maps: nodes name the map that was decided, whichever they have.
     */
    boolean areDigestsForged;

    private long steps;
    private final Map<Class<?>, Integer> sent = new HashMap<>();

    private record Delivery(long atNs, long order, int from, int to, byte[] bytes)
            implements Comparable<Delivery> {
        @Override
        public int compareTo(Delivery other) {
            int byTime = Long.compare(atNs, other.atNs);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    LeaseWorld(long seed) {
        random = new Random(seed);
        List<Integer> ids = IntStream.rangeClosed(1, NODES).boxed().toList();
        consensus = new InMemoryCluster(ids, elections(), random, this::logReach);
        List<NodeSpec> specs = ids.stream().map(LeaseWorld::spec).toList();
        init = new Decision.InitCluster(new UUID(1, seed), 8, "s", specs);
        ids.forEach(id -> machines.add(new Machine(id)));
        machines.forEach(Machine::start);
    }

    /** Of some seeds they may take as long as those of a busy machine. */
    private InMemoryConfig elections() {
        InMemoryConfig usual = InMemoryConfig.standard();
        return new InMemoryConfig(
                usual.electionMinNs(),
                usual.electionMaxNs() * (1 + random.nextInt(2)),
                usual.heartbeatNs(),
                usual.delayMinNs(),
                usual.delayMaxNs());
    }

    private static NodeSpec spec(int id) {
        return new NodeSpec(id, "10.0.0." + id, 4420, 80, 98, "", "", true);
    }

    Machine machine(int id) {
        return machines.get(id - 1);
    }

    private boolean reach(int from, int to) {
        return from == to || !cut[from][to];
    }

    private boolean logReach(int from, int to) {
        return from == to || reach(from, to) && !logCut[from] && !logCut[to];
    }

    /** The node's log hears nobody and is not heard, while its other messages get through. */
    void cutLog(int node) {
        logCut[node] = true;
    }

    void heal() {
        Arrays.fill(logCut, false);
        Arrays.fill(messagesCut, false);
        for (boolean[] row : cut) {
            Arrays.fill(row, false);
        }
        lossPercent = 0;
        slowPercent = 0;
    }

    void cut(int from, int to) {
        cut[from][to] = true;
    }

    /** No message of the node gets to others, nor theirs to it, while its log goes on. */
    void cutMessages(int node) {
        messagesCut[node] = true;
    }

    /** Messages of this kind that nodes have sent to others. */
    int sent(Class<? extends Message> kind) {
        return sent.getOrDefault(kind, 0);
    }

    private void send(int from, int to, Message message) {
        if (from != to) {
            sent.merge(message.getClass(), 1, Integer::sum);
        }
        Message told = areDigestsForged ? forged(message) : message;
        int copies = random.nextInt(50) == 0 ? 2 : 1;
        for (int i = 0; i < copies; i++) {
            boolean isCut = from != to && (messagesCut[from] || messagesCut[to]);
            if (isCut || !reach(from, to) || random.nextInt(100) < lossPercent) {
                continue;
            }
            long delayNs = (long) (random.nextDouble() * 4 * MS);
            if (random.nextInt(100) < slowPercent) {
                delayNs += (long) (random.nextDouble() * 4_000 * MS);
            }
            mail.add(new Delivery(nowNs + delayNs, order++, from, to, MessageCodec.encode(told)));
        }
    }

    private Message forged(Message message) {
        return message instanceof Message.Renew renew && renew.appliedEpoch() == map().epoch()
                ? new Message.Renew(
                        renew.incarnation(),
                        renew.sequence(),
                        renew.receivedEpoch(),
                        renew.appliedEpoch(),
                        MapCodec.digest(map()),
                        renew.pid(),
                        renew.engine(),
                        renew.voter(),
                        renew.serving(),
                        renew.devices(),
                        renew.scrubs())
                : message;
    }

    void step() {
        nowNs += STEP_NS;
        consensus.poll(nowNs);
        for (Delivery next = mail.peek(); next != null && next.atNs <= nowNs; next = mail.peek()) {
            mail.poll();
            machine(next.to).inbox.add(next);
        }
        machines.forEach(Machine::poll);
        check();
    }

    void run(long ms) {
        for (long end = nowNs + ms * MS; nowNs < end; ) {
            step();
        }
    }

    /** Simulated milliseconds until it is so. */
    long until(BooleanSupplier condition, long limitMs) {
        long startNs = nowNs;
        while (!condition.getAsBoolean()) {
            if (nowNs - startNs > limitMs * MS) {
                throw new AssertionError("not within " + limitMs + " ms:\n" + describe());
            }
            step();
        }
        return (nowNs - startNs) / MS;
    }

    ClusterMap map() {
        return consensus.newestState().map();
    }

    void create(int through, String name) {
        machine(through)
                .propose(
                        new Decision.CreateVolume(
                                UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)),
                                name,
                                1 << 20,
                                new Scheme(2),
                                Tolerance.NODE));
    }

    boolean allOnline() {
        return map().nodes().size() == NODES
                && map().nodes().stream().allMatch(node -> node.state() == NodeState.ONLINE);
    }

    boolean allServed(int volumes) {
        return map().volumes().size() == volumes
                && map().volumes().stream()
                        .allMatch(volume ->
                                machines.stream().anyMatch(m -> m.serves(volume.vuid()) > 0));
    }

    private void check() {
        if (!areDecisionsLost && steps++ % 10 == 0) {
            machines.forEach(this::checkAgreed);
        }
        Map<Integer, Integer> servers = new HashMap<>();
        Map<Integer, Integer> newest = new HashMap<>();
        for (Machine machine : machines) {
            for (VolumeEntry volume : machine.applied.volumes()) {
                int epoch = machine.serves(volume.vuid());
                if (epoch == 0) {
                    continue;
                }
                Integer other = servers.put(volume.vuid(), machine.id);
                if (other != null) {
                    throw new AssertionError(
                            "volume %d is served by nodes %d and %d\n%s"
                                    .formatted(volume.vuid(), other, machine.id, describe()));
                }
                newest.merge(volume.vuid(), epoch, Math::max);
            }
        }
        long inForce = 0;
        for (Machine machine : machines) {
            // Without a lease, one that was lost may be in force.
            if (!areDecisionsLost || machine.leased()) {
                inForce = Math.max(inForce, machine.inForce);
            }
        }
        for (Machine machine : machines) {
            if (!machine.leased()) {
                continue;
            }
            if (machine.applied.epoch() < inForce) {
                throw new AssertionError(
                        "epoch %d is in force, and node %d has a lease at %d\n%s"
                                .formatted(
                                        inForce, machine.id, machine.applied.epoch(), describe()));
            }
            for (VolumeEntry volume : machine.applied.volumes()) {
                int refusedBelow = machine.fences.getOrDefault(volume.vuid(), 0);
                if (refusedBelow < newest.getOrDefault(volume.vuid(), 0)) {
                    throw new AssertionError(
                            "node %d would take commands of an old owner of volume %d\n%s"
                                    .formatted(machine.id, volume.vuid(), describe()));
                }
            }
        }
    }

    private void checkAgreed(Machine machine) {
        ControlNode running = machine.process;
        boolean strays =
                running != null
                        && (running.agent().strayEpoch() != 0
                                || machine.leads().view(machine.clock()).nodes().stream()
                                        .anyMatch(node -> node.strayEpoch() != 0));
        if (strays) {
            throw new AssertionError("node %d finds another map".formatted(machine.id));
        }
    }

    String describe() {
        StringBuilder text = new StringBuilder("at " + nowNs / MS + " ms, map " + map().epoch());
        for (Machine machine : machines) {
            text.append("\n  ").append(machine);
        }
        return text.toString();
    }

    /** One server: what survives its process, its process, and its data plane. */
    final class Machine implements Outbox, MapSink, LeaseSink {
        final int id;
        private final double rate;
        private final long offsetNs;
        private final List<Delivery> inbox = new ArrayList<>();

        @Nullable ControlNode process;
        long pausedUntilNs;
        private boolean standsStill;

        /** The data plane does nothing any more; the control plane goes on. */
        boolean dataStandsStill;

        int applyMs = 5;
        final List<Serving> scrubsAsked = new ArrayList<>();
        List<ScrubReport> scrubs = List.of();
        private long incarnationNow;

        /** What its data plane was told last, which outlives the process. */
        long registeredAs;

        ClusterMap applied = ClusterState.empty().map();
        private final Map<Integer, long[]> firstSeen = new TreeMap<>();

        /** By VUID: its stores never take commands of older volume epochs again. */
        private final Map<Integer, Integer> fences = new HashMap<>();

        private @Nullable Coordinator coordinator;
        long inForce;
        private long leaseUntilNs;
        private long confirmAtNs = Long.MAX_VALUE;
        private ClusterMap arriving = applied;
        private Runnable confirm = () -> {};

        Machine(int id) {
            this.id = id;
            rate = 1 + (random.nextDouble() - 0.5) * 0.04;
            offsetNs = (long) (random.nextDouble() * 1_000_000 * MS);
        }

        long clock() {
            return offsetNs + (long) (nowNs * rate);
        }

        boolean runs() {
            return process != null;
        }

        ControlNode running() {
            ControlNode now = process;
            if (now == null) {
                throw new AssertionError("node " + id + " does not run");
            }
            return now;
        }

        /** Its whole process does, its voter with it. */
        void standStill(long ms) {
            if (process != null) {
                pausedUntilNs = nowNs + ms * MS;
                standsStill = true;
                consensus.log(id).standStill();
            }
        }

        void start() {
            // A wall clock that may be minutes off.
            start(1_000_000 + nowNs / MS + random.nextInt(100_000) + firstStarts++);
        }

        /**
         * @param startMillis of its wall clock
         */
        void start(long startMillis) {
            if (process != null) {
                return;
            }
            standsStill = false;
            consensus.log(id).start();
            applied = ClusterState.empty().map();
            arriving = applied;
            firstSeen.clear();
            fences.clear();
            inForce = 0;
            leaseUntilNs = 0;
            confirmAtNs = Long.MAX_VALUE;
            AgentConfig agentConfig =
                    new AgentConfig(
                            spec(id),
                            IntStream.rangeClosed(1, NODES).boxed().toList(),
                            1000 + id,
                            Incarnation.ofProcess(Incarnation.start(startMillis, random.nextInt())),
                            config);
            List<DeviceSpec> devices = List.of(new DeviceSpec(new UUID(id, 0), 1L << 30));
            NodeAgent agent =
                    new NodeAgent(
                            agentConfig,
                            this,
                            this,
                            this,
                            new PlainDevices(() -> devices),
                            this::voter,
                            why -> kill());
            coordinator = new Coordinator(id, consensus.log(id), config, this, init);
            process = new ControlNode(agent, this, consensus.log(id), coordinator, clock());
        }

        private VoterReport voter() {
            return consensus.log(id).alive()
                    ? VoterReport.works(VoterReport.UNKNOWN_BYTES)
                    : new VoterReport(
                            VoterReport.State.FAILED, "its disk", VoterReport.UNKNOWN_BYTES);
        }

        /** Its part of the process that leads, when it does. */
        Coordinator leads() {
            return Objects.requireNonNull(coordinator);
        }

        void kill() {
            if (process != null) {
                incarnationNow = process.agent().incarnation();
                process = null;
                inbox.clear();
                consensus.log(id).stop();
            }
        }

        long lastIncarnation() {
            return incarnationNow;
        }

        void propose(Decision decision) {
            if (process != null) {
                process.agent().propose(decision, clock() + 20_000 * MS, result -> {});
            }
        }

        void attest(int node, long incarnation) {
            if (process != null) {
                process.attestEnded(node, incarnation, clock(), result -> {});
            }
        }

        /** Its supervisor says so of a process, which may be true. */
        void hearStandstill(int node, long incarnation) {
            if (process != null) {
                process.standsStill(node, incarnation, clock());
            }
        }

        private void poll() {
            if (process == null) {
                return;
            }
            if (nowNs >= confirmAtNs && !dataStandsStill) {
                confirmAtNs = Long.MAX_VALUE;
                applied = arriving;
                for (VolumeEntry volume : applied.volumes()) {
                    fences.merge(volume.vuid(), volume.epoch(), Math::max);
                    long[] seen = firstSeen.get(volume.vuid());
                    if (seen == null || seen[0] != volume.epoch()) {
                        firstSeen.put(volume.vuid(), new long[] {volume.epoch(), applied.epoch()});
                    }
                }
                confirm.run();
            }
            if (nowNs < pausedUntilNs) {
                return;
            }
            if (standsStill) {
                standsStill = false;
                consensus.log(id).goOn();
            }
            List<Delivery> now = List.copyOf(inbox);
            inbox.clear();
            for (Delivery delivery : now) {
                ControlNode running = process;
                if (running != null) {
                    running.onMessage(delivery.from, decode(delivery.bytes), clock());
                }
            }
            ControlNode running = process;
            if (running != null) {
                running.poll(clock());
            }
        }

        boolean leased() {
            return process != null && clock() < leaseUntilNs;
        }

        /** The epoch at which this node serves the volume now, 0 if it does not. */
        int serves(int vuid) {
            VolumeEntry volume = applied.volume(vuid).orElse(null);
            long[] seen = firstSeen.get(vuid);
            boolean serving =
                    leased()
                            && !dataStandsStill
                            && volume != null
                            && seen != null
                            && volume.owner() == id
                            && seen[1] <= inForce;
            return serving && volume != null ? volume.epoch() : 0;
        }

        @Override
        public void send(int nodeId, Message message) {
            LeaseWorld.this.send(id, nodeId, message);
        }

        @Override
        public void apply(ClusterMap map, Runnable confirmation) {
            arriving = map;
            confirm = confirmation;
            confirmAtNs = nowNs + (long) (random.nextDouble() * applyMs * MS);
        }

        @Override
        public void inForce(long epoch) {
            inForce = epoch;
        }

        @Override
        public void scrub(int vuid, int volumeEpoch) {
            scrubsAsked.add(new Serving(vuid, volumeEpoch));
        }

        @Override
        public List<ScrubReport> scrubs() {
            return scrubs;
        }

        @Override
        public void registersAs(long incarnation) {
            registeredAs = incarnation;
        }

        @Override
        public void leaseUntil(long deadlineNs) {
            leaseUntilNs = deadlineNs;
        }

        @Override
        public boolean goesOn() {
            return !dataStandsStill;
        }

        @Override
        public String toString() {
            return "node %d %s applied %d in force %d lease %d ms leader %s"
                    .formatted(
                            id,
                            process == null ? "ended" : "runs",
                            applied.epoch(),
                            inForce,
                            (leaseUntilNs - clock()) / MS,
                            process == null ? "-" : process.leader());
        }
    }

    private static Message decode(byte[] bytes) {
        try {
            return MessageCodec.decode(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
