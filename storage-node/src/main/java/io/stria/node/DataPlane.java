package io.stria.node;

import io.stria.clustermap.ClusterMap;
import io.stria.control.lease.DeviceFill;
import io.stria.control.lease.ScrubReport;
import io.stria.dataplane.node.DataNode;
import io.stria.dataplane.node.DeviceStore;
import io.stria.dataplane.node.StoreService;
import io.stria.dataplane.peer.PeerAuth;
import io.stria.dataplane.peer.PeerCounters;
import io.stria.dataplane.peer.PeerTarget;
import io.stria.dataplane.peer.RemoteStore;
import io.stria.dataplane.store.ChunkStore;
import io.stria.dataplane.store.StoreConfig;
import io.stria.dataplane.volume.MapProposals;
import io.stria.dataplane.volume.OwnerConfig;
import io.stria.node.cluster.ClusterDevice;
import io.stria.node.cluster.EngineKind;
import io.stria.node.metrics.DataPlaneFigures;
import io.stria.node.spdk.SpdkStart;
import io.stria.nvmf.ControllerIds;
import io.stria.nvmf.DiscoverySubsystem;
import io.stria.nvmf.NvmfTarget;
import io.stria.nvmf.TargetConfig;
import io.stria.nvmf.TargetCounters;
import io.stria.runtime.Alarm;
import io.stria.runtime.Heartbeat;
import io.stria.runtime.Memory;
import io.stria.runtime.Reactor;
import io.stria.runtime.ReactorConfig;
import io.stria.runtime.Ticker;
import io.stria.runtime.spdk.SpdkAddress;
import io.stria.runtime.spdk.SpdkEngine;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The data plane of one node: a reactor with its devices, the way to peers, and the target for
 * hosts. Methods may be called from any thread; they hand over to the reactor.
 */
public final class DataPlane implements DataPlaneService {
    private static final System.Logger LOG = System.getLogger(DataPlane.class.getName());
    private static final long SLEEP_MAX_NS = 100_000_000L;

    /** Half a lease: far longer than a reactor takes for a loop, or sleeps. */
    private static final long STANDS_NS = 1_000_000_000L;

    private static final long CLOSE_TIMEOUT_S = 10;

    private final NodeConfig config;
    private final MapProposals proposals;
    private final PeerAuth auth;
    private final Memory memory = new Memory();
    private final EngineKind engine;
    private final Reactor reactor;
    private final @Nullable SpdkEngine spdk;
    private final Heartbeat heartbeat;
    private final Map<UUID, ChunkStore> stores = new LinkedHashMap<>();
    private final DataPlaneSnapshots snapshots = new DataPlaneSnapshots(stores);
    private final AtomicLong associations = new AtomicLong(1);
    private final CompletableFuture<DataNode> started = new CompletableFuture<>();
    private volatile @Nullable PeerTarget peerTarget;
    private volatile @Nullable TargetVolumes volumes;

    /**
     * @param proposals called on the reactor; must not block
     * @throws IOException when the kernel refuses the engine that was asked for, with what would
     *     allow it
     */
    public DataPlane(NodeConfig config, MapProposals proposals) throws IOException {
        this.config = config;
        this.proposals = proposals;
        SecureRandom random = new SecureRandom();
        this.heartbeat = heartbeat(config);
        this.auth =
                new PeerAuth(
                        config.secret().derive("stria peer connections", 32),
                        () -> {
                            byte[] nonce = new byte[32];
                            random.nextBytes(nonce);
                            return nonce;
                        });
        NodeEngine chosen = NodeEngine.open(config.engine(), memory);
        LOG.log(System.Logger.Level.INFO, chosen.sentence());
        this.engine = chosen.kind();
        List<SpdkAddress> devices = config.spdkDevices();
        this.spdk = devices.isEmpty() ? null : SpdkStart.over(chosen.engine(), devices);
        this.reactor =
                new Reactor(
                        ReactorConfig.named("reactor-0").idling(IdlePolicy.of(config)),
                        spdk == null ? chosen.engine() : spdk);
    }

