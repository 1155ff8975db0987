package io.stria.dataplane.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.StreamHandler;
import io.stria.runtime.TcpStream;
import io.stria.runtime.sim.SimulatedEngine;
import io.stria.runtime.sim.SimulatedHost;
import io.stria.runtime.sim.SimulatedNetwork;
import io.stria.runtime.sim.Simulation;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Peers that are frozen, silent or out of the map do not take a store away from the others. */
@Timeout(60)
class UnfitPeerTest {
    private static final UUID DEVICE = new UUID(3, 4);
    private static final InetSocketAddress ADDRESS = new InetSocketAddress("10.0.0.2", 4421);
    private static final byte[] SECRET =
            "sixteen bytes or more".getBytes(StandardCharsets.US_ASCII);
    private static final long SECOND_NS = 1_000_000_000L;

    private final Simulation simulation = new Simulation(1);
    private final SimulatedNetwork network = new SimulatedNetwork(simulation);
    private final ArrayDeque<FragmentRequest> asked = new ArrayDeque<>();
    private final List<String> ended = new ArrayList<>();
    private final PeerTarget target;
    private boolean holds;

    UnfitPeerTest() throws IOException {
        SimulatedEngine engine = network.addHost("store", "10.0.0.2").start();
        target =
                new PeerTarget(
                        engine,
                        engine.timers(),
                        ADDRESS,
                        auth(),
                        new AtomicLong(100)::incrementAndGet);
        target.addDevice(DEVICE, asked::add);
        engine.drive(nowNs -> engine.poll() + answer());
    }

    private static PeerAuth auth() {
        return new PeerAuth(SECRET, new byte[32]::clone);
    }

    private int answer() {
        int count = holds ? 0 : asked.size();
        for (int i = 0; i < count; i++) {
            asked.remove().complete(IoStatus.OK, 0);
        }
        return count;
    }

    private RemoteStore connect(SimulatedHost from, int nodeId) {
        SimulatedEngine engine = from.start();
        RemoteStore remote = new RemoteStore(engine, ADDRESS, nodeId, DEVICE, auth());
        engine.drive(
                nowNs -> engine.poll() + remote.poll(nowNs),
                () -> engine.clock().nowNs() + 10_000_000);
        assertTrue(
                simulation.runUntil(
                        () -> remote.connection() != 0, simulation.nowNs() + SECOND_NS));
        return remote;
    }

    private FragmentRequest request(FragmentOp op, int count, int bytes) {
        FragmentRequest request = new FragmentRequest();
        request.op = op;
        request.address = DeviceAddress.of(77, 4096);
        request.count = count;
        request.fragmentBytes = 2048;
        request.epoch = 5;
        request.version = 7;
        request.buffer = Arena.ofAuto().allocate(bytes, 8);
        request.bufferBytes = bytes;
        request.completion = (r, status, result) -> ended.add(r.op + " " + status);
        return request;
    }

    private FragmentRequest largeRead() { // as a host's reads of 128 KiB at 2+2 make them
        return request(FragmentOp.READ, 32, 32 * FragmentFormat.stride(2048));
    }

    private boolean isListed(RemoteStore by, long limitNs) {
        ended.clear();
        by.submit(request(FragmentOp.LIST, 0, 128 * 1024));
        return simulation.runUntil(() -> ended.contains("LIST OK"), simulation.nowNs() + limitNs);
    }

    /** A node stays down until somebody starts it; a few bytes each time would end the others. */
    @Test
    void toLookForOneThatIsNotThereTakesNoMemoryEachTime() {
        SimulatedEngine engine = network.addHost("owner", "10.0.0.1").start();
        InetSocketAddress nobody = new InetSocketAddress("10.0.0.2", 9);
        RemoteStore remote = new RemoteStore(engine, nobody, 1, DEVICE, auth());
        engine.drive(
                nowNs -> engine.poll() + remote.poll(nowNs),
                () -> engine.clock().nowNs() + 10_000_000);
        simulation.runFor(10 * SECOND_NS);
        long pieces = directPieces();
        simulation.runFor(100 * SECOND_NS);
        assertTrue(directPieces() < pieces + 100, () -> directPieces() + " after " + pieces);
    }

