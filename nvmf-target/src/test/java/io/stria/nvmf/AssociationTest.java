package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.nvme.ConnectCommand;
import io.stria.nvme.ControllerProperty;
import io.stria.nvme.StatusCode;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** No command of a connection that its host has given up takes effect after a later one. */
class AssociationTest {
    private final World world = new World();

    @AfterEach
    void closeWorld() {
        world.close();
    }

    private int connectSoon(TestHost host, HostQueue queue) {
        return host.submitConnect(queue, 1, 128, host.controllerId, World.NQN);
    }

    @Test
    void letsAHostBackInWhenItsOldCommandsHaveEnded() {
        TestHost host = world.connect().enable();
        HostQueue old = host.connectIo(1);
        byte[] before = World.pattern(1, 4096);
        byte[] after = World.pattern(2, 4096);
        world.device.hold();
        TestHost.submitWrite(old, 0, before);
        world.runFor(10_000_000);
        host.close();
        world.runFor(10_000_000);
        assertEquals(1, world.volume.orphanedCommands());

        TestHost again = world.connect().enable();
        HostQueue queue = again.open();
        int connect = connectSoon(again, queue);
        world.runFor(1_000_000_000);
        assertFalse(queue.isAnswered(connect), "an old write could still take effect");
        world.device.letGo();
        assertTrue(queue.await(connect).isOk());
        assertEquals(0, world.volume.orphanedCommands());
        assertArrayEquals(before, world.device.block(0), "it has ended before");
        assertTrue(TestHost.write(queue, 0, after).isOk());
        world.runFor(1_000_000_000);
        assertArrayEquals(after, world.device.block(0));
    }

    @Test
    void waitsLongerThanAHostMayTakeToConnect() {
        TestHost host = world.connect().enable();
        HostQueue old = host.connectIo(1);
        world.device.hold();
        TestHost.submitWrite(old, 0, World.pattern(1, 4096));
        world.runFor(10_000_000);
        host.close();
        world.runFor(10_000_000);
        TestHost again = world.connect();
        again.keepAliveMs = 60_000;
        again.enable();
        HostQueue queue = again.open();
        int connect = connectSoon(again, queue);
        world.runFor(25_000_000_000L);
        assertFalse(queue.closed);
        world.device.letGo();
        assertTrue(queue.await(connect).isOk());
    }

    /** Another path of the host may lose connections all the time. */
    @Test
    void waitsForWhatWasLeftBeforeItOnly() {
        InetSocketAddress second = world.listen(new InetSocketAddress("10.0.0.11", 4421));
        TestHost otherPath =
                new TestHost(world.host, second, World.NQN, HostQueue.Style.PLAIN).enable();
        HostQueue before = otherPath.connectIo(1);
        HostQueue after = otherPath.connectIo(2);
        world.device.latency(() -> 25_000_000_000L);
        leave(before);
        TestHost host = world.connect().enable();
        HostQueue queue = host.open();
        int connect = connectSoon(host, queue);
        world.runFor(20_000_000_000L);
        leave(after);
        world.runFor(4_000_000_000L);
        assertFalse(queue.isAnswered(connect));
        world.runFor(2_000_000_000L);
        assertTrue(queue.isAnswered(connect));
        assertEquals(1, world.volume.orphanedCommands());
        world.runFor(20_000_000_000L);
    }

    private void leave(HostQueue queue) {
        TestHost.submitWrite(queue, 0, World.pattern(1, 4096));
        world.runFor(10_000_000);
        queue.stream().close();
        world.runFor(10_000_000);
    }

    @Test
    void doesNotKeepOtherHostsOutside() {
        TestHost host = world.connect().enable();
        HostQueue old = host.connectIo(1);
        world.device.hold();
        TestHost.submitWrite(old, 0, World.pattern(1, 4096));
        world.runFor(10_000_000);
        host.close();
        world.runFor(10_000_000);
        TestHost other = world.connect();
        other.hostId = World.pattern(3, 16);
        other.enable();
        HostQueue queue = other.open();
        assertTrue(queue.await(connectSoon(other, queue)).isOk());
    }

    @Test
    void endsTheOldAssociationWhenItsHostComesAgainOnTheSamePath() {
        TestHost host = world.connect().enable();
        HostQueue old = host.connectIo(1);
        old.answersRequests = false;
        world.device.hold();
        int executing = TestHost.submitWrite(old, 0, World.pattern(1, 4096));
        TestHost.submitWrite(old, 1, World.pattern(2, 65536));
        old.awaitRequests(1);

        TestHost again = world.connect().enable();
        host.admin.awaitClosed();
        old.awaitClosed();
        assertFalse(old.isAnswered(executing));
        assertEquals(1, world.volume.controllers().size());
        assertEquals(1, world.volume.orphanedCommands());
        HostQueue queue = again.open();
        int connect = connectSoon(again, queue);
        world.runFor(1_000_000_000);
        assertFalse(queue.isAnswered(connect));
        world.device.letGo();
        assertTrue(queue.await(connect).isOk());
        assertEquals(1, world.device.log.size(), "what had not begun was dropped");
    }

