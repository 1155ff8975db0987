package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.sim.TcpConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackPressureTest {
    private static final BufferConfig SCARCE = new BufferConfig(8192, 1, 128 * 1024, 1, 1 << 20, 1);

    @Test
    void goesOnWithOneBufferOfEachSize() {
        try (World world = new World(SCARCE, TcpConfig.linux())) {
            TestHost host = world.connect().enable();
            List<HostQueue> queues = List.of(host.connectIo(1), host.connectIo(2));
            List<Integer> ids = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                HostQueue queue = queues.get(i % 2);
                int blocks = length(i);
                ids.add(
                        i % 3 == 0
                                ? TestHost.submitRead(queue, 50L * i, blocks)
                                : TestHost.submitWrite(
                                        queue, 50L * i, World.pattern(i, 4096 * blocks)));
            }
            for (int i = 0; i < 60; i++) {
                assertTrue(queues.get(i % 2).await(ids.get(i)).isOk());
            }
            for (int i = 0; i < 60; i++) {
                if (i % 3 != 0) {
                    int blocks = length(i);
                    byte[] read = TestHost.read(queues.get(0), 50L * i, blocks).data();
                    assertArrayEquals(World.pattern(i, 4096 * blocks), read);
                }
            }
        }
    }

    /** In blocks: for small, large and huge buffers. */
    private static int length(int i) {
        return i % 20 == 7 ? 40 : 1 + i % 5;
    }

    @Test
    void keepsACapsuleOutsideUntilThereIsABuffer() {
        try (World world = new World(SCARCE, TcpConfig.linux())) {
            TestHost host = world.connect().enable();
            HostQueue queue = host.connectIo(1);
            world.device.hold();
            int first = TestHost.submitWrite(queue, 0, World.pattern(1, 4096));
            int second = TestHost.submitWrite(queue, 1, World.pattern(2, 4096));
            world.runFor(10_000_000);
            assertEquals(1, world.device.heldCount());
            world.device.letGo();
            assertTrue(queue.await(first).isOk());
            assertTrue(queue.await(second).isOk());
            assertArrayEquals(World.pattern(2, 4096), world.device.block(1));
        }
    }

    /** A capsule outside stood in line twice, and the second buffer had nowhere to go. */
    @Test
    void takesOneBufferForACapsuleOutsideWhenTwoComeBackAtOnce() {
        BufferConfig two = new BufferConfig(8192, 2, 128 * 1024, 1, 1 << 20, 1);
        TcpConfig tcp = TcpConfig.linux().withBuffers(1000, 1 << 16);
        try (World world = new World(two, tcp)) {
            TestHost host = world.connect().enable();
            HostQueue deaf = host.connectIo(1);
            HostQueue stays = host.connectIo(2);
            deaf.stream().pauseReceive();
            for (int i = 0; i < 20; i++) {
                TestHost.submitRead(deaf, 0, 2);
            }
            world.runFor(10_000_000);
            int first = TestHost.submitWrite(stays, 0, World.pattern(1, 4096));
            int second = TestHost.submitWrite(stays, 1, World.pattern(2, 4096));
            world.runFor(10_000_000);
            assertFalse(stays.isAnswered(first));
            deaf.stream().close();
            assertTrue(stays.await(first).isOk());
            assertTrue(stays.await(second).isOk());
        }
    }

    @Test
    void givesBackTheBuffersOfHostsThatGoAwayWhileTheyWait() {
        try (World world = new World(SCARCE, TcpConfig.linux())) {
            TestHost stays = world.connect().enable();
            HostQueue patient = stays.connectIo(1);
            TestHost goes = world.connect();
            goes.hostNqn = "nqn.goes";
            HostQueue impatient = goes.enable().connectIo(1);
            world.device.hold();
            int first = TestHost.submitWrite(patient, 0, World.pattern(1, 65536));
            world.runFor(10_000_000);
            TestHost.submitWrite(impatient, 100, World.pattern(2, 65536));
            TestHost.submitRead(impatient, 100, 32);
            world.runFor(10_000_000);
            int last = TestHost.submitWrite(patient, 50, World.pattern(3, 65536));
            world.runFor(10_000_000);
            goes.close();
            world.runFor(10_000_000);
            world.device.letGo();
            assertTrue(patient.await(first).isOk());
            assertTrue(patient.await(last).isOk());
            assertFalse(world.device.log.toString().contains("100+"));
        }
    }

    /** A volume that is stuck is no reason to keep what its hosts have given up. */
    @Test
    void connectionsThatEndLeaveTheLine() {
        try (World world = new World(SCARCE, TcpConfig.linux())) {
            HostQueue patient = world.connect().enable().connectIo(1);
            world.device.hold();
            int write = TestHost.submitWrite(patient, 0, World.pattern(1, 4096));
            int read = TestHost.submitRead(patient, 0, 32);
            world.runFor(10_000_000);
            for (int i = 0; i < 20; i++) {
                TestHost goes = world.connect();
                goes.hostId = World.pattern(3, 16);
                HostQueue queue = goes.enable().connectIo(1);
                TestHost.submitRead(queue, 100, 32);
                TestHost.submitRead(queue, 100, 32);
                TestHost.submitWrite(queue, 100, World.pattern(2, 4096)); // stays outside
                world.runFor(10_000_000);
                assertEquals(3, world.target.buffers().waiting());
                goes.close();
                world.runFor(10_000_000);
                assertEquals(0, world.target.buffers().waiting());
            }
            world.device.letGo();
            assertTrue(patient.await(write).isOk());
            assertTrue(patient.await(read).isOk());
            assertEquals(World.count(SCARCE), world.target.freeBuffers());
        }
    }

    /** What a connection gives back at its end lets another one's command begin, at once. */
    @Test
    void aCommandMayEndWhileItsConnectionDoes() {
        try (World world = new World(SCARCE, TcpConfig.linux())) {
            TestHost host = world.connect().enable();
            HostQueue ends = host.connectIo(1);
            HostQueue stays = host.connectIo(2);
            List<IoRequest> written = new ArrayList<>();
            world.volume.setDevice(
                    new BlockDevice() {
                        @Override
                        public long blocks() {
                            return World.BLOCKS;
                        }

                        @Override
                        public void submit(IoRequest request) {
                            if (request.op() == IoOp.WRITE) {
                                written.add(request);
                            } else { // the end of what has become ready meanwhile, as of a check
                                written.forEach(write -> write.complete(IoStatus.OK));
                                written.clear();
                                world.device.submit(request);
                            }
                        }
                    });
            ends.answersRequests = false;
            TestHost.submitWrite(ends, 0, World.pattern(1, 4096));
            TestHost.submitWrite(ends, 1, World.pattern(2, 65536));
            ends.awaitRequests(1);
            int read = TestHost.submitRead(stays, 0, 32);
            world.runFor(10_000_000);
            assertEquals(1, written.size());
            ends.stream().close();
            world.runFor(10_000_000);
            assertEquals(0, written.size());
            assertEquals(0, world.volume.orphanedCommands());
            assertTrue(stays.await(read).isOk());
            assertEquals(World.count(SCARCE), world.target.freeBuffers());
        }
    }

    @Test
    void survivesAHostThatStopsInTheMiddleOfItsData() {
        try (World world = new World(SCARCE, TcpConfig.linux())) {
            TestHost host = world.connect().enable();
            HostQueue queue = host.connectIo(1);
            queue.answersRequests = false;
            TestHost.submitWrite(queue, 0, World.pattern(1, 65536));
            queue.awaitRequests(1);
            queue.sendData(queue.requests.getFirst(), 0, 4096, false);
            world.runFor(10_000_000);
            assertEquals(2, world.target.freeBuffers());
            queue.stream().close();
            world.runFor(10_000_000);
            assertEquals(3, world.target.freeBuffers());
        }
    }

    @Test
    void takesBuffersBackFromAHostThatOwesItsData() {
        try (World world = new World(SCARCE, TcpConfig.linux())) {
            TestHost host = world.connect().enable();
            HostQueue lazy = host.connectIo(1);
            HostQueue busy = host.connectIo(2);
            lazy.answersRequests = false;
            TestHost.submitWrite(lazy, 0, World.pattern(1, 65536));
            lazy.awaitRequests(1);
            int waits = TestHost.submitWrite(busy, 100, World.pattern(2, 65536));
            for (int i = 0; i < 5; i++) {
                world.runFor(5_000_000_000L);
                lazy.sendData(lazy.requests.getFirst(), 4096 * i, 4096, false);
            }
            world.runFor(5_000_000_000L);
            assertFalse(lazy.closed, "it is slow, but not late yet");
            world.runFor(20_000_000_000L);
            assertTrue(lazy.closed);
            assertTrue(busy.await(waits).isOk());
            assertFalse(host.admin.closed);
        }
    }

    @Test
    void takesBuffersBackFromAHostThatDoesNotRead() {
        try (World world = new World(SCARCE, TcpConfig.linux().withBuffers(65536, 65536))) {
            TestHost host = world.connect().enable();
            HostQueue deaf = host.connectIo(1);
            HostQueue busy = host.connectIo(2);
            deaf.stream().pauseReceive();
            for (int i = 0; i < 4; i++) {
                TestHost.submitRead(deaf, 0, 32);
            }
            world.runFor(1_000_000_000L);
            int waits = TestHost.submitRead(busy, 0, 32);
            world.runFor(20_000_000_000L);
            assertFalse(busy.isAnswered(waits));
            assertTrue(busy.await(waits).isOk());
            deaf.stream().close();
        }
    }

    /** A host that reads slowly, or a ring in which no answer fits whole. */
    @ParameterizedTest
    @ValueSource(ints = {256, 1000, 5000, 100_000})
    void sendsPieceAfterPieceThroughASmallRing(int ringBytes) {
        TcpConfig tcp = TcpConfig.linux().withBuffers(ringBytes, 1 << 16);
        try (World world = new World(World.FEW_BUFFERS, tcp)) {
            HostQueue queue = world.connect(HostQueue.Style.DIGESTS).enable().connectIo(1);
            Random random = new Random(ringBytes);
            List<byte[]> written = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                byte[] data = World.pattern(i, 4096 * (1 + random.nextInt(32)));
                written.add(data);
                assertTrue(TestHost.write(queue, 32L * i, data).isOk());
            }
            List<Integer> ids = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                ids.add(TestHost.submitRead(queue, 32L * i, written.get(i).length / 4096));
            }
            for (int i = 0; i < 30; i++) {
                assertArrayEquals(written.get(i), queue.await(ids.get(i)).data());
            }
        }
    }
}
