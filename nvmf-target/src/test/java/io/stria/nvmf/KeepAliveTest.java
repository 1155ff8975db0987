package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.nvme.AdminOpcode;
import io.stria.nvme.ControllerProperty;
import io.stria.nvme.FeatureId;
import io.stria.nvme.StatusCode;
import io.stria.nvme.SubmissionEntry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeepAliveTest {
    private static final long SECOND_NS = 1_000_000_000L;

    private final World world = new World();

    @AfterEach
    void closeWorld() {
        world.close();
    }

    private TestHost connect(int keepAliveMs) {
        TestHost host = world.connect();
        host.keepAliveMs = keepAliveMs;
        return host.enable();
    }

    @Test
    void endsAHostThatHasFallenSilent() {
        TestHost host = connect(1000);
        HostQueue io = host.connectIo(1);
        world.runFor(SECOND_NS * 9 / 10);
        assertFalse(io.closed);
        world.runFor(SECOND_NS * 17 / 10);
        assertTrue(io.closed);
        assertTrue(host.admin.closed);
        assertTrue(world.volume.controllers().isEmpty());
    }

    /** Whenever the last command was: not up to two periods after it. */
    @Test
    void takesOnePeriodOfSilenceForTheEnd() {
        TestHost host = connect(1000);
        HostQueue io = host.connectIo(1);
        world.runFor(SECOND_NS / 10);
        assertTrue(TestHost.read(io, 0, 1).isOk());
        world.runFor(SECOND_NS * 19 / 10);
        assertFalse(io.closed);
        world.runFor(SECOND_NS * 2 / 10);
        assertTrue(io.closed);
    }

    @Test
    void keepsAHostThatSaysThatItIsThere() {
        TestHost host = connect(1000);
        for (int i = 0; i < 20; i++) {
            world.runFor(SECOND_NS / 2);
            assertTrue(host.keepAlive().isOk());
        }
    }

    @Test
    void takesAnyCommandForASignOfLife() {
        TestHost host = connect(1000);
        HostQueue io = host.connectIo(1);
        for (int i = 0; i < 20; i++) {
            world.runFor(SECOND_NS / 2);
            assertTrue(TestHost.read(io, 0, 1).isOk());
        }
    }

    /** Linux leaves out every other keep alive when there was traffic: silence for all of it. */
    @Test
    void keepsAHostThatTrustsInItsTraffic() {
        TestHost host = connect(1000);
        HostQueue io = host.connectIo(1);
        for (int i = 0; i < 20; i++) {
            assertTrue(TestHost.read(io, 0, 1).isOk());
            world.runFor(SECOND_NS + 50_000_000);
            assertTrue(host.keepAlive().isOk());
            world.runFor(SECOND_NS);
        }
    }

    /** It counts from the answer, and then leaves out every other keep alive: almost 2 s here. */
    @Test
    void keepsAHostWhoseLastCommandWasSlow() {
        TestHost host = connect(1000);
        HostQueue io = host.connectIo(1);
        world.device.hold();
        TestHost.submitWrite(io, 0, World.pattern(1, 4096));
        world.runFor(SECOND_NS * 8 / 10);
        world.device.letGo();
        world.runFor(SECOND_NS);
        assertFalse(io.closed);
        assertTrue(host.keepAlive().isOk());
    }

    @Test
    void doesNotTakeOldCommandsForSignsOfLife() {
        TestHost host = connect(1000);
        HostQueue io = host.connectIo(1);
        world.device.hold();
        TestHost.submitWrite(io, 0, World.pattern(1, 4096));
        host.requestEvent();
        world.runFor(3 * SECOND_NS);
        assertTrue(host.admin.closed);
        assertTrue(io.closed);
    }

    /** Linux sends none before all of its queues are connected. */
    @Test
    void leavesAHostAloneThatIsKeptWaitingForItsQueue() {
        TestHost old = connect(0);
        HostQueue lost = old.connectIo(1);
        world.device.hold();
        TestHost.submitWrite(lost, 0, World.pattern(1, 4096));
        world.runFor(10_000_000);
        old.close();
        TestHost host = connect(5000);
        HostQueue io = host.open();
        int connect = host.submitConnect(io, 1, 128, host.controllerId, World.NQN);
        world.runFor(24 * SECOND_NS);
        world.device.letGo();
        assertTrue(io.await(connect).isOk());
        assertEquals(0, world.target.counters().silent());
        world.runFor(9 * SECOND_NS);
        assertFalse(io.closed);
        world.runFor(2 * SECOND_NS);
        assertTrue(io.closed, "silent since it was answered");
        assertEquals(1, world.target.counters().silent());
    }

    @Test
    void countsAgainWhenWhoWaitedHasGone() {
        TestHost old = connect(0);
        HostQueue lost = old.connectIo(1);
        world.device.hold();
        TestHost.submitWrite(lost, 0, World.pattern(1, 4096));
        world.runFor(10_000_000);
        old.close();
        TestHost host = connect(1000);
        HostQueue io = host.open();
        host.submitConnect(io, 1, 128, host.controllerId, World.NQN);
        world.runFor(3 * SECOND_NS);
        assertFalse(host.admin.closed);
        io.stream().close();
        world.runFor(3 * SECOND_NS);
        assertTrue(host.admin.closed);
    }

    @Test
    void takesTheConnectOfAQueueForASignOfLife() {
        TestHost host = connect(1000);
        world.runFor(SECOND_NS * 18 / 10);
        HostQueue io = host.connectIo(1);
        world.runFor(SECOND_NS * 18 / 10);
        assertFalse(io.closed);
    }

    @Test
    void takesKeepAliveOnTheAdminQueueOnly() {
        TestHost host = connect(1000);
        HostQueue io = host.connectIo(1);
        Answer answer =
                TestHost.run(
                        io, sqe -> SubmissionEntry.write(sqe, 0, AdminOpcode.KEEP_ALIVE, 0, 1));
        assertEquals(StatusCode.INVALID_OPCODE, answer.code());
    }

    @Test
    void roundsTimeoutsUpToItsUnit() {
        TestHost host = connect(1);
        assertEquals(100, host.getFeature(FeatureId.KEEP_ALIVE_TIMER, 0).result());
        host.setFeature(FeatureId.KEEP_ALIVE_TIMER, 5001);
        assertEquals(5100, host.getFeature(FeatureId.KEEP_ALIVE_TIMER, 0).result());
        host.setFeature(FeatureId.KEEP_ALIVE_TIMER, -1);
        assertEquals(4_294_967_300L, host.getFeature(FeatureId.KEEP_ALIVE_TIMER, 0).result());
        world.runFor(100 * SECOND_NS);
        assertFalse(host.admin.closed);
    }

    @Test
    void keepsCountingWhileAControllerIsReset() {
        TestHost host = connect(1000);
        host.setProperty(ControllerProperty.CC, 0x0046_0000);
        world.runFor(3 * SECOND_NS);
        assertTrue(host.admin.closed);
    }

    @Test
    void leavesHostsAloneThatDoNotWantIt() {
        TestHost host = connect(0);
        world.runFor(1000 * SECOND_NS);
        assertFalse(host.admin.closed);
        assertTrue(host.keepAlive().isOk());
    }

    @Test
    void takesANewTimeoutAtOnce() {
        TestHost host = connect(100_000);
        host.setFeature(FeatureId.KEEP_ALIVE_TIMER, 500);
        world.runFor(2 * SECOND_NS);
        assertTrue(host.admin.closed);
        TestHost other = connect(500);
        other.setFeature(FeatureId.KEEP_ALIVE_TIMER, 0);
        world.runFor(2 * SECOND_NS);
        assertFalse(other.admin.closed);
    }

    @Test
    void endsAHostThatTheNetworkHasLost() {
        TestHost host = connect(1000);
        HostQueue io = host.connectIo(1);
        world.device.hold();
        TestHost.submitWrite(io, 0, World.pattern(1, 4096));
        world.runFor(10_000_000);
        world.network.isolate(world.host.host());
        world.runFor(3 * SECOND_NS);
        assertEquals(0, world.target.connections());
        assertEquals(1, world.volume.orphanedCommands());
        world.network.healAll();
    }
}