    @Test
    void leavesOtherPathsOfTheHostAlone() {
        TestHost host = world.connect().enable();
        InetSocketAddress second = world.listen(new InetSocketAddress("10.0.0.11", 4421));
        TestHost otherPath =
                new TestHost(world.host, second, World.NQN, HostQueue.Style.PLAIN).enable();
        world.runFor(1_000_000_000);
        assertFalse(host.admin.closed);
        assertFalse(otherPath.admin.closed);
        assertEquals(2, world.volume.controllers().size());
    }

    @Test
    void answersNobodyWhenTheHostLeavesWhileItWaits() {
        TestHost host = world.connect().enable();
        HostQueue old = host.connectIo(1);
        world.device.hold();
        TestHost.submitWrite(old, 0, World.pattern(1, 4096));
        world.runFor(10_000_000);
        host.close();
        world.runFor(10_000_000);
        TestHost again = world.connect().enable();
        HostQueue queue = again.open();
        connectSoon(again, queue);
        world.runFor(10_000_000);
        again.close();
        queue.stream().close();
        world.runFor(10_000_000);
        TestHost third = world.connect().enable();
        HostQueue last = third.open();
        int connect = connectSoon(third, last);
        world.runFor(10_000_000);
        assertFalse(last.isAnswered(connect));
        world.device.letGo();
        Answer answer = last.await(connect);
        assertTrue(answer.isOk());
        assertEquals(0, answer.result() & ConnectCommand.RESULT_AUTHENTICATE);
    }

    private HostQueue leavesAWriteAndWaits(TestHost again) {
        TestHost host = world.connect().enable();
        HostQueue old = host.connectIo(1);
        world.device.hold();
        TestHost.submitWrite(old, 0, World.pattern(1, 4096));
        world.runFor(10_000_000);
        host.close();
        world.runFor(10_000_000);
        again.enable();
        HostQueue queue = again.open();
        connectSoon(again, queue);
        world.runFor(10_000_000);
        assertFalse(queue.closed);
        return queue;
    }

    @Test
    void endsTheWaitWithItsController() {
        TestHost again = world.connect();
        HostQueue queue = leavesAWriteAndWaits(again);
        again.admin.stream().close();
        world.runFor(10_000_000);
        assertTrue(queue.closed);
    }

    @Test
    void endsTheWaitWhenItsControllerIsReset() {
        TestHost again = world.connect();
        HostQueue queue = leavesAWriteAndWaits(again);
        again.setProperty(ControllerProperty.CC, 0);
        world.runFor(10_000_000);
        assertTrue(queue.closed);
        assertFalse(again.admin.closed);
        world.device.letGo();
        again.setProperty(ControllerProperty.CC, 0x0046_0001);
        assertTrue(TestHost.read(again.connectIo(1), 0, 1).isOk());
    }

    /** However often it asks, and is refused: here since another one got its number. */
    @Test
    void givesAConnectionAMinuteAndNotEachOfItsConnects() {
        TestHost again = world.connect();
        HostQueue first = leavesAWriteAndWaits(again);
        HostQueue second = again.open();
        int connect = connectSoon(again, second);
        world.runFor(40_000_000_000L);
        world.device.letGo();
        assertEquals(StatusCode.CONNECT_INVALID_PARAMETERS, second.await(connect).code());
        world.device.hold();
        leave(first);
        connectSoon(again, second);
        world.runFor(19_000_000_000L);
        assertFalse(second.closed);
        world.runFor(2_000_000_000L);
        assertTrue(second.closed);
    }

    @Test
    void freesBuffersOfCommandsThatEndAfterTheTargetHasClosed() {
        TestHost host = world.connect().enable();
        HostQueue queue = host.connectIo(1);
        world.device.hold();
        TestHost.submitWrite(queue, 0, World.pattern(1, 65536));
        world.runFor(10_000_000);
        world.target.close();
        world.runFor(10_000_000);
        assertFalse(world.memory.outstandingBytes().isEmpty());
        world.device.letGo();
        world.runFor(10_000_000);
        assertTrue(world.memory.outstandingBytes().isEmpty());
    }
}
