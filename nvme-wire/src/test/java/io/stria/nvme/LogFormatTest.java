package io.stria.nvme;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class LogFormatTest {
    private final MemorySegment data = MemorySegment.ofArray(new byte[8192]).fill((byte) 0xEE);

    private void assertBytes(String dump, int offset) {
        byte[] expected = Hex.bytes(dump);
        byte[] actual = data.asSlice(offset, expected.length).toArray(ValueLayout.JAVA_BYTE);
        assertArrayEquals(expected, actual, "at " + offset);
    }

    @Test
    void writesTheAnaLog() {
        assertEquals(52, AnaLog.write(data, 0, 9, 7, AnaState.INACCESSIBLE, 1, false));
        assertBytes(
                """
                09 00 00 00 00 00 00 00  01 00 00 00 00 00 00 00
                07 00 00 00  01 00 00 00  09 00 00 00 00 00 00 00
                03 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
                01 00 00 00  ee
                """,
                0);
        assertEquals(48, AnaLog.write(data, 0, 9, 7, AnaState.CHANGE, 1, true));
        assertBytes("07 00 00 00 00 00 00 00", 16);
        assertBytes("0f", 32);
    }

    @Test
    void writesTheSmartLog() {
        SmartLog.write(data, 0, 3, 512_001, 4, 512_000, 5, 6);
        assertBytes("00 2c 01 64 0a 00", 0);
        assertBytes("02 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 00", 32);
        assertBytes("03 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 04 00", 64);
        assertBytes("05 00", 160);
        assertBytes("06 00", 176);
        assertBytes("00 ee", 511);
    }

    @Test
    void writesTheFirmwareSlotAndErrorLogs() {
        FirmwareSlotLog.write(data, 0, "0.1");
        assertBytes("01 00 00 00 00 00 00 00 30 2e 31 20 20 20 20 20 00", 0);
        data.fill((byte) 0xEE);
        ErrorLog.write(data, 0, 7, 2, 0x1234, StatusCode.LBA_OUT_OF_RANGE | 0x4000, 5, 1);
        assertBytes("07 00 00 00 00 00 00 00 02 00 34 12 00 81 ff ff 05 00 00 00", 0);
        assertBytes("01 00 00 00 00 03 00 00", 24);
        assertBytes("00 ee", 63);
        assertEquals(7, ErrorLog.count(data, 0));
        assertEquals(0x1234, ErrorLog.commandId(data, 0));
        assertEquals(StatusCode.LBA_OUT_OF_RANGE, StatusCode.code(ErrorLog.status(data, 0)));
        assertEquals(5, ErrorLog.lba(data, 0));
    }

    @Test
    void writesSupportedPagesAndEffects() {
        SupportedLogPages.write(data, 0, 0, 2, 0x0C);
        assertBytes("01 00 00 00 00 00 00 00 01 00 00 00", 0);
        assertBytes("01 00 00 00 00 00 00 00", 48);
        SupportedFeatures.write(data, 0, FeatureId.ARBITRATION);
        assertBytes("00 00 00 00 01 00 20 00 00 00", 0);
        assertBytes("00 ee", 1023);
        CommandEffectsLog.clear(data, 0);
        CommandEffectsLog.putAdmin(data, 0, AdminOpcode.GET_LOG_PAGE);
        CommandEffectsLog.putIo(data, 0, 3, IoOpcode.WRITE);
        assertBytes("00 00 00 00 00 00 00 00 01 00 00 00 00", 0);
        assertBytes("00 00 00 00 03 00 00 00 00", 1024);
    }

    @Test
    void writesTheDiscoveryLog() {
        DiscoveryLog.writeHeader(data, 0, 5, 2);
        assertBytes("05 00 00 00 00 00 00 00 02 00 00 00 00 00 00 00 00 00", 0);
        DiscoveryLog.writeRecord(
                data, 1024, DiscoveryLog.SUBTYPE_NVM, "nqn.x", "10.0.0.1", 4420, 3, 32, 2);
        assertBytes("03 01 02 04 03 00 ff ff 20 00 02 00", 1024);
        assertBytes("34 34 32 30 00", 1024 + 32);
        assertBytes("6e 71 6e 2e 78 00", 1024 + 256);
        assertBytes("31 30 2e 30 2e 30 2e 31 00", 1024 + 512);
        assertEquals(5, DiscoveryLog.generation(data, 0));
        assertEquals(2, DiscoveryLog.records(data, 0));
        assertEquals("nqn.x", DiscoveryLog.nqn(data, 1024));
        assertEquals("10.0.0.1", DiscoveryLog.address(data, 1024));
        assertEquals("4420", DiscoveryLog.port(data, 1024));
        assertEquals(3, DiscoveryLog.portId(data, 1024));
        assertEquals(DiscoveryLog.EFLAGS_PERSISTENT, DiscoveryLog.flags(data, 1024));
        DiscoveryLog.writeRecord(data, 1024, 2, "nqn.x", "fe80::1", 4420, 3, 32, 0);
        assertBytes("03 02", 1024);
    }

    @Test
    void readsAndWritesDatasetRanges() {
        DatasetRange.write(data, 0, 0x1122334455667788L, 9);
        assertBytes("00 00 00 00 09 00 00 00 88 77 66 55 44 33 22 11", 0);
        assertEquals(9, DatasetRange.blocks(data, 0));
        assertEquals(0x1122334455667788L, DatasetRange.startingLba(data, 0));
    }
}
