package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.nvme.AdminOpcode;
import io.stria.nvme.AnaLog;
import io.stria.nvme.CapsuleCmd;
import io.stria.nvme.ConnectCommand;
import io.stria.nvme.ControllerProperty;
import io.stria.nvme.FeatureId;
import io.stria.nvme.LittleEndian;
import io.stria.nvme.LogPageId;
import io.stria.nvme.PduHeader;
import io.stria.nvme.SglDescriptor;
import io.stria.nvme.SubmissionEntry;
import io.stria.runtime.sim.TcpConfig;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Hosts that send a few bytes now and then, to keep buffers from others; and honest slow ones. */
class DrippingHostTest {
    private static final long SECOND_NS = 1_000_000_000L;

    /** Half of what a host may leave the target waiting. */
    private static final long DRIP_NS = 15 * SECOND_NS;

    /** All control buffers of a target, and a few more. */
    private static final int MANY = 70;

    /** Drips until it is so, for at most three minutes. */
    private static boolean drips(World world, Consumer<Integer> drip, BooleanSupplier until) {
        for (int i = 0; i < 12 && !until.getAsBoolean(); i++) {
            drip.accept(i);
            world.runFor(DRIP_NS);
        }
        return until.getAsBoolean();
    }

    @Test
    void oneThatDripsItsDataDoesNotKeepAVolumesBuffersFromOtherHosts() {
        try (World world = new World()) {
            HostQueue dripping = world.connect().enable().connectIo(1);
            TestHost other = world.connect();
            other.hostNqn = "nqn.other";
            HostQueue honest = other.enable().connectIo(1);
            dripping.answersRequests = false;
            for (int i = 0; i < 32; i++) {
                TestHost.submitWrite(dripping, i, World.pattern(i, 65536));
            }
            world.runFor(SECOND_NS);
            List<HostQueue.Request> owed = List.copyOf(dripping.requests);
            int id = TestHost.submitWrite(honest, 100, World.pattern(1, 65536));
            assertTrue(
                    drips(
                            world,
                            i -> dripping.sendData(owed.getFirst(), 4 * i, 4, false),
                            () -> honest.isAnswered(id)));
            assertTrue(honest.await(id).isOk());
            assertTrue(dripping.closed);
            assertEquals(1, world.target.counters().stalled());
        }
    }

    /** The commands whose data never comes are not the one whose data comes. */
    @Test
    void oneThatEndsCommandsOfManyDoesNotKeepTheBuffersOfTheRest() {
        try (World world = new World()) {
            HostQueue dripping = world.connect().enable().connectIo(1);
            dripping.answersRequests = false;
            for (int i = 0; i < 5; i++) {
                TestHost.submitWrite(dripping, i, World.pattern(i, 65536));
            }
            world.runFor(SECOND_NS);
            assertEquals(5, dripping.requests.size());
            assertTrue(
                    drips(
                            world,
                            i -> {
                                TestHost.submitWrite(dripping, 50, World.pattern(i, 65536));
                                world.runFor(SECOND_NS);
                                dripping.answer(dripping.requests.getLast());
                            },
                            () -> dripping.closed));
        }
    }

    @Test
    void manyThatDripCapsulesDoNotKeepHostsOutside() {
        try (World world = new World()) {
            List<HostQueue> dripping = new ArrayList<>();
            for (int i = 0; i < MANY; i++) {
                TestHost host = world.connect();
                host.hostNqn = "nqn.drips." + i;
                dripping.add(host.enable().admin);
                beginCapsule(host.admin, DrippingHostTest::feature, 8192);
            }
            world.runFor(SECOND_NS);
            TestHost honest = world.connect();
            honest.hostNqn = "nqn.honest";
            int connect = honest.submitConnect(honest.admin, 0, 32, 0xFFFF, World.NQN);
            world.runFor(SECOND_NS);
            assertTrue(honest.admin.isAnswered(connect), "it did not even get in");
            honest.admin.await(connect);
            honest.setProperty(ControllerProperty.CC, 0x0046_0001);
            int log = honest.submitGetLog(LogPageId.ANA, AnaLog.BYTES);
            assertTrue(
                    drips(
                            world,
                            i -> dripping.forEach(DrippingHostTest::drip),
                            () -> honest.admin.isAnswered(log)));
            assertTrue(honest.admin.await(log).isOk());
        }
    }

    /** They are given up after the handshake's time; others take their place. */
    @Test
    void strangersThatDripDoNotKeepQueuesFromBeingAnswered() {
        try (World world = new World()) {
            TestHost honest = world.connect().enable();
            for (int i = 0; i < MANY; i++) {
                TestHost host = world.connect();
                beginCapsule(host.admin, DrippingHostTest::connect, 1024);
            }
            world.runFor(SECOND_NS);
            int log = honest.submitGetLog(LogPageId.ANA, AnaLog.BYTES);
            world.runFor(SECOND_NS);
            assertTrue(honest.admin.isAnswered(log));
        }
    }

