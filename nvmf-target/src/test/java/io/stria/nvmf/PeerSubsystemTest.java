package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.nvme.Cns;
import io.stria.nvme.ConnectCommand;
import io.stria.nvme.ConnectData;
import io.stria.nvme.ControllerProperty;
import io.stria.nvme.FabricsType;
import io.stria.nvme.LittleEndian;
import io.stria.nvme.StatusCode;
import io.stria.nvme.SubmissionEntry;
import io.stria.runtime.sim.TcpConfig;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Subsystems with commands of their own, and authentication before anything else. */
class PeerSubsystemTest {
    private static final String NQN = "nqn.2026-11.io.stria:device:one";
    private static final int PUT = 0x81;
    private static final int GET = 0x82;
    private static final int ADD = 0x84;
    private static final int TRANSFER_BYTES_MAX = 1024 * 1024 + 2048 * 16;
    private static final byte[] SECRET = {1, 2, 3, 4};

    private final World world =
            new World(
                    World.FEW_BUFFERS.withHuge(TRANSFER_BYTES_MAX + 4096 - 2048 * 16 % 4096, 2),
                    TcpConfig.linux());

    private final List<String> log = new ArrayList<>();
    private byte[] stored = new byte[0];
    private final PeerSubsystem subsystem =
            new PeerSubsystem(
                    SubsystemIdentity.of(NQN, UUID.fromString("0-0-0-0-1"), "1.0"),
                    TRANSFER_BYTES_MAX,
                    this::onConnected);

    @AfterEach
    void closeWorld() {
        world.close();
    }

    private CommandExecutor onConnected(QueuePair queue) {
        log.add("queue %d of %s".formatted(queue.id(), queue.controller().host()));
        return new CommandExecutor() {
            @Override
            public int admit(Command command) {
                return command.opcode() == PUT || command.opcode() == GET || command.opcode() == ADD
                        ? StatusCode.SUCCESS
                        : StatusCode.INVALID_OPCODE | StatusCode.DNR;
            }

            @Override
            public void execute(Command command) {
                switch (command.opcode()) {
                    case PUT -> {
                        stored =
                                command.data()
                                        .asSlice(0, command.dataBytes())
                                        .toArray(ValueLayout.JAVA_BYTE);
                        command.complete(StatusCode.SUCCESS, queue.association());
                    }
                    case GET -> {
                        int bytes = Math.min(stored.length, command.dataBytes());
                        MemorySegment.copy(
                                MemorySegment.ofArray(stored), 0, command.data(), 0, bytes);
                        command.shortenData(bytes);
                        command.complete(StatusCode.SUCCESS, bytes);
                    }
                    default -> {
                        int addend = SubmissionEntry.cdw10(command.entry(), command.entryOffset());
                        world.node.timers().schedule(1000, () -> command.complete(0, addend + 1L));
                    }
                }
            }

            @Override
            public void onClosed() {
                log.add("closed " + queue.id());
            }
        };
    }

    private TestHost connect() {
        return new TestHost(world.host, world.address, NQN, HostQueue.Style.PLAIN);
    }

    @Test
    void movesAMebibyteAndMoreInOneCommand() {
        world.target.add(subsystem);
        TestHost host = connect().enable();
        HostQueue io = host.connectIo(1);
        for (int bytes : new int[] {1, 4112, 8192, 8193, 135_168, TRANSFER_BYTES_MAX}) {
            byte[] data = World.pattern(bytes, bytes);
            int put =
                    io.submit(
                            sqe -> SubmissionEntry.write(sqe, 0, PUT, 0, 1),
                            data,
                            bytes <= 8192,
                            0);
            assertTrue(io.await(put).isOk());
            Answer get =
                    TestHost.read(
                            io,
                            TRANSFER_BYTES_MAX,
                            sqe -> SubmissionEntry.write(sqe, 0, GET, 0, 1));
            assertArrayEquals(data, get.data());
            assertEquals(bytes, get.result());
        }
        Answer add =
                TestHost.run(
                        io,
                        sqe -> {
                            SubmissionEntry.write(sqe, 0, ADD, 0, 1);
                            LittleEndian.put32(sqe, SubmissionEntry.CDW10, 41);
                        });
        assertEquals(42, add.result());
        int tooMuch =
                io.submit(
                        sqe -> SubmissionEntry.write(sqe, 0, PUT, 0, 1),
                        new byte[TRANSFER_BYTES_MAX + 1],
                        false,
                        0);
        assertEquals(StatusCode.INVALID_FIELD, io.await(tooMuch).code());
        assertEquals(StatusCode.INVALID_OPCODE, TestHost.read(io, 0, 1).code());
    }

