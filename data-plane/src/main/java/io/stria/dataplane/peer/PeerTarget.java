package io.stria.dataplane.peer;

import io.stria.dataplane.device.FragmentRequest;
import io.stria.runtime.Engine;
import io.stria.runtime.StreamListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Presents this node's devices to the other nodes: one NVMe/TCP subsystem each, for members that
 * prove to know the cluster's secret. Owned by one reactor.
 */
public final class PeerTarget implements AutoCloseable {
    /** The store of one device; requests carry their association. */
    public interface Device {
        void submit(FragmentRequest request);
    }

    static final int CONNECTIONS_MAX = 4096;

    private final PeerAuth auth;
    private final LongSupplier associations;
    private final StreamListener listener;
    private final Map<String, Device> devices = new HashMap<>();
    private final ArrayDeque<PeerConnection> starved = new ArrayDeque<>();
    private final PeerBuffers buffers = new PeerBuffers(1024, 128);
    private int connections;

    /**
     * @param associations numbers that no local client of a store uses either
     * @throws IOException if the address cannot be bound
     */
    public PeerTarget(
            Engine engine, InetSocketAddress address, PeerAuth auth, LongSupplier associations)
            throws IOException {
        this.auth = auth;
        this.associations = associations;
        this.listener = engine.listen(address, stream -> new PeerConnection(this));
    }

    public void addDevice(UUID deviceId, Device device) {
        devices.put(PeerNames.device(deviceId), device);
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

    long newAssociation() {
        return associations.getAsLong();
    }

    @Nullable Device deviceOrNull(String nqn) {
        return devices.get(nqn);
    }

    PeerBuffers buffers() {
        return buffers;
    }

    /** False: too many, the new one is to be closed. */
    boolean opened() {
        return ++connections <= CONNECTIONS_MAX;
    }

    void closed(PeerConnection connection) {
        connections--;
        starved.remove(connection);
    }

    /** The connection waits for a buffer. */
    void starved(PeerConnection connection) {
        starved.add(connection);
    }

    void bufferFreed() {
        PeerConnection next = starved.poll();
        if (next != null) {
            next.resume();
        }
    }
}
