package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.nvme.AnaState;
import io.stria.nvme.ConnectCommand;
import io.stria.nvme.ConnectData;
import io.stria.nvme.ControllerProperty;
import io.stria.nvme.PropertyCommand;
import io.stria.runtime.sim.TcpConfig;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/**
 * 64 hosts with 1,024 IO queues on 256 volumes of one node. Everything happens at once, and no turn
 * of any reactor takes long: measured in CPU time of this thread, which neighbours do not change.
 */
class ScaleTest {
    private static final int HOSTS = 64;
    private static final int VOLUMES = 256;
    private static final int VOLUMES_PER_HOST = VOLUMES / HOSTS;
    private static final int QUEUES = 4;
    private static final int KEEP_ALIVE_MS = 30_000;
    private static final long STALL_NS = 100_000_000;

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final World world = new World(BufferConfig.standard(), TcpConfig.linux());
    private final List<VolumeSubsystem> volumes = new ArrayList<>();
    private long longestNs;

    /** One host's association with one volume. */
    private final class Association {
        private final int index;
        private final HostQueue admin = queue();
        private final List<HostQueue> io = new ArrayList<>();
        private int last;
        private int controllerId;

        Association(int index) {
            this.index = index;
        }

        private HostQueue queue() {
            HostQueue opened = new HostQueue(world.host, world.address, HostQueue.Style.PLAIN);
            opened.initialize();
            return opened;
        }

        void connect(HostQueue queue, int queueId, int controller) {
            byte[] data = new byte[ConnectData.BYTES];
            byte[] hostId = new byte[16];
            hostId[0] = (byte) (index / VOLUMES_PER_HOST);
            ConnectData.write(
                    MemorySegment.ofArray(data),
                    0,
                    hostId,
                    controller,
                    volumes.get(index).nqn(),
                    "nqn.host" + index / VOLUMES_PER_HOST);
            int entries = queueId == 0 ? 32 : 128;
            last =
                    queue.submit(
                            sqe ->
                                    ConnectCommand.write(
                                            sqe, 0, 0, queueId, entries, 0, KEEP_ALIVE_MS),
                            data,
                            true,
                            0);
        }

        void enable() {
            controllerId = (int) admin.await(last).result() & 0xFFFF;
            last =
                    admin.submit(
                            sqe ->
                                    PropertyCommand.writeSet(
                                            sqe, 0, 0, ControllerProperty.CC, 0x0046_0001),
                            TestHost.NO_DATA,
                            false,
                            0);
        }

        void close() {
            io.forEach(queue -> queue.stream().close());
            admin.stream().close();
        }
    }

    private void runUntil(BooleanSupplier condition) {
        long limitNs = world.simulation.nowNs() + 200_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertTrue(world.simulation.nowNs() < limitNs, "it takes too long");
            long before = threads.getCurrentThreadCpuTime();
            assertTrue(world.simulation.step());
            longestNs = Math.max(longestNs, threads.getCurrentThreadCpuTime() - before);
        }
    }

    private void runFor(long durationNs) {
        long untilNs = world.simulation.nowNs() + durationNs;
        runUntil(() -> world.simulation.nowNs() >= untilNs);
    }

    private List<Association> connectAll() {
        List<Association> all = new ArrayList<>();
        for (int i = 0; i < VOLUMES; i++) {
            Association association = new Association(i);
            association.connect(association.admin, 0, ConnectData.ANY_CONTROLLER);
            all.add(association);
        }
        runFor(500_000_000);
        all.forEach(one -> assertTrue(one.admin.isAnswered(one.last), "connected in time"));
        all.forEach(Association::enable);
        runFor(500_000_000);
        all.forEach(one -> assertTrue(one.admin.isAnswered(one.last), "enabled in time"));
        for (Association one : all) {
            assertTrue(one.admin.await(one.last).isOk());
            for (int queueId = 1; queueId <= QUEUES; queueId++) {
                HostQueue queue = one.queue();
                one.io.add(queue);
                one.connect(queue, queueId, one.controllerId);
            }
        }
        runFor(500_000_000);
        return all;
    }

    private void doIo(List<Association> all, int round) {
        List<Integer> ids = new ArrayList<>();
        for (Association one : all) {
            for (int q = 0; q < QUEUES; q++) {
                byte[] data = World.pattern(round * 1000L + one.index, 4096);
                ids.add(TestHost.submitWrite(one.io.get(q), q, data));
            }
        }
        runFor(100_000_000);
        int next = 0;
        for (Association one : all) {
            for (HostQueue queue : one.io) {
                assertTrue(queue.isAnswered(ids.get(next)), "a write took more than 100 ms");
                assertTrue(queue.await(ids.get(next++)).isOk());
            }
        }
        for (int i = 0; i < all.size(); i += 16) {
            byte[] read = TestHost.read(all.get(i).io.getLast(), 0, 1).data();
            assertArrayEquals(World.pattern(round * 1000L + i, 4096), read);
        }
    }

    @Test
    void serves64HostsWith1024QueuesOn256VolumesWithoutAStall() {
        try (world) {
            List<MemoryDevice> devices = new ArrayList<>();
            for (int i = 0; i < VOLUMES; i++) {
                MemoryDevice device = new MemoryDevice(world.node.timers(), 8);
                VolumeSubsystem volume =
                        new VolumeSubsystem(
                                SubsystemIdentity.of("nqn.volume" + i, new UUID(7, i), "1"), 8);
                volume.setDevice(device);
                volume.setAnaState(AnaState.OPTIMIZED);
                world.target.add(volume);
                volumes.add(volume);
                devices.add(device);
            }
            List<Association> all = connectAll();
            assertEquals(VOLUMES * (QUEUES + 1), world.target.connections());
            doIo(all, 0);

            // Every owner changes, and every host is told.
            volumes.forEach(volume -> volume.setAnaState(AnaState.INACCESSIBLE));
            volumes.forEach(volume -> volume.setAnaState(AnaState.OPTIMIZED));
            doIo(all, 1);

            // All hosts come again at once, while the devices still work on what they sent before.
            for (int storm = 0; storm < 2; storm++) {
                devices.forEach(MemoryDevice::hold);
                for (Association one : all) {
                    one.io.forEach(queue -> TestHost.submitWrite(queue, 7, new byte[4096]));
                }
                runFor(50_000_000);
                if (storm == 0) {
                    all.forEach(Association::close);
                }
                List<Association> again = connectAll();
                devices.forEach(MemoryDevice::letGo);
                runFor(500_000_000);
                all = again;
                assertEquals(VOLUMES * (QUEUES + 1), world.target.connections());
                doIo(all, 2 + storm);
            }
            // Silence ends them all in one moment.
            runFor(3L * KEEP_ALIVE_MS * 1_000_000);
            assertEquals(0, world.target.connections());
            assertEquals(VOLUMES, world.target.counters().silent());
            BufferConfig buffers = BufferConfig.standard();
            assertEquals(World.count(buffers), world.target.freeBuffers());
        }
        System.out.printf("longest turn: %.1f ms of CPU%n", longestNs / 1e6);
        assertTrue(longestNs < STALL_NS, longestNs + " ns in one turn");
    }
}
