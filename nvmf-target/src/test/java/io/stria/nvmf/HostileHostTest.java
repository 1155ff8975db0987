package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.nvme.AnaState;
import io.stria.nvme.CapsuleCmd;
import io.stria.nvme.DataPdu;
import io.stria.nvme.PduHeader;
import io.stria.nvme.PduType;
import io.stria.nvme.SglDescriptor;
import io.stria.nvme.SubmissionEntry;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Whatever hosts send, others are served, and all that was taken comes back. */
class HostileHostTest {
    private static final int ROUNDS = 400;

    @Test
    void survivesPdusWithAnyFieldWrong() {
        for (long seed = World.SEED; seed < World.SEED + 3; seed++) {
            attackAll(seed);
        }
    }

    /** The good host has a volume of its own: what hits the other one may be a valid write. */
    static void attackAll(long seed) {
        Random random = new Random(seed);
        try (World world = new World()) {
            MemoryDevice device = new MemoryDevice(world.node.timers(), 64);
            VolumeSubsystem volume =
                    new VolumeSubsystem(
                            SubsystemIdentity.of("nqn.good.volume", new UUID(1, 2), "1"), 64);
            volume.setDevice(device);
            volume.setAnaState(AnaState.OPTIMIZED);
            world.target.add(volume);
            TestHost good =
                    new TestHost(world.host, world.address, volume.nqn(), HostQueue.Style.DIGESTS);
            HostQueue io = good.enable().connectIo(1);
            byte[] data = World.pattern(seed, 65536);
            for (int round = 0; round < ROUNDS; round++) {
                attack(world, random);
                if (round % 40 == 0) {
                    assertTrue(TestHost.write(io, 0, data).isOk(), repeatWith(seed));
                    byte[] read = TestHost.read(io, 0, 16).data();
                    assertArrayEquals(data, read, repeatWith(seed));
                }
            }
            world.runFor(20_000_000_000L);
            assertArrayEquals(data, TestHost.read(io, 0, 16).data(), repeatWith(seed));
        }
    }

    private static String repeatWith(long seed) {
        return "repeat with -Dstria.seed=" + seed + " -Dtest=HostileHostTest";
    }

    private static void attack(World world, Random random) {
        TestHost bad = world.connect();
        bad.hostNqn = "nqn.bad" + random.nextInt(3);
        if (random.nextInt(10) == 0) {
            byte[] garbage = new byte[1 + random.nextInt(300)];
            random.nextBytes(garbage);
            bad.admin.send(garbage);
            return;
        }
        HostQueue queue = bad.admin;
        queue.answersRequests = random.nextBoolean();
        if (random.nextInt(4) > 0) {
            bad.enable();
            if (random.nextInt(4) > 0) {
                queue = bad.connectIo(1 + random.nextInt(16));
                queue.answersRequests = random.nextBoolean();
            }
        }
        queue.hostile = true;
        int pdus = 1 + random.nextInt(8);
        for (int i = 0; i < pdus && !queue.closed; i++) {
            queue.send(random.nextInt(3) == 0 ? dataPdu(random) : capsule(random));
            world.runFor(random.nextInt(200_000));
        }
        if (random.nextBoolean()) {
            queue.stream().close();
        }
        if (random.nextBoolean()) {
            bad.close();
        }
    }

    private static byte[] capsule(Random random) {
        int dataBytes = random.nextInt(3) == 0 ? 4 * random.nextInt(2100) : 0;
        byte[] pdu = new byte[CapsuleCmd.BYTES + dataBytes];
        MemorySegment segment = MemorySegment.ofArray(pdu);
        CapsuleCmd.writeHeader(segment, 0);
        int[] opcodes = {0, 1, 2, 8, 9, 6, 2, 0x0C, 0x18, 0x7F, 0x0A};
        int opcode = opcodes[random.nextInt(opcodes.length)];
        SubmissionEntry.write(segment, 8, opcode, random.nextInt(4), 1);
        SubmissionEntry.putLbas(
                segment, 8, 100 + random.nextInt(World.BLOCKS - 150), 1 + random.nextInt(32));
        int sglBytes =
                switch (random.nextInt(3)) {
                    case 0 -> dataBytes;
                    case 1 -> 4096 * random.nextInt(34);
                    default -> random.nextInt();
                };
        int id = dataBytes > 0 ? SglDescriptor.ID_IN_CAPSULE : SglDescriptor.ID_TRANSPORT;
        SglDescriptor.write(segment, 8 + SubmissionEntry.SGL, id, sglBytes);
        PduHeader.frame(segment, 0, dataBytes, 4, false, false);
        return damaged(pdu, CapsuleCmd.BYTES, random);
    }

    private static byte[] dataPdu(Random random) {
        int dataBytes = 4 * (1 + random.nextInt(1000));
        byte[] pdu = new byte[DataPdu.BYTES + dataBytes];
        MemorySegment segment = MemorySegment.ofArray(pdu);
        DataPdu.write(
                segment,
                0,
                PduType.H2C_DATA,
                random.nextInt(16),
                random.nextInt(4),
                random.nextInt(4),
                random.nextInt(2) * 4096,
                dataBytes);
        PduHeader.frame(segment, 0, dataBytes, 4, false, false);
        return damaged(pdu, DataPdu.BYTES, random);
    }

    /** Half of them have a few wrong bits in the header, or end early. */
    private static byte[] damaged(byte[] pdu, int headerBytes, Random random) {
        if (random.nextBoolean()) {
            return pdu;
        }
        for (int i = random.nextInt(4); i >= 0; i--) {
            pdu[random.nextInt(headerBytes)] ^= (byte) (1 << random.nextInt(8));
        }
        return random.nextInt(4) == 0 ? Arrays.copyOf(pdu, random.nextInt(pdu.length) + 1) : pdu;
    }
}
