package io.stria.dataplane.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.sim.SimulatedEngine;
import io.stria.runtime.sim.SimulatedHost;
import io.stria.runtime.sim.SimulatedNetwork;
import io.stria.runtime.sim.Simulation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An owner on one host, a device on another, and the simulated network between them. */
@org.junit.jupiter.api.Timeout(60)
class PeerTest {
    private static final UUID DEVICE = new UUID(3, 4);
    private static final InetSocketAddress ADDRESS = new InetSocketAddress("10.0.0.2", 4421);
    private static final byte[] SECRET =
            "sixteen bytes or more".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    private static final long SECOND_NS = 1_000_000_000L;

    /** The store is polled when it says so; when that is past, as late as a reactor may. */
    private static final long OVERDUE_NS = 10_000_000L;

    private final Arena arena = Arena.ofAuto();
    private final List<String> ended = new ArrayList<>();
    private Simulation simulation;
    private SimulatedNetwork network;
    private SimulatedHost ownerHost;
    private SimulatedEngine ownerEngine;
    private SimulatedHost storeHost;
    private RemoteStore remote;
    private final Recorder device = new Recorder();

    /** Keeps what it is asked and answers from its poll. */
    private static final class Recorder implements PeerTarget.Device {
        final ArrayDeque<FragmentRequest> asked = new ArrayDeque<>();
        final List<Long> associations = new ArrayList<>();
        IoStatus status = IoStatus.OK;
        long result;
        boolean holds;

        @Override
        public void submit(FragmentRequest request) {
            asked.add(request);
            associations.add(request.association);
        }

        int answer() {
            int count = holds ? 0 : asked.size();
            for (int i = 0; i < count; i++) {
                FragmentRequest request = asked.remove();
                if (PeerCommandSlot.returnsData(request.op)) {
                    fill(request.buffer, request.bufferBytes, request.address);
                }
                request.complete(status, result);
            }
            return count;
        }
    }

    private static void fill(MemorySegment buffer, int bytes, long seed) {
        for (int i = 0; i < bytes; i++) {
            buffer.set(ValueLayout.JAVA_BYTE, i, (byte) (seed + i * 31L));
        }
    }

    private void start(long seed, byte[] ownersSecret) {
        simulation = new Simulation(seed);
        network = new SimulatedNetwork(simulation);
        ownerHost = network.addHost("owner", "10.0.0.1");
        storeHost = network.addHost("store", "10.0.0.2");
        startStore();
        SimulatedEngine engine = ownerHost.start();
        ownerEngine = engine;
        byte[] nonce = new byte[32];
        remote =
                new RemoteStore(
                        engine, ADDRESS, 1, DEVICE, new PeerAuth(ownersSecret, nonce::clone));
        engine.drive(
                nowNs -> engine.poll() + remote.poll(nowNs),
                () -> Math.max(remote.nextDeadlineNs(), engine.clock().nowNs() + OVERDUE_NS));
    }