    @Test
    void showsNothingToHosts() {
        world.target.add(subsystem);
        TestHost host = connect().enable();
        assertTrue(
                Arrays.equals(new byte[4096], host.identify(Cns.ACTIVE_NAMESPACES, 0, 0).data()));
        assertEquals(StatusCode.INVALID_FIELD, host.identify(Cns.NAMESPACE, 1, 0).code());
        assertTrue(host.identify(Cns.CONTROLLER, 0, 0).isOk());
        HostQueue io = host.connectIo(3);
        io.stream().close();
        world.runFor(10_000_000);
        assertEquals(List.of("queue 3 of " + TestHost.NQN, "closed 3"), log);
    }

    /** The host sends the secret, the target sends it back turned round. */
    private static final class SharedSecret implements Authenticator {
        private boolean authenticated;

        @Override
        public int onSend(MemorySegment data, long offset, int bytes) {
            byte[] sent = data.asSlice(offset, bytes).toArray(ValueLayout.JAVA_BYTE);
            authenticated = Arrays.equals(SECRET, sent);
            return authenticated
                    ? StatusCode.SUCCESS
                    : StatusCode.AUTHENTICATION_REQUIRED | StatusCode.DNR;
        }

        @Override
        public int onReceive(MemorySegment data, long offset, int bytes) {
            LittleEndian.put32(data, offset, 0x01020304);
            return StatusCode.SUCCESS;
        }

        @Override
        public boolean isAuthenticated() {
            return authenticated;
        }
    }

    private static Answer authenticate(HostQueue queue, byte[] secret, int protocol) {
        return queue.await(
                queue.submit(
                        sqe -> {
                            SubmissionEntry.writeFabrics(
                                    sqe, 0, FabricsType.AUTHENTICATION_SEND, 0);
                            LittleEndian.put32(sqe, SubmissionEntry.CDW10, protocol);
                            LittleEndian.put32(sqe, SubmissionEntry.CDW11, secret.length);
                        },
                        secret,
                        true,
                        0));
    }

    @Test
    void takesNothingBeforeTheHostIsAuthenticated() {
        subsystem.authenticateHosts((identity, nqn, queueId) -> new SharedSecret());
        world.target.add(subsystem);
        TestHost host = connect();
        Answer connected = host.connect(host.admin, 0, 32, ConnectData.ANY_CONTROLLER, NQN);
        assertTrue(connected.isOk());
        assertTrue((connected.result() & ConnectCommand.RESULT_AUTHENTICATE) != 0);
        int required = StatusCode.AUTHENTICATION_REQUIRED;
        assertEquals(required, host.keepAlive().code());
        assertEquals(required, host.identify(Cns.CONTROLLER, 0, 0).code());
        assertEquals(required, host.setProperty(ControllerProperty.CC, 0x0046_0001).code());
        byte[] wrong = {4, 3, 2, 1};
        assertEquals(required, authenticate(host.admin, wrong, 0xE901_0100).code());
        assertEquals(required, host.keepAlive().code());
        assertEquals(
                StatusCode.INVALID_FIELD, authenticate(host.admin, SECRET, 0xE901_0000).code());
        assertTrue(authenticate(host.admin, SECRET, 0xE901_0100).isOk());
        assertTrue(host.setProperty(ControllerProperty.CC, 0x0046_0001).isOk());
        host.controllerId = (int) connected.result() & 0xFFFF;

        HostQueue io = host.connectIo(1);
        assertTrue(log.isEmpty(), "no queue before it is authenticated");
        assertEquals(required, TestHost.read(io, 0, 1).code());
        Answer message =
                TestHost.read(
                        io,
                        8,
                        sqe -> {
                            SubmissionEntry.writeFabrics(
                                    sqe, 0, FabricsType.AUTHENTICATION_RECEIVE, 0);
                            LittleEndian.put32(sqe, SubmissionEntry.CDW10, 0xE901_0100);
                            LittleEndian.put32(sqe, SubmissionEntry.CDW11, 8);
                        });
        assertArrayEquals(new byte[] {4, 3, 2, 1, 0, 0, 0, 0}, message.data());
        assertTrue(authenticate(io, SECRET, 0xE901_0100).isOk());
        assertEquals(List.of("queue 1 of " + TestHost.NQN), log);
        assertEquals(StatusCode.INVALID_OPCODE, TestHost.read(io, 0, 1).code());
    }

    @Test
    void dropsHostsThatDoNotAuthenticateInTime() {
        subsystem.authenticateHosts((identity, nqn, queueId) -> new SharedSecret());
        world.target.add(subsystem);
        TestHost host = connect();
        host.connect(host.admin, 0, 32, ConnectData.ANY_CONTROLLER, NQN);
        world.runFor(11_000_000_000L);
        assertTrue(host.admin.closed);
    }
}
