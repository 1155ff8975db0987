package io.stria.runtime.sim;

import io.stria.runtime.StreamListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A host's addresses and ports, and the wire on which its bytes leave one after another. */
final class NetworkCard {
    private static final int FIRST_EPHEMERAL_PORT = 32768;
    private static final int LAST_PORT = 65535;

    private final SimulatedHost host;
    private final List<InetAddress> addresses;
    private final Map<Integer, SimulatedListener> listeners = new HashMap<>();
    private int lastPort = FIRST_EPHEMERAL_PORT;
    private long freeNs;

    NetworkCard(SimulatedHost host, List<InetAddress> addresses) {
        this.host = host;
        this.addresses = addresses;
    }

    List<InetAddress> addresses() {
        return addresses;
    }

    SimulatedListener listen(
            SimulatedEngine engine, InetSocketAddress address, StreamListener.AcceptHandler handler)
            throws IOException {
        InetAddress bound = address.getAddress();
        if (bound == null || !(bound.isAnyLocalAddress() || isLocal(bound))) {
            throw new IOException(host + " has no address " + address);
        }
        int port = address.getPort() == 0 ? freePort() : address.getPort();
        if (listeners.containsKey(port)) {
            throw new IOException("port " + port + " of " + host + " is in use");
        }
        SimulatedListener listener =
                new SimulatedListener(this, engine, new InetSocketAddress(bound, port), handler);
        listeners.put(port, listener);
        return listener;
    }

    void removeListener(int port) {
        listeners.remove(port);
    }

    @Nullable SimulatedListener listenerAt(InetSocketAddress address) {
        SimulatedListener listener = listeners.get(address.getPort());
        return listener != null && listener.accepts(address.getAddress()) ? listener : null;
    }

    boolean isLocal(InetAddress address) {
        return address.isLoopbackAddress() || addresses.contains(address);
    }

    /** The near end of a connection to this address. */
    InetSocketAddress ephemeral(InetSocketAddress remote) {
        InetAddress to = remote.getAddress();
        boolean loopback = addresses.isEmpty() || (to != null && to.isLoopbackAddress());
        InetAddress own = loopback ? InetAddress.getLoopbackAddress() : addresses.getFirst();
        return new InetSocketAddress(own, freePort());
    }

    private int freePort() {
        do {
            lastPort = lastPort == LAST_PORT ? FIRST_EPHEMERAL_PORT : lastPort + 1;
        } while (listeners.containsKey(lastPort));
        return lastPort;
    }

    /** When these bytes have left the host, after those that wait already. */
    long leaveNs(long bytes, long bytesPerSecond) {
        if (bytesPerSecond == 0) {
            return host.simulation().nowNs();
        }
        freeNs =
                Math.max(freeNs, host.simulation().nowNs())
                        + bytes * 1_000_000_000L / bytesPerSecond;
        return freeNs;
    }
}
