package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.nvme.DataPdu;
import io.stria.nvme.FabricsType;
import io.stria.nvme.FatalErrorStatus;
import io.stria.nvme.PduType;
import io.stria.nvme.SglDescriptor;
import io.stria.nvme.StatusCode;
import io.stria.nvme.SubmissionEntry;
import io.stria.runtime.sim.TcpConfig;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shapes that other targets have had to learn, each with what the host is told. */
class HostileShapesTest {
    private static final long LATE_NS = 5_000_000_000L;
    private static final int TRANSFER_BYTES = 65536;

    private final World world = new World(World.FEW_BUFFERS, TcpConfig.linux());
    private final GoodHost good = new GoodHost(world);

    @AfterEach
    void checkOthers() {
        world.device.letGo();
        world.runFor(1_000_000_000L);
        good.check("the attack");
        good.checkMemory("the attack");
        world.close();
    }

    private TestHost bad(HostQueue.Style style) {
        TestHost host = world.connect(style);
        host.hostNqn = "nqn.bad";
        return host;
    }

    private TestHost bad() {
        return bad(HostQueue.Style.PLAIN);
    }

    private static HostQueue.Style style(boolean digests) {
        return digests ? HostQueue.Style.DIGESTS : HostQueue.Style.PLAIN;
    }

    /** Sends these and sees the connection end for that reason. */
    private void attack(
            TestHost host, HostQueue queue, FatalErrorStatus expected, PduTemplate... pdus) {
        queue.hostile = true;
        queue.answersRequests = false;
        boolean digests = queue.isDigested();
        for (PduTemplate pdu : pdus) {
            queue.send(pdu.framed(digests, digests));
        }
        world.simulation.runUntil(() -> queue.closed, LATE_NS);
        assertEquals(expected, queue.terminated);
        assertTrue(queue.closed);
        host.close();
    }

    private HostQueue.Request awaitedTransfer(HostQueue queue) {
        queue.answersRequests = false;
        TestHost.submitWrite(queue, 200, new byte[TRANSFER_BYTES]);
        queue.awaitRequests(1);
        return queue.requests.getFirst();
    }

