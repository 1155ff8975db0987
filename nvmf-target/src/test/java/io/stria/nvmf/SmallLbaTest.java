package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.nvme.AnaState;
import io.stria.nvme.Cns;
import io.stria.nvme.IdentifyNamespace;
import io.stria.nvme.IoOpcode;
import io.stria.nvme.LittleEndian;
import io.stria.nvme.StatusCode;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A namespace with logical blocks of 512 bytes, eight to a block of its device. */
class SmallLbaTest {
    private static final String NQN = "nqn.2026-11.io.stria:volume:small";
    private static final int LBAS = World.BLOCKS * 8;

    private final World world = new World();
    private final VolumeSubsystem volume =
            new VolumeSubsystem(
                    SubsystemIdentity.of(NQN, new UUID(5, 6), "1.0"), World.BLOCKS, 512);
    private final TestHost host;
    private final HostQueue queue;

    SmallLbaTest() {
        volume.setDevice(world.device);
        volume.setAnaState(AnaState.OPTIMIZED);
        volume.setPageBlocks(256);
        world.target.add(volume);
        host = new TestHost(world.host, world.address, NQN, HostQueue.Style.PLAIN).enable();
        queue = host.connectIo(1);
    }

    @AfterEach
    void closeWorld() {
        world.close();
    }

    private Answer command(int opcode, long lba, int count, byte[] data, int readBytes) {
        return queue.await(
                queue.submit(
                        sqe -> TestHost.io(sqe, opcode, lba, count),
                        data,
                        data.length <= 8192,
                        readBytes));
    }

    private Answer write(long lba, byte[] data) {
        return command(IoOpcode.WRITE, lba, data.length / 512, data, 0);
    }

    private Answer read(long lba, int count) {
        return command(IoOpcode.READ, lba, count, TestHost.NO_DATA, count * 512);
    }

    private static int u16(byte[] data, int offset) {
        return LittleEndian.u16(MemorySegment.ofArray(data), offset);
    }

    @Test
    void saysWhatIsWrittenWholeAndWhatIsWrittenBest() {
        byte[] data = host.identify(Cns.NAMESPACE, 1, 0).data();
        assertEquals(LBAS, LittleEndian.i64(MemorySegment.ofArray(data), IdentifyNamespace.NSZE));
        assertEquals(9, data[IdentifyNamespace.LBAF0 + 2]);
        assertEquals(0, data[IdentifyNamespace.NLBAF] | data[IdentifyNamespace.FLBAS]);
        assertEquals(0x12, data[IdentifyNamespace.NSFEAT]);
        for (int field :
                new int[] {
                    IdentifyNamespace.NAWUN,
                    IdentifyNamespace.NAWUPF,
                    IdentifyNamespace.NABSN,
                    IdentifyNamespace.NABSPF,
                    IdentifyNamespace.NPWG,
                    IdentifyNamespace.NPWA,
                    IdentifyNamespace.NPDG,
                    IdentifyNamespace.NPDA
                }) {
            assertEquals(7, u16(data, field), "field at " + field);
        }
        assertEquals(0, u16(data, IdentifyNamespace.NABO));
        assertEquals(0, u16(data, IdentifyNamespace.NACWU));
        assertEquals(2048, u16(data, IdentifyNamespace.NOIOB));
        assertEquals(2047, u16(data, IdentifyNamespace.NOWS));
        byte[] limits = host.identify(Cns.COMMAND_SET_CONTROLLER, 0, 0).data();
        assertEquals(8, limits[0], "VSL: 1 MiB");
        assertEquals(13, limits[1], "WZSL: 65536 logical blocks");
        assertEquals(1 << 19, LittleEndian.i32(MemorySegment.ofArray(limits), 4), "DMRSL");
    }

    @Test
    void movesLogicalBlocksOfAnyPlaceAndNumber() {
        byte[] all = new byte[40 * 512];
        for (int lba = 0; lba < 17; lba++) {
            for (int count = 1; count <= 23; count += lba % 3 + 1) {
                byte[] data = World.pattern(100L * lba + count, count * 512);
                assertTrue(write(lba, data).isOk());
                System.arraycopy(data, 0, all, lba * 512, data.length);
                assertArrayEquals(data, read(lba, count).data());
            }
        }
        assertArrayEquals(all, read(0, 40).data());
        assertTrue(write(LBAS - 3, new byte[3 * 512]).isOk());
    }

