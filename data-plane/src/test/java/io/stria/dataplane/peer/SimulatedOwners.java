package io.stria.dataplane.peer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.runtime.sim.SimulatedEngine;
import io.stria.runtime.sim.SimulatedNetwork;
import io.stria.runtime.sim.Simulation;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/** Owners that ask the devices of one store, each on a host of its own. */
final class SimulatedOwners {
    private static final byte[] SECRET =
            "sixteen bytes or more".getBytes(StandardCharsets.US_ASCII);
    private static final long SECOND_NS = 1_000_000_000L;

    private final Simulation simulation;
    private final SimulatedNetwork network;
    private final InetSocketAddress store;
    private int owners;

    SimulatedOwners(Simulation simulation, SimulatedNetwork network, InetSocketAddress store) {
        this.simulation = simulation;
        this.network = network;
        this.store = store;
    }

    /** Theirs and the store's. */
    static PeerAuth auth() {
        return new PeerAuth(SECRET, new byte[32]::clone);
    }

    /** The store's end, on its host's engine. */
    PeerTarget target(SimulatedEngine engine) throws IOException {
        AtomicLong associations = new AtomicLong(100);
        return new PeerTarget(
                engine, engine.timers(), store, auth(), associations::incrementAndGet);
    }

    /** One more of them, connected to a device. */
    RemoteStore connect(UUID device) {
        int node = ++owners;
        SimulatedEngine engine = network.addHost("owner" + node, "10.0.1." + node).start();
        RemoteStore remote = new RemoteStore(engine, store, node, device, auth());
        engine.drive(
                nowNs -> engine.poll() + remote.poll(nowNs),
                () -> engine.clock().nowNs() + SECOND_NS / 1000);
        assertTrue(
                simulation.runUntil(
                        () -> remote.connection() != 0, simulation.nowNs() + SECOND_NS));
        return remote;
    }

    /** A read of so many fragments of 2 KiB, whose completion nobody hears yet. */
    static FragmentRequest read(int fragments) {
        int bytes = fragments * FragmentFormat.stride(2048);
        FragmentRequest request = new FragmentRequest();
        request.op = FragmentOp.READ;
        request.address = DeviceAddress.of(77, 4096);
        request.count = fragments;
        request.fragmentBytes = 2048;
        request.epoch = 5;
        request.buffer = Arena.ofAuto().allocate(bytes, 8);
        request.bufferBytes = bytes;
        request.completion = (_, _, _) -> {};
        return request;
    }
}
