package io.stria.dataplane.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.sim.SimulatedEngine;
import io.stria.runtime.sim.SimulatedNetwork;
import io.stria.runtime.sim.Simulation;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Connections whose next command finds no buffer: devices end what they are asked only when told.
 */
@Timeout(60)
class StarvedPeersTest {
    private static final UUID DEVICE = new UUID(1, 1);
    private static final UUID OTHER = new UUID(2, 2);
    private static final UUID THIRD = new UUID(3, 3);
    private static final InetSocketAddress ADDRESS = new InetSocketAddress("10.0.0.2", 4421);
    private static final long SECOND_NS = 1_000_000_000L;
    private static final int FRAGMENTS = 32;

    /** What one device that is alone gets of the large buffers. */
    private static final int SHARE = PeerTarget.LARGE_BUFFERS / 2;

    private final Simulation simulation = new Simulation(1);
    private final SimulatedNetwork network = new SimulatedNetwork(simulation);
    private final Map<UUID, ArrayDeque<FragmentRequest>> asked = new HashMap<>();
    private final PeerTarget target;
    private final SimulatedOwners owners = new SimulatedOwners(simulation, network, ADDRESS);

    StarvedPeersTest() throws IOException {
        SimulatedEngine engine = network.addHost("store", "10.0.0.2").start();
        target = owners.target(engine);
        for (UUID device : List.of(DEVICE, OTHER, THIRD)) {
            ArrayDeque<FragmentRequest> requests = new ArrayDeque<>();
            asked.put(device, requests);
            target.addDevice(device, requests::add);
        }
        engine.drive(nowNs -> engine.poll(), () -> engine.clock().nowNs() + SECOND_NS / 1000);
    }

    private void read(RemoteStore from) {
        FragmentRequest request = SimulatedOwners.read(FRAGMENTS);
        from.submit(request);
        simulation.runFor(SECOND_NS / 100);
    }

    /** So many more of the large buffers are the device's. */
    private List<RemoteStore> take(UUID device, int count) {
        int before = count(device);
        List<RemoteStore> by = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            if (i % PeerConnection.LARGE_BUFFERS_MAX == 0) {
                by.add(owners.connect(device));
            }
            read(by.getLast());
        }
        assertEquals(before + count, count(device));
        return by;
    }

    private ArrayDeque<FragmentRequest> askedOf(UUID device) {
        return asked.getOrDefault(device, new ArrayDeque<>());
    }

    private int count(UUID device) {
        return askedOf(device).size();
    }

    private void answerOne(UUID device) {
        simulation.after(1, () -> askedOf(device).remove().complete(IoStatus.OK, 0));
        simulation.runFor(SECOND_NS / 100);
    }

    @Test
    void oneThatWaitsStandsInLineOnce() {
        take(DEVICE, SHARE);
        RemoteStore waits = owners.connect(DEVICE);
        read(waits);
        assertEquals(SHARE, count(DEVICE));
        assertEquals(1, target.waiting());
        answerOne(DEVICE);
        assertEquals(SHARE, count(DEVICE));
        assertEquals(0, target.waiting());
    }

    @Test
    void eachBufferWakesOneThatStillWaits() {
        take(DEVICE, SHARE);
        for (int i = 0; i < 5; i++) {
            read(owners.connect(DEVICE));
            answerOne(DEVICE);
            assertEquals(SHARE, count(DEVICE), "with " + i + " that have waited before");
        }
    }

    /** Each has what is left: one buffer more, and both devices may have one. */
    @Test
    void oneBufferMayWakeTwo() {
        int third = PeerTarget.LARGE_BUFFERS / 3;
        take(THIRD, PeerTarget.LARGE_BUFFERS - 3 * third);
        take(DEVICE, third);
        take(OTHER, third);
        read(owners.connect(OTHER));
        read(owners.connect(DEVICE));
        assertEquals(third, count(OTHER));
        assertEquals(third, count(DEVICE));
        answerOne(DEVICE);
        assertEquals(third + 1, count(OTHER));
        assertEquals(third, count(DEVICE));
    }

    @Test
    void oneWhoseOwnerHasGoneMeanwhileIsForgotten() {
        List<RemoteStore> all = take(DEVICE, SHARE);
        RemoteStore waits = owners.connect(DEVICE);
        read(waits);
        all.add(waits);
        all.forEach(owner -> owner.want(false));
        simulation.runFor(OutstandingCommands.COMMAND_TIMEOUT_NS + SECOND_NS);
        assertEquals(0, target.connections());
        assertEquals(0, target.waiting());
        while (count(DEVICE) > 0) {
            answerOne(DEVICE);
        }
        assertEquals(0, target.buffers().inUse());
    }
}
