package io.stria.simulator;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.VolumeEntry;
import io.stria.control.consensus.InMemoryLog;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.DeviceSpec;
import io.stria.control.lease.AgentConfig;
import io.stria.control.lease.ControlNode;
import io.stria.control.lease.Coordinator;
import io.stria.control.lease.DeviceFill;
import io.stria.control.lease.Incarnation;
import io.stria.control.lease.LeaseSink;
import io.stria.control.lease.LocalDevices;
import io.stria.control.lease.MapSink;
import io.stria.control.lease.Message;
import io.stria.control.lease.NodeAgent;
import io.stria.control.lease.Outbox;
import io.stria.control.lease.VoterReport;
import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.node.DataNode;
import io.stria.dataplane.node.StoreService;
import io.stria.dataplane.node.VolumeListener;
import io.stria.dataplane.peer.PeerAuth;
import io.stria.dataplane.peer.PeerTarget;
import io.stria.dataplane.peer.RemoteStore;
import io.stria.dataplane.store.DeviceIdentity;
import io.stria.dataplane.volume.MapProposals;
import io.stria.dataplane.volume.ScrubFigures;
import io.stria.dataplane.volume.VolumeOwner;
import io.stria.runtime.Alarm;
import io.stria.runtime.Reactor;
import io.stria.runtime.Ticker;
import io.stria.runtime.sim.SimulatedEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One process of a node, wired as in production: a reactor for the data plane, another in place of
 * the control plane's thread, and only messages between the two. Dead processes run no code.
 */
final class NodeProcess {
    /** Longer than in production, so that whatever a sleeping reactor misses shows. */
    private static final long SLEEP_MAX_NS = 10_000_000_000L;

    private final SimulatedNode node;
    private final SimulatedCluster cluster;
    private final Reactor data;
    private final Reactor control;
    private final PeerAuth auth;
    private final AtomicLong associations = new AtomicLong(1);
    private final Arena memory = Arena.ofConfined();
    private final Map<UUID, StoreService> stores = new LinkedHashMap<>();
    private final PresentedVolumes presented = new PresentedVolumes();
    private final @Nullable InMemoryLog log;
    private final int start;
    private @Nullable PeerTarget peerTarget;
    private @Nullable DataNode dataNode;
    private @Nullable ControlNode controlNode;
    private ClusterMap applied =
            ClusterMap.initial(SimulatedCluster.CLUSTER_ID, ClusterConfig.PAGE_SHIFT);
    private long leaseUntilNs;
    private int refused;
    private boolean ended;

    /**
     * @param start how many processes of this node there were before
     */
    NodeProcess(SimulatedNode node, SimulatedCluster cluster, int start) {
        this.node = node;
        this.cluster = cluster;
        this.start = start;
        SimulatedEngine engine = node.host().start();
        data = engine.newReactor("data");
        control = node.host().addReactor().newReactor("control");
        auth = new PeerAuth(SimulatedCluster.SECRET, () -> cluster.nonce());
        boolean voter = node.id() <= cluster.config().voters();
        log = voter ? cluster.consensus().log(node.id()) : null;
        data.execute(this::openStores);
    }

    private void openStores() {
        for (SimulatedNode.Disk disk : node.disks()) {
            cluster.stores()
                    .open(
                            node.host(),
                            data,
                            memory,
                            disk.path(),
                            new DeviceIdentity(
                                    SimulatedCluster.CLUSTER_ID,
                                    disk.deviceId(),
                                    ClusterConfig.PAGE_SHIFT),
                            associations::incrementAndGet,
                            new StoreOpener.Listener() {
                                @Override
                                public void onOpen(StoreService store) {
                                    NodeProcess.this.onOpen(disk.deviceId(), store);
                                }

                                @Override
                                public void onRefused(String reason) {
                                    NodeProcess.this.onRefused(disk, reason);
                                }
                            });
        }
    }

    private void onOpen(UUID deviceId, StoreService store) {
        StoreService used = cluster.seams().store(node.id(), deviceId, store);
        stores.put(
                deviceId,
                cluster.watch()
                        .watched(
                                node.id(),
                                used,
                                data.engine().clock(),
                                request ->
                                        cluster.onExecuted(
                                                deviceId, request, node.hasFailed(deviceId))));
        startWhenOpened();
    }

    private void onRefused(SimulatedNode.Disk disk, String reason) {
        cluster.story()
                .tell("node %d does without %s: %s".formatted(node.id(), disk.path(), reason));
        cluster.story().met(Hardship.REFUSED_DEVICE);
        refused++;
        startWhenOpened();
    }

