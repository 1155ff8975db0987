package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.nvme.StatusCode;
import io.stria.runtime.sim.TcpConfig;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

class LimitsTest {
    private static final InetSocketAddress ADDRESS = new InetSocketAddress("10.0.0.1", 4420);

    @Test
    void givesEveryNodeARangeOfItsOwn() {
        Set<Integer> all = new HashSet<>();
        for (int node = 1; node <= ControllerIds.NODES_MAX; node++) {
            ControllerIds ids = ControllerIds.ofNode(node, 12345 * node);
            assertEquals((node - 1) * 4096 + 1, ids.first());
            assertEquals(node * 4096, ids.last());
            int id = ids.start();
            for (int i = 0; i < ControllerIds.IDS_PER_NODE; i++) {
                assertTrue(all.add(id), "id " + id);
                id = ids.after(id);
            }
            assertEquals(ids.start(), id);
        }
        assertThrows(IllegalArgumentException.class, () -> ControllerIds.ofNode(0, 0));
        assertThrows(IllegalArgumentException.class, () -> ControllerIds.ofNode(16, 0));
        assertThrows(IllegalArgumentException.class, () -> new ControllerIds(1, 0xFFF0, 1));
        assertEquals(4096, ControllerIds.ofNode(1, -1).start());
    }

    @Test
    void refusesMoreControllersThanItHasIdsFor() {
        TargetConfig config =
                TargetConfig.of(ADDRESS, new ControllerIds(7, 8, 8)).withBuffers(World.FEW_BUFFERS);
        try (World world = new World(config, TcpConfig.linux())) {
            TestHost[] hosts = new TestHost[2];
            for (int i = 0; i < 2; i++) {
                hosts[i] = world.connect();
                hosts[i].hostNqn = "nqn." + i;
                hosts[i].enable();
            }
            assertEquals(8, hosts[0].controllerId);
            assertEquals(7, hosts[1].controllerId);
            TestHost third = world.connect();
            third.hostNqn = "nqn.third";
            assertEquals(
                    StatusCode.CONNECT_CONTROLLER_BUSY,
                    third.connect(third.admin, 0, 32, 0xFFFF, World.NQN).code());
            hosts[0].close();
            world.runFor(10_000_000);
            assertEquals(8, third.enable().controllerId);
        }
    }

    @Test
    void saysOnceThatThereAreTooManyConnectionsAndOnceThatThereIsRoomAgain() {
        TargetConfig config =
                TargetConfig.of(ADDRESS, ControllerIds.ofNode(1, 0))
                        .withBuffers(World.FEW_BUFFERS)
                        .withConnectionsMax(8);
        LogLines lines = new LogLines();
        Logger logger = Logger.getLogger("io.stria.nvmf");
        logger.addHandler(lines);
        try (World world = new World(config, TcpConfig.linux())) {
            HostQueue io = world.connect().enable().connectIo(1);
            for (int i = 0; i < 500; i++) {
                var unused = new HostQueue(world.host, world.address, HostQueue.Style.PLAIN);
            }
            world.runFor(100_000_000);
            assertEquals(1, lines.count("all that there may be"));
            assertEquals(494, world.target.counters().displaced());
            world.runFor(60_000_000_000L);
            assertEquals(1, lines.count("room for connections again"));
            assertEquals(1, lines.count("494 were displaced and 0 refused"));
            assertEquals(1, lines.count("all that there may be"));
            assertTrue(TestHost.read(io, 0, 1).isOk());
        } finally {
            logger.removeHandler(lines);
        }
    }

    private static final class LogLines extends Handler {
        private final List<String> lines = new ArrayList<>();

        long count(String text) {
            return lines.stream().filter(line -> line.contains(text)).count();
        }

