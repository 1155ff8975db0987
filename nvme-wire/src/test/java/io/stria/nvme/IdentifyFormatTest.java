package io.stria.nvme;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class IdentifyFormatTest {
    private static final byte[] NGUID = HexFormat.of().parseHex("00112233445566778899aabbccddeeff");

    private static MemorySegment blank() {
        return MemorySegment.ofArray(new byte[4096]).fill((byte) 0xEE);
    }

    private static void assertBytes(String dump, MemorySegment data, int offset) {
        byte[] expected = Hex.bytes(dump);
        byte[] actual = data.asSlice(offset, expected.length).toArray(ValueLayout.JAVA_BYTE);
        assertArrayEquals(expected, actual, "at " + offset);
    }

    @Test
    void writesTheControllersNamesAndSizes() {
        MemorySegment data = blank();
        IdentifyController.write(
                data, 0, IdentifyController.TYPE_IO, "AB12", "Stria", "0.1", "nqn.x", 0x1002);
        IdentifyController.putQueues(data, 0, 128, 8192);
        IdentifyController.putMaxTransfer(data, 0, 128 * 1024);
        assertBytes("00 00 00 00 41 42 31 32 20", data, 0);
        assertBytes("20 53 74 72 69 61 20", data, 23);
        assertBytes("20 30 2e 31 20 20 20 20 20 00", data, 63);
        assertBytes("00 05 02 10 00 04 01 00", data, 76); // MDTS, CNTLID, VER
        assertBytes("41 00 00 00", data, 96); // CTRATT
        assertBytes("01", data, 111); // CNTRLTYPE
        assertBytes("66 44 80 00", data, 512); // SQES, CQES, MAXCMD
        assertBytes("01 00 10 00", data, 536); // SGLS
        assertBytes("6e 71 6e 2e 78 00", data, 768);
        assertBytes("04 02 00 00 01 00 00 00 00 00 00 01", data, 1792); // IOCCSZ ... MSDBD
        assertBytes("00 00 00 00", data, 4092);
    }

    @Test
    void writesTheNamespace() {
        MemorySegment data = blank();
        IdentifyNamespace.write(data, 0, 0x1234, 12, 1, 7, NGUID, 256, 32);
        assertBytes("34 12 00 00 00 00 00 00", data, 0);
        assertBytes("34 12 00 00 00 00 00 00", data, 8);
        assertBytes("34 12 00 00 00 00 00 00", data, 16);
        assertBytes("10 00 00 00 00 00 01 00 00 09", data, 24); // NSFEAT ... NMIC ... DLFEAT
        assertBytes("00 01", data, 46); // NOIOB
        assertBytes("00 00 00 00 00 00 00 00 1f 00", data, 64); // NPWG ... NOWS
        assertBytes("07 00 00 00", data, 92);
        assertBytes("00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff", data, 104);
        assertBytes("00 00 00 00 00 00 00 00", data, 120); // EUI64
        assertBytes("00 00 0c 00", data, 128); // 2^12 bytes
    }

    @Test
    void writesTheNamespaceOfSmallBlocks() {
        MemorySegment data = blank();
        IdentifyNamespace.write(data, 0, 0x91a0, 9, 8, 7, NGUID, 2048, 256);
        assertBytes("a0 91 00 00 00 00 00 00", data, 0);
        assertBytes("12 00 00", data, 24); // NSFEAT, NLBAF, FLBAS
        assertBytes("07 00 07 00 00 00 07 00 00 00 07 00", data, 34); // NAWUN ... NABSPF
        assertBytes("00 08", data, 46); // NOIOB
        assertBytes("07 00 07 00 07 00 07 00 ff 00", data, 64); // NPWG ... NOWS
        assertBytes("00 00 09 00", data, 128); // 2^9 bytes
    }

    @Test
    void writesTheNamespaceDescriptors() {
        MemorySegment data = blank();
        UUID uuid = UUID.fromString("01020304-0506-0708-090a-0b0c0d0e0f10");
        NamespaceDescriptors.write(data, 0, NGUID, uuid);
        assertBytes(
                """
                02 10 00 00  00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff
                03 10 00 00  01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10
                04 01 00 00  00
                00 00 00 00
                """,
                data,
                0);
    }

    @Test
    void writesListsOfNamespacesAndCommandSets() {
        MemorySegment data = blank();
        NamespaceList.write(data, 0, 1, 2);
        assertBytes("01 00 00 00 02 00 00 00 00 00 00 00", data, 0);
        CommandSets.write(data, 0);
        assertBytes("01 00 00 00 00 00 00 00 00", data, 0);
    }

    @Test
    void writesTheDataOfTheNvmCommandSet() {
        MemorySegment data = blank();
        IdentifyNvm.writeController(data, 0, 32, 1 << 16, 255, 65536, 1L << 33);
        assertBytes("05 10 00 ff 00 00 01 00 00 00 00 00 02 00 00 00 00", data, 0);
        IdentifyNvm.writeNamespace(data, 0);
        assertBytes("00 00 00 00 00 00 00 00 00", data, 0);
        IdentifyIndependent.write(data, 0, 7);
        assertBytes("00 01 00 00 07 00 00 00 00 00 00 00 00 00 01 00", data, 0);
    }
}