    /** One that ends is replaced at once: there are always more of them than buffers. */
    @Test
    void strangersThatDripDoNotKeepNewHostsOutside() {
        try (World world = new World()) {
            List<HostQueue> dripping = new ArrayList<>();
            for (int round = 0; round < 4; round++) {
                dripping.removeIf(queue -> queue.closed);
                while (dripping.size() < MANY) {
                    HostQueue queue = world.connect().admin;
                    beginCapsule(queue, DrippingHostTest::connect, 1024);
                    dripping.add(queue);
                }
                TestHost honest = world.connect();
                honest.hostNqn = "nqn.honest." + round;
                int connect = honest.submitConnect(honest.admin, 0, 32, 0xFFFF, World.NQN);
                world.runFor(3 * SECOND_NS);
                assertTrue(honest.admin.isAnswered(connect), "it did not get in");
                assertTrue(honest.admin.await(connect).isOk());
            }
        }
    }

    /** Connects whose data is asked for take as little. */
    @Test
    void strangersThatOweTheirDataTakeNoBuffersFromVolumes() {
        try (World world = new World()) {
            int free = world.target.freeBuffers();
            for (int i = 0; i < MANY; i++) {
                HostQueue queue = world.connect().admin;
                queue.answersRequests = false;
                queue.submit(DrippingHostTest::connect, new byte[1024], false, 0);
            }
            world.runFor(SECOND_NS);
            assertEquals(free, world.target.freeBuffers());
        }
    }

    private static void connect(MemorySegment sqe) {
        ConnectCommand.write(sqe, 0, 0, 0, 32, 0, 0);
    }

    /** A hundred times faster than one that drips, and still slow: all commands take their turn. */
    @Test
    void oneThatSendsAHundredKibibytesASecondIsLeftAlone() {
        BufferConfig buffers = new BufferConfig(8192, 64, 128 * 1024, 64, 1 << 20, 2);
        try (World world = new World(buffers, TcpConfig.linux())) {
            HostQueue slow = world.connect().enable().connectIo(1);
            slow.answersRequests = false;
            List<Integer> ids = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                ids.add(TestHost.submitWrite(slow, 32L * i, World.pattern(i, 128 * 1024)));
            }
            slow.awaitRequests(32);
            assertEquals(32, slow.requests.size());
            for (HostQueue.Request request : slow.requests) {
                for (int sent = 0; sent < request.bytes(); sent += 16384) {
                    world.runFor(160_000_000);
                    slow.sendData(request, sent, 16384, sent + 16384 == request.bytes());
                }
            }
            for (int id : ids) {
                assertTrue(slow.await(id).isOk());
            }
            assertArrayEquals(
                    World.pattern(31, 128 * 1024), TestHost.read(slow, 32 * 31L, 32).data());
        }
    }

    /** The target itself did not read on: that is no fault of the host's. */
    @Test
    void timeInWhichTheTargetHeldACapsuleUpIsNotTheHosts() {
        BufferConfig scarce = new BufferConfig(8192, 1, 128 * 1024, 1, 1 << 20, 1);
        try (World world = new World(scarce, TcpConfig.linux())) {
            TestHost host = world.connect().enable();
            HostQueue first = host.connectIo(1);
            HostQueue queue = host.connectIo(2);
            queue.answersRequests = false;
            int owed = TestHost.submitWrite(queue, 0, World.pattern(1, 65536));
            queue.awaitRequests(1);
            world.device.hold();
            int inDevice = TestHost.submitWrite(first, 50, World.pattern(2, 4096));
            world.runFor(SECOND_NS);
            int outside = TestHost.submitWrite(queue, 60, World.pattern(3, 4096));
            world.runFor(100 * SECOND_NS);
            assertFalse(queue.closed);
            world.device.letGo();
            assertTrue(first.await(inDevice).isOk());
            assertTrue(queue.await(outside).isOk());
            world.runFor(20 * SECOND_NS);
            assertFalse(queue.closed);
            queue.answer(queue.requests.getFirst());
            assertTrue(queue.await(owed).isOk());
        }
    }

    private static void feature(MemorySegment sqe) {
        SubmissionEntry.write(sqe, 0, AdminOpcode.SET_FEATURES, 0, 0);
        LittleEndian.put32(sqe, SubmissionEntry.CDW10, FeatureId.HOST_IDENTIFIER);
    }

    /** The header of a capsule with data, and none of the data. */
    private static void beginCapsule(
            HostQueue queue, Consumer<MemorySegment> fields, int dataBytes) {
        MemorySegment pdu = MemorySegment.ofArray(new byte[CapsuleCmd.BYTES + 8]);
        MemorySegment sqe = pdu.asSlice(CapsuleCmd.SQE, SubmissionEntry.BYTES);
        fields.accept(sqe);
        SglDescriptor.write(sqe, SubmissionEntry.SGL, SglDescriptor.ID_IN_CAPSULE, dataBytes);
        CapsuleCmd.writeHeader(pdu, 0);
        int dataAt = PduHeader.frame(pdu, 0, dataBytes, 4, false, false);
        queue.send(pdu.asSlice(0, dataAt).toArray(ValueLayout.JAVA_BYTE));
    }

    private static void drip(HostQueue queue) {
        if (!queue.closed) {
            queue.send(new byte[1]);
        }
    }
}