    private void startStore() {
        try {
            SimulatedEngine engine = storeHost.start();
            AtomicLong associations = new AtomicLong(100);
            byte[] nonce = new byte[32];
            PeerTarget target =
                    new PeerTarget(
                            engine,
                            engine.timers(),
                            ADDRESS,
                            new PeerAuth(SECRET, nonce::clone),
                            associations::incrementAndGet);
            target.addDevice(DEVICE, device);
            engine.drive(nowNs -> engine.poll() + device.answer());
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    /** As a poller on the owner's reactor does: the turn goes on with a poll. */
    private void submit(FragmentRequest request) {
        remote.submit(request);
        ownerEngine.wake();
    }

    private void connect() {
        assertTrue(simulation.runUntil(() -> remote.connection() != 0, SECOND_NS), "no connection");
    }

    private FragmentRequest request(FragmentOp op, int count, int bytes) {
        FragmentRequest request = new FragmentRequest();
        request.op = op;
        request.address = DeviceAddress.of(77, 4096);
        request.count = count;
        request.fragmentBytes = 2048;
        request.epoch = 5;
        request.watermark = 0x123456789AL;
        request.version = 0x5_0000_0000_0007L;
        request.buffer = bytes == 0 ? MemorySegment.NULL : arena.allocate(bytes, 8);
        request.bufferBytes = bytes;
        request.completion = (r, status, result) -> ended.add(r.op + " " + status + " " + result);
        return request;
    }

    private void runUntilEnded(int count) {
        assertTrue(
                simulation.runUntil(
                        () -> ended.size() >= count, simulation.nowNs() + 20 * SECOND_NS),
                "" + ended);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void carriesEveryFieldAndAllDataThere(long seed) {
        start(seed, SECRET);
        connect();
        device.holds = true;
        FragmentRequest write = request(FragmentOp.WRITE, 32, 32 * FragmentFormat.stride(2048));
        write.groups = 0xfedc_ba98_7654_3210L;
        fill(write.buffer, write.bufferBytes, 9);
        submit(write);
        assertTrue(simulation.runUntil(() -> !device.asked.isEmpty(), 5 * SECOND_NS));
        FragmentRequest arrived = device.asked.element();
        assertEquals(FragmentOp.WRITE, arrived.op);
        assertEquals(write.address, arrived.address);
        assertEquals(32, arrived.count);
        assertEquals(write.groups, arrived.groups);
        assertEquals(2048, arrived.fragmentBytes);
        assertEquals(5, arrived.epoch);
        assertEquals(write.watermark, arrived.watermark);
        assertEquals(write.version, arrived.version);
        assertEquals(write.bufferBytes, arrived.bufferBytes);
        assertEquals(-1, write.buffer.mismatch(arrived.buffer.asSlice(0, arrived.bufferBytes)));
        device.holds = false;
        simulation.after(1, () -> device.answer());
        runUntilEnded(1);
        assertEquals(List.of("WRITE OK 0"), ended);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void bringsDataAndResultsBack(long seed) {
        start(seed, SECRET);
        connect();
        List<FragmentRequest> reads = new ArrayList<>();
        for (int i = 0; i < 400; i++) { // more than the queue is deep
            FragmentRequest read =
                    request(
                            FragmentOp.READ,
                            1 + i % 32,
                            (1 + i % 32) * FragmentFormat.stride(2048));
            read.address += i * 4L;
            reads.add(read);
            submit(read);
        }
        runUntilEnded(400);
        assertEquals(java.util.Set.of("READ OK 0"), java.util.Set.copyOf(ended));
        for (FragmentRequest read : reads) {
            MemorySegment expected = arena.allocate(read.bufferBytes);
            fill(expected, read.bufferBytes, read.address);
            assertEquals(-1, expected.mismatch(read.buffer));
        }
        ended.clear();
        device.result = 3 | FragmentFormat.LIST_MORE;
        submit(request(FragmentOp.LIST, 0, 4800));
        device.status = IoStatus.OK;
        runUntilEnded(1);
        assertEquals(List.of("LIST OK " + device.result), ended);
        ended.clear();
        device.result = 0x7766554433221100L;
        submit(request(FragmentOp.ATTACH, 0, 0));
        runUntilEnded(1);
        assertEquals(List.of("ATTACH OK " + device.result), ended);
    }

    @Test
    void tellsEveryStatusApart() {
        start(1, SECRET);
        connect();
        for (IoStatus status :
                List.of(
                        IoStatus.FENCED,
                        IoStatus.NOT_SERVING,
                        IoStatus.NO_SPACE,
                        IoStatus.MEDIA_ERROR,
                        IoStatus.INVALID)) {
            ended.clear();
            device.status = status;
            submit(request(FragmentOp.UNMAP, 1, 0));
            runUntilEnded(1);
            assertEquals(List.of("UNMAP " + status + " 0"), ended);
        }
    }

    @Test
    void refusesAnOwnerWithAnotherSecret() {
        start(
                1,
                "another secret of enough bytes"
                        .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        simulation.runFor(3 * SECOND_NS);
        assertEquals(0, remote.connection());
        submit(request(FragmentOp.ATTACH, 0, 0));
        runUntilEnded(1);
        assertEquals(List.of("ATTACH DISCONNECTED 0"), ended);
        assertTrue(device.associations.isEmpty());
    }

    @Test
    void endsEverythingWhenThePeerDiesAndComesBackUnderANewAssociation() {
        start(1, SECRET);
        connect();
        long before = remote.connection();
        device.holds = true;
        for (int i = 0; i < 300; i++) {
            submit(request(FragmentOp.READ, 1, FragmentFormat.stride(2048)));
        }
        simulation.runFor(SECOND_NS / 10);
        storeHost.kill();
        runUntilEnded(300);
        assertTrue(ended.stream().allMatch("READ DISCONNECTED 0"::equals));
        device.asked.clear();
        device.holds = false;
        startStore();
        simulation.runUntil(() -> remote.connection() != 0, simulation.nowNs() + 5 * SECOND_NS);
        assertTrue(remote.connection() > before);
        ended.clear();
        submit(request(FragmentOp.COMMIT, 0, 0));
        runUntilEnded(1);
        assertEquals(List.of("COMMIT OK 0"), ended);
    }

    @Test
    void findsOutWhetherAPeerIsThereThatNobodyHasAskedAndKeepsTheConnection() {
        start(1, SECRET);
        connect();
        long connection = remote.connection();
        simulation.runFor(4 * SECOND_NS);
        assertFalse(remote.answersWithin(3 * SECOND_NS, 77));
        ownerEngine.wake();
        simulation.runFor(SECOND_NS / 10);
        assertTrue(remote.answersWithin(3 * SECOND_NS, 77));
        assertEquals(connection, remote.connection());
        assertEquals(1, device.associations.size());
    }

    @Test
    void makesAConnectionAnewOverWhichNothingIsAnswered() {
        start(1, SECRET);
        connect();
        network.isolate(storeHost);
        for (int i = 0; i < 60; i++) {
            simulation.runFor(SECOND_NS / 10);
            assertFalse(remote.answersWithin(3 * SECOND_NS, 77) && i > 30);
            ownerEngine.wake();
        }
        assertEquals(0, remote.connection());
    }

    @Test
    void givesUpOnAPeerThatIsSilent() {
        start(1, SECRET);
        connect();
        network.isolate(storeHost);
        submit(request(FragmentOp.COMMIT, 0, 0));
        runUntilEnded(1);
        assertEquals(List.of("COMMIT DISCONNECTED 0"), ended);
        assertEquals(0, remote.connection());
        network.healAll();
        assertTrue(
                simulation.runUntil(
                        () -> remote.connection() != 0, simulation.nowNs() + 30 * SECOND_NS));
    }
}
