package io.stria.simulator;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.SlotList;
import io.stria.clustermap.VolumeEntry;
import io.stria.control.consensus.InMemoryCluster;
import io.stria.control.consensus.InMemoryConfig;
import io.stria.control.decisions.Decision;
import io.stria.control.lease.ControlNode;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.runtime.sim.SimulatedNetwork;
import io.stria.runtime.sim.SimulatedRandom;
import io.stria.runtime.sim.Simulation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A cluster under one seed: nodes on a simulated network, and the consensus between the voters. One
 * thread runs it all, and after every event looks whether two nodes serve the volume.
 */
public final class SimulatedCluster implements AutoCloseable {
    /** Hears of processes that end. */
    interface ProcessListener {
        /**
         * @param told the kernel lives on and resets the connections
         */
        void onEnded(SimulatedNode node, boolean told);
    }

    static final UUID CLUSTER_ID = new UUID(0x5712, 1);
    static final byte[] SECRET =
            "the secret of a simulated cluster".getBytes(StandardCharsets.US_ASCII);
    private static final long MS = 1_000_000;
    private static final long WALL_CLOCK_MS = 1_800_000_000_000L;
    private static final String VOLUME = "v";
    private static final UUID VOLUME_ID = new UUID(0x5712, 2);
    private static final int SETTING_ATTEMPTS = 20;

    private final ClusterConfig config;
    private final StoreOpener stores;
    private final Seams seams;
    private final Simulation simulation;
    private final SimulatedNetwork network;
    private final Story story;
    private final SimulatedRandom random;
    private final SimulatedRandom diskSizes;
    private final List<SimulatedNode> nodes = new ArrayList<>();
    private final RuleWatch watch;
    private final SyncWatch syncs = new SyncWatch();
    private final Mended mended = new Mended();
    private final Links links;
    private final ControlMail mail;
    private final InMemoryCluster consensus;
    private final Standstills standstills;
    private final List<ProcessListener> processListeners = new ArrayList<>();
    private final Map<Integer, NodeProcess> servedBy = new HashMap<>();
    private Simulation.@Nullable Scheduled consensusPoll;
    private int serving;
    private long consensusPollNs;
    private boolean consensusPolled;
    private ClusterMap map = ClusterMap.initial(CLUSTER_ID, ClusterConfig.PAGE_SHIFT);

    public SimulatedCluster(ClusterConfig config, StoreOpener stores) {
        this(config, stores, Seams.NONE);
    }

    public SimulatedCluster(ClusterConfig config, StoreOpener stores, Seams seams) {
        this.config = config;
        this.stores = stores;
        this.seams = seams;
        simulation = new Simulation(config.seed());
        network = new SimulatedNetwork(simulation);
        story = new Story(simulation);
        random = simulation.random("cluster");
        diskSizes = simulation.random("disk sizes");
        for (int id = 1; id <= config.nodes(); id++) {
            nodes.add(new SimulatedNode(id, this, config));
        }
        watch = new RuleWatch(nodes, vuid -> map.volume(vuid).isPresent());
        links = new Links(network, nodes, config.nodes());
        mail =
                new ControlMail(
                        simulation,
                        nodes,
                        links,
                        new LeaseWatch(nodes, () -> map.epoch(), this::newestTerm));
        List<Integer> voters = IntStream.rangeClosed(1, config.voters()).boxed().toList();
        consensus =
                new InMemoryCluster(
                        voters,
                        InMemoryConfig.standard(),
                        simulation.random("consensus"),
                        (from, to) -> from == to || !links.isCut(from, to));
        standstills = new Standstills(this);
        voters.forEach(id -> consensus.log(id).stop());
        for (SimulatedNode node : nodes) {
            node.host().clockDriftPpm(random.between(-config.driftPpmMax(), config.driftPpmMax()));
        }
        consensus.watch(state -> onApplied(state.map()));
        consensus.follow(simulation::nowNs, this::scheduleConsensus);
        pollConsensus();
    }