    private static PduTemplate dataFor(
            HostQueue.Request request, int offset, int bytes, boolean digests) {
        return PduTemplate.data(PduType.H2C_DATA, request.commandId(), request.tag(), offset, bytes)
                .digested(digests, digests);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void takesNoDataBeforeItsCommand(boolean digests) {
        for (int stage = 0; stage < 3; stage++) {
            TestHost host = bad(style(digests));
            HostQueue queue = host.admin;
            if (stage > 0) {
                host.enable();
            }
            if (stage > 1) {
                queue = host.connectIo(1);
            }
            PduTemplate data =
                    PduTemplate.data(PduType.H2C_DATA, 0, 0, 0, 4096).digested(digests, digests);
            attack(host, queue, FatalErrorStatus.INVALID_PDU_HEADER, data);
            assertEquals(DataPdu.TTAG, queue.terminatedInformation);
        }
    }

    /** A target that adds what the host says to its own sizes writes beyond its header. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void takesNoHeaderLengthOf255(boolean digests) {
        for (PduTemplate plain : PduTemplate.all()) {
            PduType type = PduType.of(plain.header()[0]);
            if (type == PduType.CAPSULE_CMD || type == PduType.H2C_DATA) {
                TestHost host = bad(style(digests)).enable();
                PduTemplate pdu =
                        plain.digested(digests, digests).with(new PduTemplate.Field(2, 1), 255);
                attack(host, host.connectIo(1), FatalErrorStatus.INVALID_PDU_HEADER, pdu);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void takesNoDataThatBeginsOrEndsPastItsTransfer(boolean digests) {
        int[] offsets = {
            4, 4096, TRANSFER_BYTES - 4, TRANSFER_BYTES, TRANSFER_BYTES + 4, 1 << 30, -4096, -4
        };
        for (int offset : offsets) {
            TestHost host = bad(style(digests)).enable();
            HostQueue queue = host.connectIo(1);
            PduTemplate data = dataFor(awaitedTransfer(queue), offset, 4096, digests);
            attack(host, queue, FatalErrorStatus.DATA_OUT_OF_RANGE, data);
        }
        TestHost host = bad(style(digests)).enable();
        HostQueue queue = host.connectIo(1);
        HostQueue.Request request = awaitedTransfer(queue);
        PduTemplate most = dataFor(request, 0, TRANSFER_BYTES - 4, digests);
        PduTemplate tooMuch = dataFor(request, TRANSFER_BYTES - 4, 8, digests);
        attack(host, queue, FatalErrorStatus.DATA_OUT_OF_RANGE, most, tooMuch);
    }

    /** PLEN minus PDO is no number of bytes then. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void takesNoDataOffsetBehindTheEndOfThePdu(boolean digests) {
        for (boolean capsule : new boolean[] {false, true}) {
            for (int dataOffset : new int[] {252, 200, 128}) {
                TestHost host = bad(style(digests)).enable();
                HostQueue queue = host.connectIo(1);
                HostQueue.Request request = awaitedTransfer(queue);
                PduTemplate pdu = capsule ? deallocate(digests) : dataFor(request, 0, 16, digests);
                PduTemplate beyond = pdu.with(new PduTemplate.Field(3, 1), dataOffset);
                attack(host, queue, FatalErrorStatus.INVALID_PDU_HEADER, beyond);
            }
        }
    }

    private static PduTemplate named(String name) {
        return PduTemplate.all().stream()
                .filter(pdu -> pdu.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static PduTemplate deallocate(boolean digests) {
        return named("deallocate").digested(digests, digests);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void takesNoPduLongerThanAnyThatItKnows(boolean digests) {
        for (long plen : new long[] {0xFFFF_FFFFL, 0x8000_0000L, 0x7FFF_FFFFL, (1 << 20) + 64}) {
            for (boolean capsule : new boolean[] {false, true}) {
                TestHost host = bad(style(digests)).enable();
                HostQueue queue = host.connectIo(1);
                HostQueue.Request request = awaitedTransfer(queue);
                PduTemplate pdu =
                        capsule ? deallocate(digests) : dataFor(request, 0, 4096, digests);
                PduTemplate longer = pdu.with(new PduTemplate.Field(4, 4), plen);
                attack(host, queue, FatalErrorStatus.DATA_LIMIT_EXCEEDED, longer);
            }
        }
    }

    @Test
    void takesNoHeaderWhoseDigestIsWrong() {
        TestHost host = bad(HostQueue.Style.DIGESTS).enable();
        HostQueue queue = host.connectIo(1);
        queue.hostile = true;
        byte[] wire = deallocate(true).framed(true, true);
        wire[72] ^= 1;
        queue.send(wire);
        world.simulation.runUntil(() -> queue.closed, LATE_NS);
        assertEquals(FatalErrorStatus.HEADER_DIGEST_ERROR, queue.terminated);
        host.close();
    }

    @Test
    void takesNoDataForACommandThatReads() {
        world.device.hold();
        TestHost host = bad().enable();
        HostQueue queue = host.connectIo(1);
        int read = TestHost.submitRead(queue, 0, 2);
        world.runFor(1_000_000);
        assertEquals(1, world.device.heldCount());
        PduTemplate data = PduTemplate.data(PduType.H2C_DATA, read, 0, 0, 4096);
        attack(host, queue, FatalErrorStatus.INVALID_PDU_HEADER, data);
    }

    @Test
    void takesNoDataForACommandThatHasAllItNeeds() {
        world.device.hold();
        TestHost host = bad().enable();
        HostQueue queue = host.connectIo(1);
        int write = TestHost.submitWrite(queue, 0, new byte[16384]);
        queue.awaitRequests(1);
        world.runFor(1_000_000);
        assertEquals(1, world.device.heldCount());
        int tag = queue.requests.getFirst().tag();
        PduTemplate data = PduTemplate.data(PduType.H2C_DATA, write, tag, 0, 4096);
        attack(host, queue, FatalErrorStatus.INVALID_PDU_HEADER, data);
    }

    @Test
    void takesNoSecondConnectBesideTheFirst() {
        HostQueue queue = bad().admin;
        queue.hostile = true;
        int before = world.target.connections();
        byte[] connect = named("Connect").framed(false, false);
        queue.send(connect);
        queue.send(connect);
        world.runFor(10_000_000);
        assertEquals(before, world.target.connections());
        assertEquals(2, queue.order.size());
        assertEquals(StatusCode.COMMAND_SEQUENCE_ERROR, queue.lastAnswer().code());
        queue.stream().close();
    }

    @Test
    void takesNoSecondInitialize() {
        HostQueue queue = new HostQueue(world.host, world.address, HostQueue.Style.PLAIN);
        queue.hostile = true;
        byte[] initialize = named("ICReq").framed(false, false);
        queue.send(initialize);
        queue.send(initialize);
        world.simulation.runUntil(() -> queue.closed, LATE_NS);
        assertEquals(FatalErrorStatus.PDU_SEQUENCE_ERROR, queue.terminated);
    }

    /** Each opcode and each type of fabrics command, with whatever data it may have. */
    @Test
    void allowsNothingButConnectBeforeConnect() {
        MemorySegment sqe = MemorySegment.ofArray(new byte[64]);
        HostQueue queue = bad().admin;
        queue.hostile = true;
        for (int opcode = 0; opcode < 512; opcode++) {
            if (opcode == FabricsType.OPCODE) {
                continue;
            }
            if (opcode < 256) {
                SubmissionEntry.write(sqe, 0, opcode, 0x1234, 1);
            } else {
                SubmissionEntry.writeFabrics(sqe, 0, opcode - 256, 0x1234);
            }
            if (opcode - 256 == FabricsType.CONNECT) {
                continue;
            }
            for (int bytes : new int[] {0, 4096}) {
                SglDescriptor.write(sqe, SubmissionEntry.SGL, 0x5A, bytes);
                int before = queue.order.size();
                queue.send(
                        PduTemplate.capsule("opcode " + opcode, sqe, new byte[0])
                                .framed(false, false));
                int command = opcode;
                assertTrue(
                        world.simulation.runUntil(() -> queue.order.size() > before, LATE_NS),
                        () -> "opcode " + command);
                Answer answer = queue.lastAnswer();
                assertFalse(answer.isOk(), () -> "opcode " + command);
                assertFalse(answer.mayRetry(), () -> "opcode " + command);
                assertTrue(queue.requests.isEmpty(), "no data is asked for");
            }
        }
        queue.stream().close();
        assertTrue(world.device.log.isEmpty());
    }
}
