package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.runtime.sim.SimulatedEngine;
import io.stria.runtime.sim.TcpConfig;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Hosts that are cut off in the middle of anything and come again at once, and connections that
 * become nothing. Those that come again are let in while their devices are stuck, what they sent
 * before never undoes what they write then, and another host does not notice.
 *
 * <p>More storms: {@code -Dstria.hostile.storms=10000 -Dtest=ReconnectStormTest}.
 */
class ReconnectStormTest {
    private static final int STORMS = Integer.getInteger("stria.hostile.storms", 100);
    private static final int HOSTS = 20;
    private static final int BLOCKS_PER_HOST = 100;
    private static final int ECONNRESET = 104;

    private final Random random = new Random(World.SEED);
    private final List<HostQueue> queues = new ArrayList<>();
    private int resets;

    @Test
    void servesHostsThatAreResetAndComeAgainAtOnce() {
        try (World world = new World(World.FEW_BUFFERS, TcpConfig.linux())) {
            SimulatedEngine stormy = world.network.addHost("stormy", "10.0.0.3").start();
            GoodHost good = new GoodHost(world);
            // What came earlier may well take effect later.
            world.device.latency(() -> 10_000 + random.nextInt(2_000_000));
            for (int storm = 0; storm < STORMS; storm++) {
                String what =
                        "storm %d; repeat with -Dstria.seed=%d -Dtest=ReconnectStormTest"
                                .formatted(storm, World.SEED);
                attack(world, stormy);
                if (storm % 4 == 3) {
                    // All of them at once, by something between the hosts.
                    world.network.reset(stormy.host(), world.node.host());
                } else {
                    queues.forEach(queue -> end(stormy, queue));
                }
                comeAgain(world, stormy, what);
                good.check(what);
                world.runFor(1_000_000);
                resets += (int) queues.stream().filter(q -> q.closedErrno == ECONNRESET).count();
                queues.forEach(queue -> queue.stream().close());
                queues.clear();
                world.device.log.clear();
                good.checkMemory(what);
            }
            assertTrue(resets > STORMS, resets + " connections were reset");
        }
    }

    /** Beyond the blocks that {@link PduTemplate} writes. */
    private static long firstBlock(int host) {
        return 400 + (long) host * BLOCKS_PER_HOST;
    }

    private TestHost host(World world, SimulatedEngine stormy, int index) {
        HostQueue.Style style =
                random.nextBoolean() ? HostQueue.Style.DIGESTS : HostQueue.Style.PLAIN;
        TestHost host = new TestHost(stormy, world.address, World.NQN, style);
        host.hostNqn = "nqn.stormy." + index;
        host.hostId[0] = (byte) index;
        queues.add(host.admin);
        return host;
    }

    /** Every host is somewhere, most of them with commands under way, some inside a PDU. */
    private void attack(World world, SimulatedEngine stormy) {
        List<HostQueue> busy = new ArrayList<>();
        List<Integer> owners = new ArrayList<>();
        for (int index = 0; index < HOSTS; index++) {
            TestHost host = host(world, stormy, index);
            int stage = random.nextInt(8);
            if (stage > 0) {
                host.enable();
            }
            for (int id = 1; stage > 1 && id <= 1 + random.nextInt(3); id++) {
                HostQueue queue = host.connectIo(id);
                queue.answersRequests = random.nextBoolean();
                queues.add(queue);
                busy.add(queue);
                owners.add(index);
            }
        }
        if (random.nextInt(3) > 0) {
            world.device.hold();
        }
        for (int n = 0; n < busy.size(); n++) {
            HostQueue queue = busy.get(n);
            long base = firstBlock(owners.get(n));
            for (int i = random.nextInt(6); i > 0; i--) {
                int blocks = 1 + random.nextInt(32);
                if (random.nextBoolean()) {
                    TestHost.submitWrite(queue, base, new byte[blocks * 4096]);
                } else {
                    TestHost.submitRead(queue, base, blocks);
                }
            }
            if (random.nextInt(3) == 0) {
                List<PduTemplate> all = PduTemplate.all();
                byte[] wire = all.get(random.nextInt(all.size())).framed(false, false);
                queue.hostile = true;
                queue.send(Arrays.copyOf(wire, 1 + random.nextInt(wire.length)));
            }
        }
        world.runFor(random.nextInt(300_000));
    }

    private void end(SimulatedEngine stormy, HostQueue queue) {
        switch (random.nextInt(3)) {
            case 0 -> queue.stream().close();
            case 1 -> {
                // What comes in meanwhile is unread when it closes: a reset.
                queue.stream().pauseReceive();
                stormy.timers().schedule(random.nextInt(200_000), queue.stream()::close);
            }
            default -> {
                // Left behind: its host comes again without having closed it.
            }
        }
    }

    private void comeAgain(World world, SimulatedEngine stormy, String what) {
        List<TestHost> again = new ArrayList<>();
        for (int index = 0; index < HOSTS; index++) {
            again.add(host(world, stormy, index).enable());
        }
        world.device.letGo();
        for (int index = 0; index < HOSTS; index++) {
            HostQueue queue = again.get(index).connectIo(1);
            queues.add(queue);
            long lba = firstBlock(index);
            byte[] data = World.pattern(random.nextLong(), 4 * 4096);
            assertTrue(TestHost.write(queue, lba, data).isOk(), what);
            world.runFor(random.nextInt(100_000));
            assertArrayEquals(data, TestHost.read(queue, lba, 4).data(), what);
        }
    }

    @Test
    void makesRoomForHostsInAFloodOfConnections() {
        TargetConfig config =
                TargetConfig.of(new InetSocketAddress("10.0.0.1", 4420), ControllerIds.ofNode(1, 0))
                        .withBuffers(World.FEW_BUFFERS)
                        .withConnectionsMax(50);
        byte[] data = World.pattern(World.SEED, 65536);
        try (World small = new World(config, TcpConfig.linux())) {
            TestHost host = small.connect().enable();
            HostQueue io = host.connectIo(1);
            for (int i = 0; i < 2000; i++) {
                HostQueue flood = new HostQueue(small.host, small.address, HostQueue.Style.PLAIN);
                if (i % 2 == 0) {
                    flood.initialize();
                }
                if (i % 100 == 0) {
                    small.runFor(1_000_000);
                    assertTrue(small.target.connections() <= 50);
                    assertTrue(TestHost.write(io, 0, data).isOk());
                    TestHost late = small.connect();
                    late.hostNqn = "nqn.late" + i;
                    late.enable().close();
                }
            }
            small.runFor(1_000_000);
            assertTrue(small.target.counters().displaced() > 1900);
            assertEquals(0, small.target.counters().refused());
            small.runFor(11_000_000_000L);
            assertEquals(2, small.target.connections(), "the rest was too late");
            assertTrue(small.target.counters().late() > 0);
            assertArrayEquals(data, TestHost.read(io, 0, 16).data());
            assertEquals(World.count(World.FEW_BUFFERS), small.target.freeBuffers());
        }
    }
}
