package io.stria.dataplane.peer;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.NodeState;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.runtime.Engine;
import io.stria.runtime.LogLimiter;
import io.stria.runtime.StreamListener;
import io.stria.runtime.Timers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Presents this node's devices to the other nodes: one NVMe/TCP subsystem each, for members that
 * prove to know the cluster's secret. Owned by one reactor.
 *
 * <p>Buffers are bounded for all peers together. So one that does not take its answers, does not
 * log in, does not end what it has begun to send, or is down by the word of the map is
 * disconnected, and each has a bounded share; so has each device, which may hang. While a command
 * waits for a buffer nothing is read, not even the end of its connection: when its owner must have
 * given it up, the connection goes.
 */
public final class PeerTarget implements AutoCloseable {
    /** The store of one device; requests carry their association. */
    public interface Device {
        void submit(FragmentRequest request);
    }

    private static final System.Logger LOG = System.getLogger(PeerTarget.class.getName());
    private static final int LOG_LINES_PER_MINUTE = 20;
    static final int CONNECTIONS_MAX = 4096;
    static final int SMALL_BUFFERS = 1024;
    static final int LARGE_BUFFERS = 128;
    private static final long CHECK_NS = 250_000_000L;

    private final PeerAuth auth;
    private final LongSupplier associations;
    private final Timers timers;
    private final StreamListener listener;
    private final Map<String, Device> devices = new HashMap<>();
    private final PeerLine line = new PeerLine();
    private final PeerBuffers buffers = new PeerBuffers(SMALL_BUFFERS, LARGE_BUFFERS);
    private final Map<String, PeerShare> shares = new HashMap<>();
    private final Set<PeerConnection> connections = new LinkedHashSet<>();

    /** Those of them that have yet to log in, oldest first. */
    private final Set<PeerConnection> strangers = new LinkedHashSet<>();

    private final PeerCounters counters = new PeerCounters();
    private final LogLimiter log;
    private boolean checking;

    /**
     * @param associations rising numbers that no local client of a store uses either
     * @throws IOException if the address cannot be bound
     */
    public PeerTarget(
            Engine engine,
            Timers timers,
            InetSocketAddress address,
            PeerAuth auth,
            LongSupplier associations)
            throws IOException {
        this.timers = timers;
        this.auth = auth;
        this.log = new LogLimiter(LOG, engine.clock(), LOG_LINES_PER_MINUTE);
        this.associations = associations;
        this.listener = engine.listen(address, stream -> new PeerConnection(this));
    }

    public void addDevice(UUID deviceId, Device device) {
        devices.put(PeerNames.device(deviceId), device);
    }

    /** Members that the map says are down, or removed, are disconnected: they hold no lease. */
    public void onMap(ClusterMap map) {
        for (PeerConnection connection : List.copyOf(connections)) {
            int nodeId = connection.memberOrNone();
            boolean down =
                    map.node(nodeId).filter(node -> node.state() != NodeState.ONLINE).isPresent();
            if (down) {
                connection.close("the map says that it is down");
            }
        }
    }

    private void checkLater() {
        checking = !connections.isEmpty();
        if (checking) {
            timers.schedule(CHECK_NS, this::check);
        }
    }

    private void check() {
        long nowNs = timers.nowNs();
        for (PeerConnection connection : List.copyOf(connections)) {
            connection.check(nowNs);
        }
        log.tell();
        checkLater();
    }

    public InetSocketAddress localAddress() {
        return listener.localAddress();
    }

    @Override
    public void close() {
        listener.close();
    }

    PeerAuth auth() {
        return auth;
    }

    /** Another number for each that logs in, higher than those before. */
    long newConnection() {
        return associations.getAsLong();
    }

    @Nullable Device deviceOrNull(String nqn) {
        return devices.get(nqn);
    }

    /** What a device's commands have of the buffers; connections come and go, and it stays. */
    PeerShare shareOf(String nqn) {
        return shares.computeIfAbsent(nqn, _ -> new PeerShare(buffers));
    }

    PeerBuffers buffers() {
        return buffers;
    }

    int connections() {
        return connections.size();
    }

    /** Connections that wait for a buffer. */
    int waiting() {
        return line.size();
    }

    long nowNs() {
        return timers.nowNs();
    }

    public PeerCounters counters() {
        return counters;
    }

    /** What is wrong with a peer, or with somebody who is none. */
    void warn(String kind, String line) {
        log.log(System.Logger.Level.WARNING, kind, line);
    }

    /**
     * False: too many, the new one is to be closed. Those that never log in do not keep members
     * outside: the oldest one goes instead.
     */
    boolean opened(PeerConnection connection) {
        if (connections.size() >= CONNECTIONS_MAX) {
            if (strangers.isEmpty()) {
                return false;
            }
            PeerConnection oldest = strangers.iterator().next();
            counters.onDisplaced();
            oldest.close("made room: too many connections that have not logged in");
            closed(oldest);
        }
        counters.onAccepted();
        connections.add(connection);
        strangers.add(connection);
        if (!checking) {
            checkLater();
        }
        return true;
    }

    void loggedIn(PeerConnection connection) {
        strangers.remove(connection);
    }

    void closed(PeerConnection connection) {
        connections.remove(connection);
        strangers.remove(connection);
        line.leave(connection);
    }

    /** The connection waits for a buffer. */
    void starved(PeerConnection connection) {
        line.join(connection);
    }

    void bufferFreed() {
        line.onFreed();
    }
}
