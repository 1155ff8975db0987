package io.stria.dataplane.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.dataplane.peer.PeerAuth;
import io.stria.dataplane.peer.PeerTarget;
import io.stria.dataplane.peer.RemoteStore;
import io.stria.runtime.sim.SimulatedEngine;
import io.stria.runtime.sim.SimulatedNetwork;
import io.stria.runtime.sim.Simulation;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Node 3 and a device that was drained on node 1, carried to node 2 and added there. */
class NodeDevicesTest {
    private static final UUID DEVICE = new UUID(0, 7);
    private static final int FIRST_SLOT = 0;
    private static final int SECOND_SLOT = 1;
    private static final long SECOND_NS = 1_000_000_000L;
    private static final byte[] SECRET =
            "sixteen bytes or more".getBytes(StandardCharsets.US_ASCII);

    private final Simulation simulation = new Simulation(1);
    private final SimulatedNetwork network = new SimulatedNetwork(simulation);
    private final SimulatedEngine engine = network.addHost("node 3", "10.0.0.3").start();
    private final NodeDevices devices =
            new NodeDevices(
                    3,
                    Map.of(),
                    (peer, slot) ->
                            new RemoteStore(engine, address(peer), 3, slot.deviceId(), auth()),
                    new AtomicLong()::incrementAndGet);

    private static PeerAuth auth() {
        return new PeerAuth(SECRET, new byte[32]::clone);
    }

    private static InetSocketAddress address(NodeEntry node) {
        return new InetSocketAddress(node.address(), node.peerPort());
    }

    private static NodeEntry node(int id, String address) {
        return new NodeEntry(id, address, 4420, 2, 3, "", "", true, NodeState.ONLINE, 9);
    }

    private static DeviceSlot slot(int slot, int nodeId, DeviceState state) {
        return new DeviceSlot(slot, DEVICE, nodeId, 1L << 30, 1, state);
    }

    private static ClusterMap map(long epoch, String addressOfFirst) {
        return new ClusterMap(
                new UUID(5, 6),
                epoch,
                8,
                List.of(node(1, addressOfFirst), node(2, "10.0.0.2"), node(3, "10.0.0.3")),
                List.of(
                        slot(FIRST_SLOT, 1, DeviceState.REMOVED),
                        slot(SECOND_SLOT, 2, DeviceState.ONLINE)),
                List.of());
    }

    /** It stays reachable, wherever the node goes that it was on before. */
    @Test
    void aDeviceIsReachedOnTheNodeThatHasItNow() throws IOException {
        SimulatedEngine second = network.addHost("node 2", "10.0.0.2").start();
        PeerTarget target =
                new PeerTarget(
                        second,
                        second.timers(),
                        address(node(2, "10.0.0.2")),
                        auth(),
                        new AtomicLong(100)::incrementAndGet);
        target.addDevice(DEVICE, request -> {});
        second.drive(nowNs -> second.poll());
        engine.drive(
                nowNs -> engine.poll() + devices.pollPeers(nowNs),
                () -> engine.clock().nowNs() + SECOND_NS / 100);

        ClusterMap map = map(1, "10.0.0.1");
        devices.followPeers(map);
        devices.of(map).store(FIRST_SLOT); // as an owner makes a link for each slot of the map
        var store = devices.of(map).store(SECOND_SLOT);
        devices.leaveDeparted(map, slot -> slot == SECOND_SLOT);
        assertTrue(
                simulation.runUntil(() -> store.connection() != 0, 5 * SECOND_NS),
                "nobody looks for it where it is");

        long connection = store.connection();
        ClusterMap moved = map(2, "10.0.0.9");
        devices.followPeers(moved);
        devices.leaveDeparted(moved, slot -> slot == SECOND_SLOT);
        simulation.runFor(SECOND_NS);
        assertEquals(connection, store.connection());
        assertNotEquals(0, connection);
    }
}