    /**
     * Wakes the consensus when something is due, and not before: an idle one costs next to nothing.
     */
    private void scheduleConsensus() {
        if (consensusPolled) {
            return;
        }
        long dueNs = Math.max(simulation.nowNs(), consensus.nextPollNs());
        Simulation.Scheduled before = consensusPoll;
        if (before != null) {
            if (consensusPollNs <= dueNs) {
                return;
            }
            before.cancel();
        }
        consensusPollNs = dueNs;
        consensusPoll = simulation.at(dueNs, this::pollConsensus);
    }

    private void pollConsensus() {
        consensusPoll = null;
        consensusPolled = true;
        consensus.poll(simulation.nowNs());
        consensusPolled = false;
        scheduleConsensus();
    }

    /** What voters have applied they apply anew after a start: the newest is remembered here. */
    private void onApplied(ClusterMap newest) {
        if (newest.epoch() > map.epoch()) {
            MapChanges.tell(map, newest, story);
            BehindWatch.check(map, newest);
            syncs.check(map, newest);
            map = newest;
        }
    }

    public ClusterConfig config() {
        return config;
    }

    public Simulation simulation() {
        return simulation;
    }

    public SimulatedNetwork network() {
        return network;
    }

    public Story story() {
        return story;
    }

    public Links links() {
        return links;
    }

    public ControlMail mail() {
        return mail;
    }

    public List<SimulatedNode> nodes() {
        return List.copyOf(nodes);
    }

    public SimulatedNode node(int id) {
        return nodes.get(id - 1);
    }

    StoreOpener stores() {
        return stores;
    }

    Seams seams() {
        return seams;
    }

    RuleWatch watch() {
        return watch;
    }

    SyncWatch syncs() {
        return syncs;
    }

    /** Of all owners, also those that have ended. */
    Mended mended() {
        nodes.forEach(SimulatedNode::tellMended);
        return mended;
    }

    /**
     * A store has executed a command of an owner.
     *
     * @param failed its device has failed since its process started
     */
    void onExecuted(UUID deviceId, FragmentRequest request, boolean failed) {
        mended.bad().executed(deviceId, request, failed);
    }

    void onMended(int epoch, long fragments) {
        mended.heard(epoch, fragments);
    }

    InMemoryCluster consensus() {
        return consensus;
    }

    int dataPort() {
        return SimulatedNode.spec(1, config).dataPort();
    }

    byte[] nonce() {
        byte[] nonce = new byte[32];
        random.nextBytes(nonce);
        return nonce;
    }

    /** Wall clocks are right within a minute, where nobody has set them wrong. */
    long wallClockMs() {
        return WALL_CLOCK_MS + simulation.nowNs() / MS + random.between(0, 60_000);
    }

    /** How many fragments of one page may be on one node. */
    int chunksPerNode() {
        int nodesInUse =
                volumeIfMade()
                        .map(volume ->
                                Math.min(
                                        nodesOf(volume.placing().from()),
                                        nodesOf(volume.placing().to())))
                        .orElse(config.nodes());
        return (config.scheme().fragments() + nodesInUse - 1) / nodesInUse;
    }

    private int nodesOf(SlotList list) {
        return (int)
                map.slots().stream()
                        .filter(slot -> list.contains(slot.slot()))
                        .map(DeviceSlot::nodeId)
                        .distinct()
                        .count();
    }

    SimulatedRandom diskSizes() {
        return diskSizes;
    }

    int drawn() {
        return random.nextInt();
    }

    Decision.InitCluster bootstrap() {
        return new Decision.InitCluster(
                CLUSTER_ID,
                ClusterConfig.PAGE_SHIFT,
                "secret",
                nodes.stream().map(node -> SimulatedNode.spec(node.id(), config)).toList());
    }

    void listen(ProcessListener listener) {
        processListeners.add(listener);
    }

    void onProcessEnded(SimulatedNode node, boolean told) {
        processListeners.forEach(listener -> listener.onEnded(node, told));
    }

    /** A volume epoch is one start of an owner, in one process. */
    void onServing(NodeProcess process, VolumeEntry volume) {
        NodeProcess before = servedBy.put(volume.epoch(), process);
        if (before != null && before != process) {
            throw new AssertionError(
                    "volume epoch %d is served a second time, by node %d, after node %d"
                            .formatted(volume.epoch(), process.node().id(), before.node().id()));
        }
    }