    private static long directPieces() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getCount)
                .sum();
    }

    @Test
    void oneThatAsksForVeryMuchLeavesBuffersToTheOthers() {
        RemoteStore greedy = connect(network.addHost("owner", "10.0.0.1"), 1);
        RemoteStore other = connect(network.addHost("other", "10.0.0.3"), 3);
        holds = true;
        for (int i = 0; i < 200; i++) {
            greedy.submit(largeRead());
        }
        simulation.runFor(SECOND_NS / 10);
        assertTrue(asked.size() < 64, asked.size() + " of 128 buffers are one peer's");
        holds = false;
        assertTrue(isListed(other, SECOND_NS));
        simulation.runUntil(() -> ended.size() == 201, simulation.nowNs() + SECOND_NS);
        assertEquals(201, ended.size(), "and all that was asked is answered");
    }

    @Test
    void oneThatDoesNotTakeItsAnswersIsDisconnected() {
        List<SimulatedHost> frozen = new ArrayList<>();
        holds = true;
        for (int i = 0; i < 10; i++) { // together they take all that there is
            frozen.add(network.addHost("frozen" + i, "10.0.1." + (i + 1)));
            RemoteStore remote = connect(frozen.getLast(), 10 + i);
            for (int command = 0; command < 256; command++) {
                remote.submit(largeRead());
            }
        }
        simulation.runFor(SECOND_NS / 10);
        frozen.forEach(SimulatedHost::pause);
        holds = false;
        simulation.after(1, this::answer);
        simulation.runFor(SECOND_NS);
        RemoteStore other = connect(network.addHost("other", "10.0.0.3"), 3);
        assertTrue(isListed(other, 3 * SECOND_NS), "" + ended);
    }

    @Test
    void oneThatDoesNotLogInIsDisconnected() {
        boolean[] closed = new boolean[1];
        SimulatedEngine engine = network.addHost("stranger", "10.0.0.9").start();
        engine.drive(nowNs -> engine.poll());
        simulation.after(
                1,
                () ->
                        engine.connect(
                                ADDRESS,
                                new StreamHandler() {
                                    @Override
                                    public void onConnected(TcpStream stream) {}

                                    @Override
                                    public int onData(
                                            TcpStream stream,
                                            MemorySegment buffer,
                                            long offset,
                                            int length) {
                                        return length;
                                    }

                                    @Override
                                    public void onSendSpace(TcpStream stream) {}

                                    @Override
                                    public void onClosed(TcpStream stream, int errno) {
                                        closed[0] = true;
                                    }
                                }));
        simulation.runFor(3 * SECOND_NS);
        assertTrue(!closed[0], "not at once");
        simulation.runFor(3 * SECOND_NS);
        assertTrue(closed[0]);
    }

    @Test
    void oneThatComesBackElsewhereIsFoundThere() throws IOException {
        RemoteStore remote = connect(network.addHost("owner", "10.0.0.1"), 1);
        InetSocketAddress elsewhere = new InetSocketAddress("10.0.0.8", 4421);
        SimulatedEngine engine = network.addHost("elsewhere", "10.0.0.8").start();
        PeerTarget there =
                new PeerTarget(
                        engine,
                        engine.timers(),
                        elsewhere,
                        auth(),
                        new AtomicLong(500)::incrementAndGet);
        List<FragmentRequest> askedThere = new ArrayList<>();
        there.addDevice(DEVICE, askedThere::add);
        engine.drive(nowNs -> engine.poll());
        long before = remote.connection();
        simulation.after(1, () -> remote.moveTo(elsewhere));
        assertTrue(
                simulation.runUntil(
                        () -> remote.connection() > before, simulation.nowNs() + SECOND_NS));
        remote.submit(largeRead());
        simulation.runFor(SECOND_NS / 10);
        assertEquals(1, askedThere.size());
    }

    @Test
    void oneThatIsDownByTheWordOfTheMapIsDisconnected() {
        RemoteStore first = connect(network.addHost("owner", "10.0.0.1"), 1);
        RemoteStore other = connect(network.addHost("other", "10.0.0.3"), 3);
        long before = first.connection();
        long othersBefore = other.connection();
        target.onMap(map(NodeState.ONLINE));
        simulation.runFor(SECOND_NS);
        assertEquals(before, first.connection());
        for (NodeState gone : List.of(NodeState.OFFLINE, NodeState.REMOVED)) {
            before = first.connection();
            target.onMap(map(gone));
            simulation.runFor(SECOND_NS);
            assertNotEquals(before, first.connection());
            assertEquals(othersBefore, other.connection());
        }
    }

    private static ClusterMap map(NodeState stateOfFirst) {
        return new ClusterMap(
                new UUID(1, 2),
                7,
                8,
                List.of(node(1, stateOfFirst), node(3, NodeState.ONLINE)),
                List.of(),
                List.of());
    }

    private static NodeEntry node(int id, NodeState state) {
        return new NodeEntry(id, "10.0.0." + id, 1, 2, 3, "", "", false, state, 9);
    }
}