    /** A node without any device does not start. */
    private void startWhenOpened() {
        if (stores.size() + refused < node.disks().size()) {
            return;
        }
        if (stores.isEmpty()) {
            cluster.simulation().after(0, () -> node.killIfStill(this));
        } else {
            startDataPlane();
            control.execute(this::startControlPlane);
        }
    }

    /** The devices of this node that this process has. */
    private final class Devices implements LocalDevices {
        @Override
        public List<DeviceSpec> specs() {
            return node.deviceSpecs().stream()
                    .filter(spec -> stores.containsKey(spec.id()))
                    .toList();
        }

        @Override
        public List<DeviceFill> fills() {
            return stores.keySet().stream()
                    .filter(NodeProcess.this::hasDevice)
                    .map(cluster.stores()::fill)
                    .toList();
        }
    }

    private void startDataPlane() {
        Map<UUID, StoreService> ordered = new LinkedHashMap<>();
        for (SimulatedNode.Disk disk : node.disks()) {
            StoreService store = stores.get(disk.deviceId());
            if (store != null) {
                ordered.put(disk.deviceId(), store);
            }
        }
        try {
            InetSocketAddress peers =
                    new InetSocketAddress(
                            node.host().addresses().getFirst(), cluster.dataPort() + 1);
            PeerTarget target =
                    new PeerTarget(
                            data.engine(),
                            data.timers(),
                            peers,
                            auth,
                            associations::incrementAndGet);
            ordered.forEach((id, store) -> target.addDevice(id, store::submit));
            peerTarget = target;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        DataNode started =
                new DataNode(
                        node.id(),
                        data.engine().clock(),
                        ordered,
                        (peer, slot) ->
                                new RemoteStore(
                                        data.engine(),
                                        new InetSocketAddress(peer.address(), peer.peerPort()),
                                        node.id(),
                                        slot.deviceId(),
                                        auth),
                        associations::incrementAndGet,
                        cluster.config().owner(),
                        cluster.seams().proposals(node.id(), new Proposals()),
                        presented);
        dataNode = started;
        data.addPoller(started);
        data.addPoller(new Alarm(data.timers(), started::nextHedgeNs));
        data.addPoller(new Ticker(data.timers(), SLEEP_MAX_NS, started::nextDeadlineNs, () -> {}));
    }

    private void startControlPlane() {
        if (log != null) {
            log.start();
            log.onNews(this::wakeControl);
        }
        Outbox outbox = (to, message) -> cluster.mail().send(node.id(), to, message);
        Sinks sinks = new Sinks();
        NodeAgent agent =
                new NodeAgent(
                        new AgentConfig(
                                SimulatedNode.spec(node.id(), cluster.config()),
                                cluster.nodes().stream().map(SimulatedNode::id).toList(),
                                1000L * node.id() + start,
                                Incarnation.ofProcess(
                                        Incarnation.start(node.wallClockMs(), cluster.drawn())),
                                cluster.config().lease()),
                        outbox,
                        cluster.seams().maps(node.id(), sinks),
                        cluster.seams().leases(node.id(), sinks),
                        new Devices(),
                        () ->
                                log == null
                                        ? VoterReport.NONE
                                        : VoterReport.works(VoterReport.UNKNOWN_BYTES),
                        why -> node.kill());
        ControlNode started =
                new ControlNode(
                        agent,
                        outbox,
                        log,
                        log == null
                                ? null
                                : new Coordinator(
                                        node.id(),
                                        log,
                                        cluster.config().lease(),
                                        outbox,
                                        cluster.bootstrap()),
                        control.timers().nowNs());
        controlNode = started;
        control.addPoller(started::poll);
        control.addPoller(
                new Ticker(control.timers(), SLEEP_MAX_NS, started::nextPollNs, () -> {}));
    }

    private void wakeControl() {
        control.execute(() -> {});
    }

    /** Before an owner ends, and whenever somebody asks. */
    void tellMended() {
        DataNode running = dataNode;
        if (running != null) {
            Map<String, Long> faults = running.ofOwners(VolumeOwner::silentFaults);
            running.ofOwners(VolumeOwner::scrubFigures)
                    .forEach((volume, scrubs) ->
                            cluster.onMended(scrubs.epoch(), faults.getOrDefault(volume, 0L)));
        }
    }

    /** Of the volume's owner, if it is here. */
    ScrubFigures scrubs() {
        DataNode running = dataNode;
        return running == null
                ? ScrubFigures.NONE
                : running.ofOwners(VolumeOwner::scrubFigures).values().stream()
                        .findFirst()
                        .orElse(ScrubFigures.NONE);
    }

    /** An operator's word has come to the volume's owner. */
    void scrubNow(VolumeEntry volume) {
        data.execute(() -> {
            if (dataNode != null) {
                dataNode.onScrubAsked(volume.vuid(), volume.epoch());
            }
        });
    }

    /** Nothing in it runs any more. */
    void ended() {
        tellMended();
        ended = true;
        presented.forget();
        memory.close();
        if (log != null && controlNode != null) {
            log.stop();
        }
    }

    /**
     * The machine stands still, and what of the process does not run on its engines does so, too.
     */
    void standStill() {
        if (log != null) {
            log.standStill();
        }
    }

    void goOn() {
        if (log != null) {
            log.goOn();
        }
    }

    boolean isEnded() {
        return ended;
    }

    void onMessage(int from, Message message) {
        control.execute(() -> {
            ControlNode running = controlNode;
            if (running != null) {
                running.onMessage(from, message, control.timers().nowNs());
            }
        });
    }

    /** Runs on the reactor of the data plane, as an IO that arrives does. */
    void execute(Runnable command) {
        data.execute(command);
    }

    /** Runs with the agent of a control plane that is up. */
    void withAgent(java.util.function.BiConsumer<NodeAgent, Long> action) {
        control.execute(() -> {
            ControlNode running = controlNode;
            if (running != null) {
                action.accept(running.agent(), control.timers().nowNs());
            }
        });
    }

    /** As when it is told to end: its devices take long to close, and its control plane goes on. */
    void stopServing() {
        data.execute(() -> {
            if (dataNode != null) {
                dataNode.stop();
            }
        });
    }

    /** Its supervisor tells it of another process's end. */
    void attestEnded(int nodeId, long incarnation) {
        control.execute(() -> {
            ControlNode running = controlNode;
            if (running != null) {
                running.attestEnded(nodeId, incarnation, control.timers().nowNs(), result -> {});
            }
        });
    }

    /** Its supervisor tells it that another process stands still. */
    void hearStandstill(int nodeId, long incarnation) {
        control.execute(() -> {
            ControlNode running = controlNode;
            if (running != null) {
                running.standsStill(nodeId, incarnation, control.timers().nowNs());
            }
        });
    }

    long incarnation() {
        ControlNode running = controlNode;
        return running == null ? 0 : running.agent().incarnation();
    }

    SimulatedNode node() {
        return node;
    }

    @Nullable ControlNode controlNodeOrNull() {
        return controlNode;
    }

    StoreService store(UUID deviceId) {
        StoreService store = stores.get(deviceId);
        if (store == null) {
            throw new IllegalStateException("no store of " + deviceId + " is open");
        }
        return store;
    }

    /** Whether the process has the device, and it takes writes. */
    boolean hasDevice(UUID deviceId) {
        StoreService store = stores.get(deviceId);
        return store != null && store.failure() == null;
    }

    boolean holdsLease() {
        return leaseUntilNs != 0 && leaseUntilNs - data.engine().clock().nowNs() > 0;
    }

    /** Of the newest map of which the data plane has said that it has it. */
    long appliedEpoch() {
        return applied.epoch();
    }

    /** The volume's epoch in the newest map of which the data plane has said that it has it. */
    int appliedVolumeEpoch(int vuid) {
        return applied.volume(vuid).map(VolumeEntry::epoch).orElse(0);
    }

    /** The volume as this node presents it to hosts, or null. */
    @Nullable BlockDevice deviceOrNull(int vuid) {
        return presented.devices.get(vuid);
    }

    /** What hosts are told: whether the path through this node is optimized. */
    boolean isOptimized(int vuid) {
        return presented.optimized.containsKey(vuid);
    }

    boolean servesAny() {
        return !presented.optimized.isEmpty();
    }

    Map<String, String> progress() {
        return dataNode == null ? Map.of() : dataNode.ofOwners(VolumeOwner::progress);
    }

    @Override
    public String toString() {
        ControlNode running = controlNode;
        return running == null
                ? "starting"
                : "applied %d in force %d%s leader %d %s"
                        .formatted(
                                running.agent().appliedEpoch(),
                                running.agent().inForceEpoch(),
                                holdsLease() ? " leased" : "",
                                running.leader().nodeId(),
                                progress());
    }

    private final class PresentedVolumes implements VolumeListener {
        private final Map<Integer, BlockDevice> devices = new LinkedHashMap<>();
        private final Map<Integer, Integer> optimized = new LinkedHashMap<>();

        @Override
        public void onVolume(VolumeEntry volume, BlockDevice device) {
            devices.put(volume.vuid(), device);
        }

        @Override
        public void onServing(VolumeEntry volume, boolean serving) {
            if (serving) {
                boolean first = optimized.isEmpty();
                optimized.put(volume.vuid(), volume.epoch());
                if (first) {
                    cluster.onServes(true);
                }
                cluster.onServing(NodeProcess.this, volume);
            } else {
                tellMended();
                remove(volume.vuid());
            }
        }

        @Override
        public void onVolumeGone(VolumeEntry volume) {
            devices.remove(volume.vuid());
            remove(volume.vuid());
        }

        private void remove(int vuid) {
            if (optimized.remove(vuid) != null && optimized.isEmpty()) {
                cluster.onServes(false);
            }
        }

        /** The process has ended. */
        void forget() {
            List.copyOf(optimized.keySet()).forEach(this::remove);
        }

        @Override
        public void onMap(ClusterMap map) {}
    }

    /** From the control plane to the reactor. */
    private final class Sinks implements MapSink, LeaseSink {
        @Override
        public void apply(ClusterMap map, Runnable applied) {
            data.execute(() -> {
                running()
                        .onMap(
                                map,
                                () -> {
                                    NodeProcess.this.applied = map;
                                    applied.run();
                                    wakeControl();
                                });
                if (peerTarget != null) {
                    peerTarget.onMap(map);
                }
            });
        }

        @Override
        public void inForce(long epoch) {
            data.execute(() -> {
                boolean owned = !progress().isEmpty();
                running().onInForce(epoch);
                if (!owned && !progress().isEmpty() && !holdsLease()) {
                    throw new AssertionError(
                            "an owner on node %d begins without a lease".formatted(node.id()));
                }
            });
        }

        @Override
        public void leaseUntil(long deadlineNs) {
            data.execute(() -> {
                leaseUntilNs = deadlineNs;
                running().leaseUntil(deadlineNs);
                cluster.watch().check(NodeProcess.this);
            });
        }

        @Override
        public void wanted(int vuid, int volumeEpoch) {
            data.execute(() -> running().onWanted(vuid, volumeEpoch));
        }

        private DataNode running() {
            DataNode started = dataNode;
            if (started == null) {
                throw new IllegalStateException("the control plane started first");
            }
            return started;
        }
    }

    /** From owners on the reactor to the control plane. */
    private final class Proposals implements MapProposals {
        private void propose(Decision decision) {
            withAgent((agent, nowNs) -> agent.proposeUnderLease(decision, nowNs, result -> {}));
        }

        @Override
        public void markBehind(int vuid, int epoch, int slot, String reason) {
            cluster.story()
                    .tell("node %d: slot %d is behind: %s".formatted(node.id(), slot, reason));
            propose(new Decision.MarkBehind(vuid, epoch, slot, reason));
        }

        @Override
        public void markInSync(int vuid, int epoch, int slot, long markEpoch) {
            cluster.syncs().proposed(vuid, epoch, slot, markEpoch);
            propose(new Decision.MarkInSync(vuid, epoch, slot, markEpoch));
        }

        @Override
        public void movePages(
                int vuid, int epoch, long since, long from, long to, SortedSet<Integer> without) {
            propose(new Decision.MovePages(vuid, epoch, since, from, to, without));
        }

        @Override
        public void deviceDown(UUID deviceId, String reason) {
            withAgent((agent, nowNs) ->
                    agent.proposeUnderLease(
                            new Decision.DeviceDown(
                                    node.id(), agent.incarnation(), deviceId, reason),
                            nowNs,
                            result -> {}));
        }

        @Override
        public void cutOff(int vuid, int epoch) {
            withAgent((agent, nowNs) -> agent.cutOff(vuid, epoch));
        }

        @Override
        public void takeVolume(int vuid, int epoch) {
            propose(new Decision.TakeVolume(vuid, epoch, node.id()));
        }

        @Override
        public void serving(int vuid, int epoch) {
            withAgent((agent, nowNs) -> agent.serving(vuid, epoch));
        }
    }
}