    /** The newest map that was decided. */
    public ClusterMap map() {
        return map;
    }

    /** The one volume. */
    public VolumeEntry volume() {
        return volumeIfMade().orElseThrow();
    }

    Optional<VolumeEntry> volumeIfMade() {
        return map.volumeByName(VOLUME);
    }

    /** The node that the map names as the volume's owner. */
    public SimulatedNode owner() {
        return node(volume().owner());
    }

    /** The node that leads, if one does. */
    public Optional<SimulatedNode> leader() {
        return nodes.stream().filter(SimulatedCluster::leads).findFirst();
    }

    /** The term of the last leader that was elected and still runs. */
    private long newestTerm() {
        long newest = 0;
        for (int voter = 1; voter <= config.voters(); voter++) {
            newest = Math.max(newest, consensus.log(voter).leadingTerm());
        }
        return newest;
    }

    private static boolean leads(SimulatedNode node) {
        NodeProcess process = node.processOrNull();
        ControlNode control = process == null ? null : process.controlNodeOrNull();
        return control != null && !node.isPaused() && control.leader().nodeId() == node.id();
    }

    /** Starts every node, makes the volume and waits until it is served. */
    public void startAll() {
        nodes.forEach(SimulatedNode::start);
        expect(this::allOnline, 10_000, "all nodes online");
        for (SimulatedNode node : nodes) {
            create(node);
        }
        expect(this::isServed, 10_000, "the volume served");
    }

    private void create(SimulatedNode through) {
        NodeProcess process = through.processOrNull();
        if (process != null) {
            Decision.CreateVolume create =
                    new Decision.CreateVolume(
                            VOLUME_ID,
                            VOLUME,
                            config.volumeBlocks() * 4096,
                            config.scheme(),
                            config.tolerance(),
                            config.lbaBytes());
            process.withAgent(
                    (agent, nowNs) -> agent.propose(create, nowNs + 20_000 * MS, result -> {}));
        }
    }

    /** Somebody deletes the volume, at every node that can be asked. */
    void delete() {
        Decision.DeleteVolume delete = new Decision.DeleteVolume(VOLUME, VOLUME_ID);
        for (SimulatedNode node : nodes) {
            NodeProcess process = node.processOrNull();
            if (process != null && !node.isPaused()) {
                process.withAgent(
                        (agent, nowNs) -> agent.propose(delete, nowNs + 1_000 * MS, result -> {}));
            }
        }
    }

    /** Somebody sets how long a device is away before it is rebuilt elsewhere; 0: for ever. */
    void rebuildAfter(long seconds) {
        Decision set = new Decision.SetRebuildAfter(seconds);
        for (int attempt = 0; attempt < SETTING_ATTEMPTS && !isSet(seconds); attempt++) {
            for (SimulatedNode node : nodes) {
                NodeProcess process = node.processOrNull();
                if (process != null) {
                    process.withAgent(
                            (agent, nowNs) -> agent.propose(set, nowNs + 1_000 * MS, result -> {}));
                }
            }
            run(() -> isSet(seconds), 1_000);
        }
        expect(() -> isSet(seconds), 1_000, "the setting");
    }

    private boolean isSet(long seconds) {
        return consensus.newestState().rebuildAfterSeconds() == seconds;
    }

    boolean allOnline() {
        return map.nodes().size() == config.nodes()
                && map.members().stream().allMatch(node -> node.state() == NodeState.ONLINE);
    }

    /** The map's owner serves at the map's epoch. */
    public boolean isServed() {
        VolumeEntry volume = volumeIfMade().orElse(null);
        NodeProcess process = volume == null ? null : node(volume.owner()).processOrNull();
        return volume != null
                && process != null
                && process.holdsLease()
                && process.isOptimized(volume.vuid());
    }

