package io.stria.dataplane.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.nvme.CapsuleCmd;
import io.stria.nvme.ConnectCommand;
import io.stria.nvme.ConnectData;
import io.stria.nvme.FabricsType;
import io.stria.nvme.IcReq;
import io.stria.nvme.PduHeader;
import io.stria.nvme.SglDescriptor;
import io.stria.nvme.SubmissionEntry;
import io.stria.runtime.StreamHandler;
import io.stria.runtime.TcpStream;
import io.stria.runtime.sim.SimulatedEngine;
import io.stria.runtime.sim.SimulatedNetwork;
import io.stria.runtime.sim.Simulation;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections to the port for peers by those who are none. */
@Timeout(120)
class StrangerTest {
    private static final UUID DEVICE = new UUID(3, 4);
    private static final InetSocketAddress ADDRESS = new InetSocketAddress("10.0.0.2", 4421);
    private static final byte[] SECRET =
            "sixteen bytes or more".getBytes(StandardCharsets.US_ASCII);
    private static final long SECOND_NS = 1_000_000_000L;

    private final Simulation simulation = new Simulation(1);
    private final SimulatedNetwork network = new SimulatedNetwork(simulation);
    private final PeerTarget target;
    private final SimulatedEngine hostile;

    StrangerTest() throws IOException {
        SimulatedEngine engine = network.addHost("store", "10.0.0.2").start();
        target =
                new PeerTarget(
                        engine,
                        engine.timers(),
                        ADDRESS,
                        auth(),
                        new AtomicLong(100)::incrementAndGet);
        target.addDevice(DEVICE, request -> {});
        engine.drive(nowNs -> engine.poll());
        hostile = network.addHost("hostile", "10.0.0.9").start();
        hostile.drive(nowNs -> hostile.poll());
    }

    private static PeerAuth auth() {
        return new PeerAuth(SECRET, new byte[32]::clone);
    }

    /** Sends what it is given, takes every answer unless it is told not to, and counts bytes. */
    private static final class Stranger implements StreamHandler {
        private boolean takes = true;
        private long received;
        private boolean closed;

        @Override
        public void onConnected(TcpStream stream) {}

        @Override
        public int onData(TcpStream stream, MemorySegment buffer, long offset, int length) {
            received += takes ? length : 0;
            return takes ? length : 0;
        }

        @Override
        public void onSendSpace(TcpStream stream) {}

        @Override
        public void onClosed(TcpStream stream, int errno) {
            closed = true;
        }
    }

    private RemoteStore member() {
        SimulatedEngine engine = network.addHost("owner", "10.0.0.1").start();
        RemoteStore remote = new RemoteStore(engine, ADDRESS, 1, DEVICE, auth());
        engine.drive(
                nowNs -> engine.poll() + remote.poll(nowNs),
                () -> engine.clock().nowNs() + 10_000_000);
        simulation.runUntil(() -> remote.connection() != 0, simulation.nowNs() + SECOND_NS);
        return remote;
    }

    @Test
    void moreThanThereMayBeKeepNoMemberOutside() {
        List<Stranger> strangers = new ArrayList<>();
        for (int i = 0; i < PeerTarget.CONNECTIONS_MAX + 500; i++) {
            Stranger stranger = new Stranger();
            strangers.add(stranger);
            hostile.connect(ADDRESS, stranger);
        }
        simulation.runFor(SECOND_NS);
        assertEquals(500, strangers.stream().filter(stranger -> stranger.closed).count());
        assertEquals(500, target.counters().displaced());
        assertEquals(0, target.counters().refused());
        assertNotEquals(0, member().connection());
        simulation.runFor(6 * SECOND_NS);
        assertTrue(strangers.stream().allMatch(stranger -> stranger.closed), "all were too late");
        assertEquals(PeerTarget.CONNECTIONS_MAX - 1, target.counters().late());
    }

    @Test
    void oneThatAsksForTheProofAgainAndTakesNothingIsRefused() {
        Stranger stranger = new Stranger();
        TcpStream stream = hostile.connect(ADDRESS, stranger);
        simulation.runFor(SECOND_NS / 100);
        send(stream, initialize());
        send(stream, login(FabricsType.CONNECT, connectData()));
        send(stream, login(FabricsType.AUTHENTICATION_SEND, new byte[PeerAuth.NONCE_BYTES]));
        simulation.runFor(SECOND_NS / 100);
        assertFalse(stranger.closed);
        stranger.takes = false;
        for (int i = 0; i < 2000 && stream.isOpen(); i++) {
            send(stream, login(FabricsType.AUTHENTICATION_RECEIVE, new byte[0]));
            simulation.runFor(10_000);
        }
        stranger.takes = true;
        stream.resumeReceive();
        simulation.runFor(SECOND_NS);
        assertTrue(stranger.closed);
        assertTrue(stranger.received < 1024, stranger.received + " bytes of answers");
        assertEquals(1, target.counters().denied());
        assertNotEquals(0, member().connection());
    }

    private static void send(TcpStream stream, byte[] bytes) {
        stream.send(MemorySegment.ofArray(bytes), 0, bytes.length);
    }

    private static byte[] initialize() {
        byte[] pdu = new byte[IcReq.BYTES];
        IcReq.write(MemorySegment.ofArray(pdu), 0, 0, 0, 0);
        return pdu;
    }

    private static byte[] connectData() {
        byte[] data = new byte[ConnectData.BYTES];
        ConnectData.write(
                MemorySegment.ofArray(data),
                0,
                new byte[16],
                ConnectData.ANY_CONTROLLER,
                PeerNames.device(DEVICE),
                PeerNames.node(7));
        return data;
    }

    private static byte[] login(int type, byte[] data) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pdu = arena.allocate(CapsuleCmd.BYTES + data.length, 8);
            MemorySegment sqe = pdu.asSlice(CapsuleCmd.SQE, SubmissionEntry.BYTES);
            if (type == FabricsType.CONNECT) {
                ConnectCommand.write(sqe, 0, 0, 1, 32, 0, 0);
            } else {
                SubmissionEntry.writeFabrics(sqe, 0, type, 0);
                boolean receive = type == FabricsType.AUTHENTICATION_RECEIVE;
                int id = receive ? SglDescriptor.ID_TRANSPORT : SglDescriptor.ID_IN_CAPSULE;
                SglDescriptor.write(sqe, SubmissionEntry.SGL, id, receive ? 64 : data.length);
            }
            CapsuleCmd.writeHeader(pdu, 0);
            PduHeader.frame(pdu, 0, data.length, 4, false, false);
            MemorySegment.copy(MemorySegment.ofArray(data), 0, pdu, CapsuleCmd.BYTES, data.length);
            return pdu.toArray(ValueLayout.JAVA_BYTE);
        }
    }
}