    @Test
    void leavesOutWhatACommandDoesNotCover() {
        write(3, World.pattern(1, 512));
        write(6, World.pattern(1, 4 * 512));
        write(8, World.pattern(1, 8 * 512));
        read(15, 2);
        assertEquals(
                List.of(
                        "WRITE 0+1 less 1536, 2048",
                        "WRITE 0+2 less 3072, 3072",
                        "WRITE 1+1",
                        "READ 1+2 less 3584, 3584"),
                world.device.log);
    }

    @Test
    void countsLimitsInLogicalBlocks() {
        assertEquals(StatusCode.LBA_OUT_OF_RANGE, read(LBAS, 1).code());
        assertEquals(StatusCode.LBA_OUT_OF_RANGE, read(LBAS - 1, 2).code());
        assertEquals(StatusCode.LBA_OUT_OF_RANGE, write(LBAS, new byte[512]).code());
        assertEquals(StatusCode.INVALID_FIELD, read(0, 2049).code());
        assertTrue(read(0, 2048).isOk());
        assertEquals(
                StatusCode.SGL_LENGTH_INVALID,
                command(IoOpcode.READ, 0, 1, TestHost.NO_DATA, 4096).code());
        assertTrue(verify(1, 2048).isOk());
        assertEquals(StatusCode.INVALID_FIELD, verify(1, 2049).code());
        assertEquals(StatusCode.LBA_OUT_OF_RANGE, verify(LBAS - 1, 2).code());
    }

    private Answer verify(long lba, int count) {
        return command(IoOpcode.VERIFY, lba, count, TestHost.NO_DATA, 0);
    }

    @Test
    void comparesLogicalBlocks() {
        byte[] data = World.pattern(1, 20 * 512);
        assertTrue(write(5, data).isOk());
        assertTrue(command(IoOpcode.COMPARE, 5, 20, data, 0).isOk());
        byte[] one = Arrays.copyOfRange(data, 3 * 512, 4 * 512);
        assertTrue(command(IoOpcode.COMPARE, 8, 1, one, 0).isOk());
        assertEquals(StatusCode.COMPARE_FAILURE, command(IoOpcode.COMPARE, 9, 1, one, 0).code());
        one[511]++;
        assertEquals(StatusCode.COMPARE_FAILURE, command(IoOpcode.COMPARE, 8, 1, one, 0).code());
    }

    @Test
    void zeroesExactlyWhatIsAskedFor() {
        byte[] data = World.pattern(1, 64 * 512);
        assertTrue(write(0, data).isOk());
        assertTrue(command(IoOpcode.WRITE_ZEROES, 5, 30, TestHost.NO_DATA, 0).isOk());
        Arrays.fill(data, 5 * 512, 35 * 512, (byte) 0);
        assertArrayEquals(data, read(0, 64).data());
        world.device.log.clear();
        assertTrue(command(IoOpcode.WRITE_ZEROES, 5, 20_000, TestHost.NO_DATA, 0).isOk());
        assertEquals(
                List.of("UNMAP 0+2048 less 2560, 0", "UNMAP 2048+453 less 0, 1536"),
                world.device.log,
                "no block is cut in two between pieces");
    }

    @Test
    void deallocatesWholeBlocksOnly() {
        byte[] data = World.pattern(1, 64 * 512);
        assertTrue(write(0, data).isOk());
        world.device.log.clear();
        assertTrue(TestHost.deallocate(queue, 5, 30, 41, 6, 47, 9, 0, 0).isOk());
        assertEquals(List.of("UNMAP 1+3", "UNMAP 6+1"), world.device.log);
        Arrays.fill(data, 8 * 512, 32 * 512, (byte) 0);
        Arrays.fill(data, 48 * 512, 56 * 512, (byte) 0);
        assertArrayEquals(data, read(0, 64).data());
        assertEquals(StatusCode.LBA_OUT_OF_RANGE, TestHost.deallocate(queue, LBAS, 1).code());
    }
}