    /** No device ever held anything else than its node had left there. */
    boolean areMediaWhole() {
        return nodes.stream()
                .allMatch(node ->
                        node.disks().stream()
                                .noneMatch(disk ->
                                        node.host().disk(disk.path()).faults().haveSpoilt()));
    }

    /** All nodes are online, the volume is served, no slot is behind and nothing moves. */
    public boolean isWhole() {
        return allOnline()
                && isServed()
                && volume().behind().isEmpty()
                && !volume().placing().isMoving();
    }

    /** A supervisor of the machine attests to all that the node's last process has ended. */
    public void attest(SimulatedNode ended) {
        attestEnded(ended, ended.lastIncarnation());
    }

    /** The same of a certain process of the node. */
    void attestEnded(SimulatedNode ended, long incarnation) {
        attestEnded(ended, incarnation, List.of());
    }

    /** To none of these. */
    void attestEnded(SimulatedNode ended, long incarnation, List<SimulatedNode> besides) {
        for (SimulatedNode witness : nodes) {
            NodeProcess process = witness.processOrNull();
            if (process != null
                    && !witness.isPaused()
                    && !besides.contains(witness)
                    && incarnation != 0) {
                process.attestEnded(ended.id(), incarnation);
            }
        }
    }

    /** What supervisors say of them. */
    Standstills standstills() {
        return standstills;
    }

    /** Ends every cut, pause, loss and delay, and starts what is down. */
    public void heal() {
        story.tell("all faults end");
        links.heal();
        mail.heal();
        consensus.slowBy(0);
        consensus.lose(0);
        nodes.forEach(SimulatedNode::resume);
        nodes.forEach(SimulatedNode::start);
    }

    public void runFor(long ms) {
        run(() -> false, ms);
    }

    void runForNs(long ns) {
        simulation.runFor(ns);
    }

    /** Lets time pass until it is so; false if it is not within this time. */
    public boolean run(BooleanSupplier condition, long limitMs) {
        return simulation.runUntil(
                () -> {
                    checkOneOwner();
                    return condition.getAsBoolean();
                },
                limitMs * MS);
    }

    /** Like {@link #run}, but it has to come true. Returns after how many milliseconds it did. */
    public long expect(BooleanSupplier condition, long limitMs, String what) {
        return expect(condition, limitMs, () -> what);
    }

    long expect(BooleanSupplier condition, long limitMs, Supplier<String> what) {
        long startNs = simulation.nowNs();
        if (!run(condition, limitMs)) {
            throw new AssertionError(
                    "not within %d ms: %s\n%s".formatted(limitMs, what.get(), describe()));
        }
        return (simulation.nowNs() - startNs) / MS;
    }

    /** A process begins, or ceases, to say that it serves. */
    void onServes(boolean serves) {
        serving += serves ? 1 : -1;
    }

    private void checkOneOwner() {
        if (serving < 2) {
            return;
        }
        SimulatedNode first = null;
        for (int i = 0; i < nodes.size(); i++) {
            SimulatedNode node = nodes.get(i);
            NodeProcess process = node.processOrNull();
            if (process != null && process.servesAny() && process.holdsLease()) {
                if (first != null) {
                    throw new AssertionError(
                            "nodes %d and %d serve the volume at one time\n%s"
                                    .formatted(first.id(), node.id(), describe()));
                }
                first = node;
            }
        }
    }

    /** Where everybody stands. */
    public String describe() {
        StringBuilder text = new StringBuilder();
        VolumeEntry volume = volumeIfMade().orElse(null);
        text.append("map ").append(map.epoch());
        if (volume != null) {
            text.append(", volume at epoch ")
                    .append(volume.epoch())
                    .append(" owned by node ")
                    .append(volume.owner())
                    .append(", behind ")
                    .append(volume.behind());
            if (volume.placing().isMoving()) {
                text.append(", ").append(volume.placing());
            }
        }
        nodes.forEach(node -> text.append("\n  ").append(node));
        return text.toString();
    }

    @Override
    public void close() {
        nodes.forEach(SimulatedNode::close);
        story.close();
    }

    @Nullable NodeProcess processOrNull(int nodeId) {
        return node(nodeId).processOrNull();
    }
}
