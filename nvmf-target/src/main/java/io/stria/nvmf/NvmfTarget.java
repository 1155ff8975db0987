package io.stria.nvmf;

import io.stria.runtime.Engine;
import io.stria.runtime.LogLimiter;
import io.stria.runtime.Memory;
import io.stria.runtime.StreamHandler;
import io.stria.runtime.StreamListener;
import io.stria.runtime.TcpStream;
import io.stria.runtime.Timers;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An NVMe/TCP target: presents subsystems to hosts. Built before its reactor starts, or on it;
 * every call belongs to that reactor's thread, and so do all calls that it makes.
 */
public final class NvmfTarget implements AutoCloseable {
    private static final int LINGERING_MAX = 64;

    /** Of one kind. */
    private static final int LOG_LINES_PER_MINUTE = 30;

    private static final long LINGER_NS = 1_000_000_000L;

    private final Engine engine;
    private final Timers timers;
    private final TargetConfig config;
    private final LogLimiter log;
    private final Buffers buffers;
    private final Map<String, Subsystem> subsystems = new LinkedHashMap<>();
    private final TargetCounters counters = new TargetCounters();
    private final Set<Connection> connections = new LinkedHashSet<>();

    /** Those of them that are no queues yet, oldest first. */
    private final LinkedHashSet<Connection> strangers = new LinkedHashSet<>();

    /** Those that were terminated, and hear their hosts out; oldest first. */
    private final Set<Connection> lingering = new LinkedHashSet<>();

    private final List<StreamListener> listeners = new ArrayList<>();
    private final FloodLog flood;

    /** Of all queues that are connected, and one for each command that outlives its connection. */
    private int entries;

    /** Connections, also such as have ended, that have memory for commands. */
    private int memories;

    private boolean closed;
    private boolean freed;
    private Timers.@Nullable Timer stallTimer;

    /**
     * @param memory for data buffers; they come from it now and go back when the target has closed
     *     and no device works with one any more
     */
    public NvmfTarget(Engine engine, Timers timers, Memory memory, TargetConfig config) {
        this.engine = engine;
        this.timers = timers;
        this.config = config;
        this.log =
                new LogLimiter(
                        System.getLogger("io.stria.nvmf"), timers::nowNs, LOG_LINES_PER_MINUTE);
        this.buffers = new Buffers(memory, config.buffers());
        this.flood = new FloodLog(log, counters, config.connectionsMax());
    }

    /**
     * Accepts hosts on the configured address.
     *
     * @return the address, with the port that was picked
     */
    public InetSocketAddress listen() throws IOException {
        return listen(config.address());
    }

    /** Accepts hosts on one more address. */
    public InetSocketAddress listen(InetSocketAddress address) throws IOException {
        StreamListener listener = engine.listen(address, this::onAccept);
        listeners.add(listener);
        if (stallTimer == null) {
            checkStalls();
        }
        return listener.localAddress();
    }

    /** Presents a subsystem from now on. */
    public void add(Subsystem subsystem) {
        if (subsystem.transferBytesMax() > config.buffers().hugeBytes()) {
            throw new IllegalArgumentException(
                    "%s needs buffers of %d bytes, the largest have %d"
                            .formatted(
                                    subsystem.nqn(),
                                    subsystem.transferBytesMax(),
                                    config.buffers().hugeBytes()));
        }
        if (subsystems.putIfAbsent(subsystem.nqn(), subsystem) != null) {
            throw new IllegalArgumentException(subsystem.nqn() + " is there already");
        }
    }

    /** Hosts lose it at once; commands that its device works on still end. */
    public void remove(Subsystem subsystem) {
        if (subsystems.remove(subsystem.nqn(), subsystem)) {
            subsystem.endAll("the subsystem was removed");
            buffers.forget(subsystem);
        }
    }

    public Collection<Subsystem> subsystems() {
        return List.copyOf(subsystems.values());
    }

    public @Nullable Subsystem subsystem(String nqn) {
        return subsystems.get(nqn);
    }

    public int connections() {
        return connections.size();
    }

