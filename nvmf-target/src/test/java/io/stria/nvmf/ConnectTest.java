package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.nvme.ConnectCommand;
import io.stria.nvme.ConnectData;
import io.stria.nvme.ControllerProperty;
import io.stria.nvme.FabricsType;
import io.stria.nvme.FatalErrorStatus;
import io.stria.nvme.FeatureId;
import io.stria.nvme.PropertyCommand;
import io.stria.nvme.StatusCode;
import io.stria.nvme.SubmissionEntry;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConnectTest {
    private final World world = new World();

    @AfterEach
    void closeWorld() {
        world.close();
    }

    @Test
    void goesThroughTheWholeSequenceOfALinuxHost() {
        TestHost host = world.connect();
        Answer connected = host.connect(host.admin, 0, 32, ConnectData.ANY_CONTROLLER, World.NQN);
        assertTrue(connected.isOk());
        assertEquals(4100, connected.result());
        host.controllerId = 4100;
        Answer capabilities = host.getProperty(ControllerProperty.CAP, true);
        assertEquals(128, ControllerProperty.queueEntriesMax(capabilities.result()));
        assertEquals(0, host.getProperty(ControllerProperty.CSTS, false).result());
        assertTrue(host.setProperty(ControllerProperty.CC, 0x0046_0001).isOk());
        assertEquals(1, host.getProperty(ControllerProperty.CSTS, false).result());
        assertEquals(0x0046_0001, host.getProperty(ControllerProperty.CC, false).result());
        assertEquals(0x1_0400, host.getProperty(ControllerProperty.VS, false).result());
        assertEquals(
                0x000F_000F, host.setFeature(FeatureId.NUMBER_OF_QUEUES, 0x0007_0007).result());
        for (int queueId = 1; queueId <= 16; queueId++) {
            HostQueue queue = host.connectIo(queueId);
            byte[] data = World.pattern(queueId, 4096);
            assertTrue(TestHost.write(queue, queueId, data).isOk());
            assertArrayEquals(data, TestHost.read(queue, queueId, 1).data());
        }
        assertEquals(17, world.target.connections());
        assertEquals(16, world.volume.controllers().getFirst().ioQueues());
        assertTrue(host.setProperty(ControllerProperty.CC, 0x0046_4001).isOk());
        long status = host.getProperty(ControllerProperty.CSTS, false).result();
        assertEquals(
                ControllerProperty.CSTS_SHUTDOWN_COMPLETE,
                status & ControllerProperty.CSTS_SHUTDOWN_MASK);
        host.close();
        world.runFor(10_000_000);
        assertEquals(0, world.target.connections());
        assertTrue(world.volume.controllers().isEmpty());
    }

    @Test
    void countsTheSubmissionQueueHeadUnlessTheHostDoesNotCare() {
        TestHost host = world.connect().enable();
        assertEquals(3, host.keepAlive().sqHead());
        assertEquals(4, host.keepAlive().sqHead());
        for (int i = 5; i < 40; i++) {
            assertEquals(i % 32, host.keepAlive().sqHead());
        }
        TestHost carefree = world.connect();
        carefree.hostNqn = "nqn.other";
        carefree.attributes = ConnectCommand.CATTR_NO_SQ_FLOW_CONTROL;
        Answer answer =
                carefree.connect(carefree.admin, 0, 32, ConnectData.ANY_CONTROLLER, World.NQN);
        assertEquals(0xFFFF, answer.sqHead());
    }

    private static void assertInvalid(Answer answer, int field, boolean inData) {
        assertEquals(StatusCode.CONNECT_INVALID_PARAMETERS, answer.code());
        assertEquals(field | (inData ? ConnectCommand.RESULT_IN_DATA : 0), answer.result());
    }

    @Test
    void refusesWrongConnects() {
        TestHost host = world.connect();
        int any = ConnectData.ANY_CONTROLLER;
        Answer unknown = host.connect(host.admin, 0, 32, any, "nqn.unknown");
        assertInvalid(unknown, ConnectData.SUBNQN, true);
        assertTrue(unknown.mayRetry(), "the subsystem may come");
        assertInvalid(
                host.connect(host.admin, 0, 32, any, "nqn with\nblanks"), ConnectData.SUBNQN, true);
        assertInvalid(host.connect(host.admin, 0, 32, 5, World.NQN), ConnectData.CNTLID, true);
        assertInvalid(host.connect(host.admin, 0, 1, any, World.NQN), ConnectCommand.SQSIZE, false);
        assertInvalid(
                host.connect(host.admin, 0, 129, any, World.NQN), ConnectCommand.SQSIZE, false);
        assertInvalid(host.connect(host.admin, 1, 32, 5, World.NQN), ConnectData.CNTLID, true);
        host.hostNqn = "";
        assertInvalid(host.connect(host.admin, 0, 32, any, World.NQN), ConnectData.HOSTNQN, true);
        host.hostNqn = TestHost.NQN;
        Answer good = host.connect(host.admin, 0, 32, any, World.NQN);
        assertTrue(good.isOk());
        assertEquals(
                StatusCode.COMMAND_SEQUENCE_ERROR,
                host.connect(host.admin, 0, 32, any, World.NQN).code());
    }

    @Test
    void refusesWrongConnectsOfIoQueues() {
        TestHost host = world.connect();
        Answer admin = host.connect(host.admin, 0, 32, ConnectData.ANY_CONTROLLER, World.NQN);
        int id = (int) admin.result();
        HostQueue queue = host.open();
        assertEquals(
                StatusCode.CONNECT_CONTROLLER_BUSY,
                host.connect(queue, 1, 128, id, World.NQN).code(),
                "not enabled");
        host.setProperty(ControllerProperty.CC, 0x0046_0001);
        assertInvalid(host.connect(queue, 17, 128, id, World.NQN), ConnectCommand.QID, false);
        host.hostNqn = "nqn.somebody.else";
        assertInvalid(host.connect(queue, 1, 128, id, World.NQN), ConnectData.HOSTNQN, true);
        host.hostNqn = TestHost.NQN;
        assertTrue(host.connect(queue, 1, 128, id, World.NQN).isOk());
        HostQueue second = host.open();
        assertInvalid(host.connect(second, 1, 128, id, World.NQN), ConnectCommand.QID, false);
    }

    @Test
    void allowsNothingButConnectBeforeConnect() {
        TestHost host = world.connect();
        Answer early = host.keepAlive();
        assertEquals(StatusCode.COMMAND_SEQUENCE_ERROR, early.code());
        assertEquals(
                StatusCode.COMMAND_SEQUENCE_ERROR,
                host.getProperty(ControllerProperty.CAP, true).code());
        assertEquals(StatusCode.COMMAND_SEQUENCE_ERROR, TestHost.read(host.admin, 0, 1).code());
        assertEquals(
                StatusCode.COMMAND_SEQUENCE_ERROR,
                TestHost.write(host.admin, 0, new byte[4096]).code());
    }

    @Test
    void refusesFormatsThatItDoesNotKnow() {
        TestHost host = world.connect();
        byte[] data = new byte[ConnectData.BYTES];
        ConnectData.write(
                MemorySegment.ofArray(data),
                0,
                host.hostId,
                ConnectData.ANY_CONTROLLER,
                World.NQN,
                TestHost.NQN);
        int id =
                host.admin.submit(
                        sqe -> {
                            ConnectCommand.write(sqe, 0, 0, 0, 32, 0, 0);
                            sqe.set(ValueLayout.JAVA_BYTE, ConnectCommand.RECFMT, (byte) 1);
                        },
                        data,
                        true,
                        0);
        assertEquals(StatusCode.CONNECT_INCOMPATIBLE_FORMAT, host.admin.await(id).code());
    }

    @Test
    void takesTheConnectDataByTransferToo() {
        TestHost host = world.connect();
        byte[] data = new byte[ConnectData.BYTES];
        ConnectData.write(
                MemorySegment.ofArray(data),
                0,
                host.hostId,
                ConnectData.ANY_CONTROLLER,
                World.NQN,
                TestHost.NQN);
        int id =
                host.admin.submit(
                        sqe -> ConnectCommand.write(sqe, 0, 0, 0, 32, 0, 0), data, false, 0);
        assertTrue(host.admin.await(id).isOk());
        assertEquals(1, host.admin.requests.size());
    }

    @Test
    void letsOnlyAllowedHostsIn() {
        TestHost host = world.connect().enable();
        world.volume.allowHosts(identity -> !identity.nqn().equals(TestHost.NQN));
        host.admin.awaitClosed();
        TestHost again = world.connect();
        Answer refused = again.connect(again.admin, 0, 32, ConnectData.ANY_CONTROLLER, World.NQN);
        assertEquals(StatusCode.CONNECT_INVALID_HOST, refused.code());
        again.hostNqn = "nqn.welcome";
        assertTrue(again.connect(again.admin, 0, 32, ConnectData.ANY_CONTROLLER, World.NQN).isOk());
    }

    @Test
    void givesOutIdsInItsRangeOnly() {
        TestHost first = world.connect().enable();
        assertEquals(4100, first.controllerId);
        TestHost second = world.connect();
        second.hostNqn = "nqn.second";
        second.enable();
        assertEquals(4101, second.controllerId);
        first.close();
        world.runFor(10_000_000);
        TestHost third = world.connect().enable();
        assertEquals(4102, third.controllerId, "ids are not given out again at once");
    }

    @Test
    void refusesAConnectionThatDoesNotBeginWithInitialize() {
        HostQueue queue = new HostQueue(world.host, world.address, HostQueue.Style.PLAIN);
        queue.submit(sqe -> SubmissionEntry.write(sqe, 0, 0x18, 0, 0), TestHost.NO_DATA, false, 0);
        queue.awaitClosed();
        assertEquals(FatalErrorStatus.PDU_SEQUENCE_ERROR, queue.terminated);
    }

    @Test
    void refusesASecondInitialize() {
        TestHost host = world.connect();
        host.admin.initialize();
        host.admin.awaitClosed();
        assertEquals(FatalErrorStatus.PDU_SEQUENCE_ERROR, host.admin.terminated);
    }

    @Test
    void refusesAnotherPduFormat() {
        HostQueue queue = new HostQueue(world.host, world.address, HostQueue.Style.PLAIN);
        byte[] pdu = new byte[128];
        pdu[2] = (byte) 128;
        pdu[4] = (byte) 128;
        pdu[8] = 1;
        queue.send(pdu);
        queue.awaitClosed();
        assertEquals(FatalErrorStatus.UNSUPPORTED_PARAMETER, queue.terminated);
        assertEquals(8, queue.terminatedInformation);
    }

    @Test
    void dropsConnectionsThatDoNotConnectInTime() {
        TestHost slow = world.connect();
        world.runFor(9_000_000_000L);
        assertFalse(slow.admin.closed);
        world.runFor(2_000_000_000L);
        assertTrue(slow.admin.closed);
        assertEquals(0, world.target.connections());
    }

    @Test
    void endsAControllerWithItsAdminQueue() {
        TestHost host = world.connect().enable();
        HostQueue io = host.connectIo(1);
        host.admin.stream().close();
        io.awaitClosed();
        assertTrue(world.volume.controllers().isEmpty());
    }

    @Test
    void resetsAControllerThatIsDisabled() {
        TestHost host = world.connect().enable();
        HostQueue io = host.connectIo(1);
        host.setProperty(ControllerProperty.CC, 0x0046_0000);
        io.awaitClosed();
        assertFalse(host.admin.closed);
        assertEquals(0, host.getProperty(ControllerProperty.CSTS, false).result());
        host.setProperty(ControllerProperty.CC, 0x0046_0001);
        HostQueue again = host.connectIo(1);
        assertTrue(TestHost.read(again, 0, 1).isOk());
    }

    @Test
    void failsAControllerThatIsEnabledWithSettingsItCannotHave() {
        TestHost host = world.connect();
        host.connect(host.admin, 0, 32, ConnectData.ANY_CONTROLLER, World.NQN);
        host.setProperty(ControllerProperty.CC, 0x0055_0001);
        assertEquals(
                ControllerProperty.CSTS_FATAL,
                host.getProperty(ControllerProperty.CSTS, false).result());
    }

    @Test
    void knowsNoOtherProperties() {
        TestHost host = world.connect().enable();
        assertEquals(
                StatusCode.INVALID_FIELD, host.getProperty(ControllerProperty.CAP, false).code());
        assertEquals(StatusCode.INVALID_FIELD, host.getProperty(0x20, false).code());
        assertEquals(StatusCode.INVALID_FIELD, host.setProperty(0x20, 0x4E56_4D65).code());
        HostQueue io = host.connectIo(1);
        Answer onIo =
                TestHost.run(
                        io,
                        sqe -> PropertyCommand.writeGet(sqe, 0, 0, ControllerProperty.CAP, true));
        assertEquals(StatusCode.INVALID_OPCODE, onIo.code());
    }

    @Test
    void doesNotDisconnectAnAdminQueue() {
        TestHost host = world.connect().enable();
        Answer answer =
                TestHost.run(
                        host.admin,
                        sqe -> SubmissionEntry.writeFabrics(sqe, 0, FabricsType.DISCONNECT, 0));
        assertEquals(StatusCode.INVALID_QUEUE_TYPE, answer.code());
        assertTrue(host.keepAlive().isOk());
    }

    @Test
    void disconnectsAnIoQueue() {
        TestHost host = world.connect().enable();
        HostQueue io = host.connectIo(1);
        Answer answer =
                TestHost.run(
                        io, sqe -> SubmissionEntry.writeFabrics(sqe, 0, FabricsType.DISCONNECT, 0));
        assertTrue(answer.isOk());
        io.awaitClosed();
        assertFalse(host.admin.closed);
        assertNotEquals(0, host.connectIo(1).order.size());
    }

    @Test
    void removesASubsystemWhileItIsUsed() {
        TestHost host = world.connect().enable();
        HostQueue io = host.connectIo(1);
        world.target.remove(world.volume);
        io.awaitClosed();
        host.admin.awaitClosed();
        TestHost again = world.connect();
        assertInvalid(
                again.connect(again.admin, 0, 32, ConnectData.ANY_CONTROLLER, World.NQN),
                ConnectData.SUBNQN,
                true);
        world.target.add(world.volume);
        assertTrue(again.connect(again.admin, 0, 32, ConnectData.ANY_CONTROLLER, World.NQN).isOk());
    }
}
