package io.stria.runtime.sim;

import io.stria.runtime.StreamHandler;
import io.stria.runtime.TcpStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Two hosts; whatever connects to the one is collected. */
final class NetworkBench {
    static final long SECOND_NS = 1_000_000_000L;
    static final int PORT = 4420;
    static final InetSocketAddress SERVER = new InetSocketAddress("10.0.0.1", PORT);

    final Simulation simulation;
    final SimulatedNetwork network;
    final SimulatedHost serverHost;
    final SimulatedHost clientHost;
    final List<Collector> accepted = new ArrayList<>();
    SimulatedEngine server;
    SimulatedEngine client;

    NetworkBench(long seed) {
        simulation = new Simulation(seed);
        simulation.traceLast(50);
        network = new SimulatedNetwork(simulation);
        serverHost = network.addHost("server", "10.0.0.1");
        clientHost = network.addHost("client", "10.0.0.2");
        server = serverHost.start();
        client = clientHost.start();
        listen();
    }

    void listen() {
        try {
            server.listen(SERVER, this::accept);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private StreamHandler accept(TcpStream stream) {
        accepted.add(new Collector());
        return accepted.getLast();
    }

    /** A connection that both ends know of. */
    Collector connect() {
        int before = accepted.size();
        Collector collector = new Collector();
        client.connect(SERVER, collector);
        client.runUntil(() ->
                accepted.size() > before
                        && accepted.getLast().stream != null
                        && collector.stream != null);
        return collector;
    }

    Collector far() {
        return accepted.getLast();
    }

    static void send(Collector from, byte[] bytes) {
        MemorySegment memory = Arena.ofAuto().allocate(bytes.length);
        memory.copyFrom(MemorySegment.ofArray(bytes));
        from.stream().send(memory, 0, bytes.length);
    }

    static byte[] bytes(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    void run(long seconds) {
        simulation.runFor(seconds * SECOND_NS);
    }
}