    private static Heartbeat heartbeat(NodeConfig config) {
        Path shared = config.heartbeat();
        try {
            return shared == null ? Heartbeat.unwatched() : Heartbeat.watchedAt(shared);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "nobody watches this node: {0}", e.getMessage());
            return Heartbeat.unwatched();
        }
    }

    /**
     * Takes the devices' locks, opens the stores and listens. Nothing is served before a map and a
     * lease have come. A device that is refused is left out, unless no other is there.
     *
     * @throws IOException with one sentence
     */
    @Override
    public void start() throws IOException {
        reactor.start();
        DeviceOpener opener =
                new DeviceOpener(reactor, config, StoreConfig.defaults(), memory, spdk);
        DeviceRefusedException refused = null;
        for (ClusterDevice device : config.node().devices()) {
            try {
                ChunkStore store = opener.open(device);
                if (store == null) {
                    leaveOut(config.devicePath(device) + ": it is not there");
                } else {
                    stores.put(device.id(), store);
                }
            } catch (DeviceRefusedException e) {
                // As if it were not there: the others of this node are still needed.
                leaveOut(e.getMessage());
                refused = e;
            }
        }
        if (stores.isEmpty() && refused != null) {
            throw refused;
        }
        snapshots.followDevices();
        reactor.execute(this::startOnReactor);
        await(started);
    }

    private static void leaveOut(@Nullable String reason) {
        LOG.log(
                System.Logger.Level.ERROR,
                "a device is left out until this node starts again: {0}",
                reason);
    }

    @Override
    public EngineKind engine() {
        return engine;
    }

    /** Ids of the devices that are there and take writes. */
    @Override
    public Set<UUID> devices() {
        return snapshots.devices();
    }

    private void startOnReactor() {
        try {
            InetSocketAddress peers =
                    new InetSocketAddress(config.node().address(), config.node().peerPort());
            PeerTarget target =
                    new PeerTarget(
                            reactor.engine(),
                            reactor.timers(),
                            peers,
                            auth,
                            associations::incrementAndGet);
            peerTarget = target;
            Map<UUID, StoreService> services = new HashMap<>();
            stores.forEach((id, store) -> {
                DeviceStore adapter =
                        new DeviceStore(
                                store, reactor.engine().clock(), associations::incrementAndGet);
                services.put(id, adapter);
                target.addDevice(id, adapter);
            });
            TargetVolumes presented = startTarget();
            volumes = presented;
            DataNode node =
                    new DataNode(
                            config.id(),
                            reactor.engine().clock(),
                            services,
                            (peer, slot) ->
                                    new RemoteStore(
                                            reactor.engine(),
                                            new InetSocketAddress(peer.address(), peer.peerPort()),
                                            config.id(),
                                            slot.deviceId(),
                                            auth),
                            associations::incrementAndGet,
                            OwnerConfig.DEFAULT.with(HedgePolicy.ofEnvironment()),
                            proposals,
                            presented);
            reactor.addPoller(node);
            reactor.addPoller(new Alarm(reactor.timers(), node::nextHedgeNs));
            reactor.addPoller(this::beat);
            reactor.addPoller(
                    new Ticker(
                            reactor.timers(),
                            SLEEP_MAX_NS,
                            node::nextDeadlineNs,
                            () -> snapshots.onTick(node, reactor.timers().nowNs())));
            started.complete(node);
        } catch (IOException | RuntimeException e) {
            started.completeExceptionally(e);
        }
    }

    private TargetVolumes startTarget() throws IOException {
        InetSocketAddress hosts =
                new InetSocketAddress(config.node().address(), config.node().dataPort());
        ControllerIds ids = ControllerIds.ofNode(config.id(), System.nanoTime() >>> 20);
        NvmfTarget target =
                new NvmfTarget(
                        reactor.engine(), reactor.timers(), memory, TargetConfig.of(hosts, ids));
        TargetVolumes presented = new TargetVolumes(target, config.cluster().pageShift());
        target.listen();
        listenForDiscovery(target);
        return presented;
    }

    /**
     * Hosts that are not told a port look for discovery at its well-known one. Of several nodes at
     * one address, the first that starts has it; all answer the same at their data ports. A member
     * that needs that port for something else could not start any more.
     */
    private void listenForDiscovery(NvmfTarget target) {
        if (config.isMembers(DiscoverySubsystem.PORT)) {
            return;
        }
        String address = config.node().address();
        try {
            target.listen(new InetSocketAddress(address, DiscoverySubsystem.PORT));
            LOG.log(
                    System.Logger.Level.INFO,
                    "hosts find all volumes with nvme connect-all -t tcp -a {0}",
                    address);
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "port {0} of {1} cannot be had for discovery ({2}): hosts name port {3}",
                    String.valueOf(DiscoverySubsystem.PORT),
                    address,
                    e.getMessage(),
                    String.valueOf(config.node().dataPort()));
        }
    }

    private int beat(long nowNs) {
        heartbeat.beat(nowNs);
        return 0;
    }

    @Override
    public List<DeviceFill> fills() {
        return snapshots.fills();
    }

    @Override
    public DataPlaneFigures figures() {
        TargetVolumes presented = volumes;
        PeerTarget peers = peerTarget;
        return snapshots.figures(
                Map.of(reactor.name(), reactor.counters()),
                presented == null ? new TargetCounters() : presented.targetCounters(),
                peers == null ? new PeerCounters() : peers.counters(),
                presented == null ? Map.of() : presented.counters());
    }

    @Override
    public void apply(ClusterMap map, Runnable applied) {
        snapshots.onMap(map);
        started.thenAccept(node ->
                reactor.execute(() -> {
                    node.onMap(map, applied);
                    PeerTarget peers = peerTarget;
                    if (peers != null) {
                        peers.onMap(map);
                    }
                }));
    }

    @Override
    public void inForce(long epoch) {
        started.thenAccept(node -> reactor.execute(() -> node.onInForce(epoch)));
    }

    @Override
    public void wanted(int vuid, int volumeEpoch) {
        started.thenAccept(node -> reactor.execute(() -> node.onWanted(vuid, volumeEpoch)));
    }

    @Override
    public void scrub(int vuid, int volumeEpoch) {
        started.thenAccept(node -> reactor.execute(() -> node.onScrubAsked(vuid, volumeEpoch)));
    }

    @Override
    public List<ScrubReport> scrubs() {
        return ScrubReports.of(snapshots.scrubs(), nowNs());
    }

    @Override
    public void leaseUntil(long deadlineNs) {
        started.thenAccept(node ->
                reactor.execute(() -> {
                    heartbeat.leaseUntil(deadlineNs);
                    node.leaseUntil(deadlineNs);
                }));
    }

    @Override
    public void registersAs(long incarnation) {
        heartbeat.registersAs(incarnation);
    }

    @Override
    public boolean goesOn() {
        return nowNs() - heartbeat.beatNs() < STANDS_NS;
    }

    /** The reactor's clock, on which leases are counted. */
    @Override
    public long nowNs() {
        return reactor.engine().clock().nowNs();
    }

    /** Volumes served here now: VUID to volume epoch. */
    @Override
    public Map<Integer, Integer> serving() {
        return snapshots.serving();
    }

    /** What owners here are doing: volume name to a line for people. */
    @Override
    public Map<String, String> progress() {
        return snapshots.progress();
    }

    /** Stops serving, lets the stores finish what they accepted, and ends the reactor. */
    @Override
    public void close() {
        CompletableFuture<Boolean> closed = new CompletableFuture<>();
        reactor.execute(() -> {
            // Whoever could not be started serves nothing, and has told so.
            if (started.isDone() && !started.isCompletedExceptionally()) {
                started.join().stop();
            }
            int[] left = {stores.size()};
            stores.values()
                    .forEach(store ->
                            store.close(() -> {
                                if (--left[0] == 0) {
                                    closed.complete(true);
                                }
                            }));
            if (stores.isEmpty()) {
                closed.complete(true);
            }
        });
        try {
            closed.get(CLOSE_TIMEOUT_S, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "stores did not close in time; nothing acknowledged is lost");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        reactor.close();
        heartbeat.end();
    }

    private static <T> T await(CompletableFuture<T> future) throws IOException {
        try {
            return future.get(CLOSE_TIMEOUT_S, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure
                    ? failure
                    : new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("the data plane did not start in time", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
