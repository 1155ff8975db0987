package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.nvme.FeatureId;
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
        world.runFor(SECOND_NS * 12 / 10);
        assertTrue(io.closed);
        assertTrue(host.admin.closed);
        assertTrue(world.volume.controllers().isEmpty());
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