    public TargetCounters counters() {
        return counters;
    }

    void onMemoryTaken() {
        memories++;
    }

    void onMemoryFreed() {
        memories--;
    }

    /** Connections whose memory has not been given back. */
    int memories() {
        return memories;
    }

    /** Data buffers that nothing uses. */
    public int freeBuffers() {
        return buffers.freeCount();
    }

    @Override
    public void close() {
        listeners.forEach(StreamListener::close);
        listeners.clear();
        if (stallTimer != null) {
            stallTimer.cancel();
        }
        subsystems.values().forEach(subsystem -> subsystem.endAll("the target closes"));
        List.copyOf(connections).forEach(connection -> connection.close("the target closes"));
        List.copyOf(lingering).forEach(connection -> connection.stream().close());
        closed = true;
        onBufferBack();
    }

    /** A device has given back a buffer of a connection that has gone. */
    void onBufferBack() {
        if (closed && !freed && buffers.areWhole()) {
            freed = true;
            buffers.free();
        }
    }

    TargetConfig config() {
        return config;
    }

    Timers timers() {
        return timers;
    }

    LogLimiter log() {
        return log;
    }

    Buffers buffers() {
        return buffers;
    }

    private StreamHandler onAccept(TcpStream stream) {
        flood.onConnections(connections.size());
        if (connections.size() >= config.connectionsMax() && !displaceStranger()) {
            counters.onRefused();
            log.log(
                    Level.WARNING,
                    "connections were refused",
                    "refused a connection of %s: there are %d already, all of them queues"
                            .formatted(stream.remoteAddress(), connections.size()));
            stream.close();
            return new RefusedStream();
        }
        counters.onAccepted();
        Connection connection = new Connection(this, stream);
        connections.add(connection);
        strangers.add(connection);
        return connection;
    }

    /** Connections that become nothing do not keep hosts outside: the oldest one has to go. */
    private boolean displaceStranger() {
        if (strangers.isEmpty()) {
            return false;
        }
        counters.onDisplaced();
        strangers.iterator().next().close("made room: too many connections that are no queues");
        return true;
    }

    /** A queue of that many entries may be connected. */
    boolean hasRoomFor(int more) {
        return entries + more <= config.entriesMax();
    }

    /** A queue was connected, or with a negative number it or a command that it left has ended. */
    void onEntries(int change) {
        entries += change;
        assert entries >= 0;
    }

    /** It is a host's that has been here, and no stranger. */
    void onConnectWaits(Connection connection) {
        strangers.remove(connection);
    }

    /** Unless it becomes a queue now it is one again, of the older ones. */
    void onConnectWaitEnds(Connection connection) {
        strangers.addFirst(connection);
    }

    void onQueue(Connection connection) {
        strangers.remove(connection);
    }

    private void checkStalls() {
        long nowNs = timers.nowNs();
        flood.onConnections(connections.size());
        List.copyOf(connections).forEach(connection -> connection.checkStall(nowNs));
        log.tell();
        stallTimer = timers.schedule(config.stallTimeoutNs() / 4, this::checkStalls);
    }

    void onConnectionClosed(Connection connection) {
        counters.onClosed();
        connections.remove(connection);
        strangers.remove(connection);
    }

    /** Keeps the stream of a terminated connection for a while. */
    void linger(Connection connection) {
        if (lingering.size() == LINGERING_MAX) {
            Connection oldest = lingering.iterator().next();
            lingering.remove(oldest);
            oldest.stream().close();
        }
        lingering.add(connection);
        connection.linger(LINGER_NS);
    }

    void onStreamClosed(Connection connection) {
        lingering.remove(connection);
    }

    /** Hears out a stream that nobody wants. */
    private static final class RefusedStream implements StreamHandler {
        @Override
        public void onConnected(TcpStream stream) {
            stream.close();
        }

        @Override
        public int onData(TcpStream stream, MemorySegment buffer, long offset, int length) {
            return length;
        }

        @Override
        public void onSendSpace(TcpStream stream) {}

        @Override
        public void onClosed(TcpStream stream, int errno) {}
    }
}