        @Override
        public void publish(LogRecord line) {
            lines.add(line.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    @Test
    void closesConnectionsBeyondItsLimit() {
        TargetConfig config =
                TargetConfig.of(ADDRESS, ControllerIds.ofNode(1, 0))
                        .withBuffers(World.FEW_BUFFERS)
                        .withConnectionsMax(2);
        try (World world = new World(config, TcpConfig.linux())) {
            TestHost first = world.connect().enable();
            HostQueue io = first.connectIo(1);
            HostQueue refused = new HostQueue(world.host, world.address, HostQueue.Style.PLAIN);
            refused.awaitClosed();
            assertEquals(2, world.target.connections());
            assertFalse(io.closed);
            io.stream().close();
            world.runFor(10_000_000);
            assertTrue(TestHost.read(first.connectIo(2), 0, 1).isOk());
        }
    }

    /** A Connect that waits keeps its place; one that was refused is a stranger's again. */
    @Test
    void makesRoomInPlaceOfAConnectionThatHasWaitedInVain() {
        TargetConfig config =
                TargetConfig.of(ADDRESS, ControllerIds.ofNode(1, 0))
                        .withBuffers(World.FEW_BUFFERS)
                        .withConnectionsMax(3);
        try (World world = new World(config, TcpConfig.linux())) {
            TestHost old = world.connect().enable();
            HostQueue lost = old.connectIo(1);
            world.device.hold();
            TestHost.submitWrite(lost, 0, World.pattern(1, 4096));
            world.runFor(10_000_000);
            old.close();
            world.runFor(10_000_000);
            TestHost host = world.connect().enable();
            HostQueue first = host.open();
            HostQueue second = host.open();
            int[] connects = new int[2];
            connects[0] = host.submitConnect(first, 1, 128, host.controllerId, World.NQN);
            world.runFor(10_000_000);
            connects[1] = host.submitConnect(second, 1, 128, host.controllerId, World.NQN);
            world.runFor(10_000_000);
            new HostQueue(world.host, world.address, HostQueue.Style.PLAIN).awaitClosed();
            assertEquals(1, world.target.counters().refused());
            world.device.letGo();
            assertTrue(first.await(connects[0]).isOk());
            assertFalse(second.await(connects[1]).isOk());
            HostQueue next = new HostQueue(world.host, world.address, HostQueue.Style.PLAIN);
            second.awaitClosed();
            assertEquals(1, world.target.counters().displaced());
            assertFalse(first.closed || next.closed);
        }
    }

    @Test
    void refusesSettingsThatCannotWork() {
        assertThrows(
                IllegalArgumentException.class, () -> new BufferConfig(1000, 1, 4096, 1, 4096, 1));
        assertThrows(
                IllegalArgumentException.class, () -> new BufferConfig(8192, 0, 4096, 1, 4096, 1));
        TargetConfig config = TargetConfig.of(ADDRESS, ControllerIds.ofNode(1, 0));
        assertThrows(
                IllegalArgumentException.class,
                () -> config.withBuffers(new BufferConfig(4096, 1, 131072, 1, 131072, 1)));
        assertThrows(IllegalArgumentException.class, () -> config.withConnectionsMax(0));
        assertThrows(
                IllegalArgumentException.class,
                () -> SubsystemIdentity.of("nqn.x", new UUID(0, 0), "way too long"));
        assertThrows(
                IllegalArgumentException.class,
                () -> new SubsystemIdentity("nqn.x", "new\nline", "Stria", "1", new UUID(0, 0)));
        assertThrows(
                IllegalArgumentException.class,
                () ->
                        new VolumeSubsystem(
                                SubsystemIdentity.of("n".repeat(224), new UUID(0, 0), "1"), 1));
    }

    @Test
    void refusesSubsystemsThatNeedLargerBuffers() {
        try (World world = new World()) {
            assertThrows(IllegalArgumentException.class, () -> world.target.add(world.volume));
            TargetConfig config =
                    TargetConfig.of(ADDRESS, ControllerIds.ofNode(1, 0))
                            .withBuffers(new BufferConfig(8192, 1, 64 * 1024, 1, 64 * 1024, 1));
            NvmfTarget small =
                    new NvmfTarget(world.node, world.node.timers(), world.memory, config);
            assertThrows(IllegalArgumentException.class, () -> small.add(world.volume));
            small.close();
        }
    }
}
