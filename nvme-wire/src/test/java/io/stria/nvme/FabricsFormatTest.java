package io.stria.nvme;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class FabricsFormatTest {
    private static MemorySegment blank(int bytes) {
        return MemorySegment.ofArray(new byte[bytes]).fill((byte) 0xEE);
    }

    @Test
    void readsAndWritesConnect() {
        MemorySegment dump =
                Hex.segment(
                        """
                        7f 40 07 00  01 00 00 00  # fabrics, CID 7, connect
                        00 00 00 00  00 00 00 00
                        00 00 00 00  00 00 00 00
                        00 00 00 00  00 00 00 00
                        00 04 00 00  00 00 00 01  # 1024 bytes in the capsule
                        00 00 03 00  7f 00 04 00  # RECFMT 0, QID 3, 128 entries, no flow control
                        e8 03 00 00  00 00 00 00  # KATO one second
                        00 00 00 00  00 00 00 00
                        """);
        assertEquals(FabricsType.OPCODE, SubmissionEntry.opcode(dump, 0));
        assertEquals(FabricsType.CONNECT, SubmissionEntry.fabricsType(dump, 0));
        assertTrue(FabricsType.dataFromHost(FabricsType.CONNECT));
        assertEquals(0, ConnectCommand.recordFormat(dump, 0));
        assertEquals(3, ConnectCommand.queueId(dump, 0));
        assertEquals(128, ConnectCommand.queueEntries(dump, 0));
        assertEquals(4, ConnectCommand.attributes(dump, 0));
        assertEquals(1000, ConnectCommand.keepAliveMs(dump, 0));
        MemorySegment written = blank(64);
        ConnectCommand.write(written, 0, 7, 3, 128, 4, 1000);
        assertEquals(-1, dump.mismatch(written));
    }

    @Test
    void readsAndWritesConnectData() {
        MemorySegment dump =
                Hex.segment(
                        """
                        00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f
                        34 12
                        """,
                        ConnectData.BYTES);
        copy("nqn.s", dump, 256);
        copy("nqn.host", dump, 512);
        byte[] hostId = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
        assertArrayEquals(hostId, ConnectData.hostId(dump, 0));
        assertEquals(0x1234, ConnectData.controllerId(dump, 0));
        assertEquals("nqn.s", ConnectData.subsystemNqn(dump, 0));
        assertEquals("nqn.host", ConnectData.hostNqn(dump, 0));
        MemorySegment written = blank(ConnectData.BYTES);
        ConnectData.write(written, 0, hostId, 0x1234, "nqn.s", "nqn.host");
        assertEquals(-1, dump.mismatch(written));
    }

    private static void copy(String text, MemorySegment target, int offset) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, target, offset, bytes.length);
    }

    @Test
    void readsAndWritesPropertyCommands() {
        MemorySegment get =
                Hex.segment(
                        """
                        7f 40 01 00  04 00 00 00
                        00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00
                        00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00
                        01 00 00 00  08 00 00 00  # 8 bytes of property 8
                        00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00
                        """);
        assertTrue(PropertyCommand.isLong(get, 0));
        assertEquals(8, PropertyCommand.property(get, 0));
        MemorySegment written = blank(64);
        PropertyCommand.writeGet(written, 0, 1, 8, true);
        assertEquals(-1, get.mismatch(written));

        MemorySegment set =
                Hex.segment(
                        """
                        7f 40 02 00  00 00 00 00
                        00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00
                        00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00
                        00 00 00 00  14 00 00 00  # CC
                        01 00 46 00  00 00 00 00  # enable, entries of 2^6 and 2^4 bytes
                        00 00 00 00  00 00 00 00
                        """);
        assertFalse(PropertyCommand.isLong(set, 0));
        assertEquals(ControllerProperty.CC, PropertyCommand.property(set, 0));
        assertEquals(0x00460001, PropertyCommand.value(set, 0));
        PropertyCommand.writeSet(written, 0, 2, ControllerProperty.CC, 0x00460001);
        assertEquals(-1, set.mismatch(written));
    }

    @Test
    void buildsTheCapabilitiesOfAController() {
        // MQES 127, CQR, TO 20 x 500 ms, CSS NVM
        long capabilities = ControllerProperty.capabilities(128, 10_000);
        assertEquals(0x0000_0020_1401_007FL, capabilities);
        assertEquals(128, ControllerProperty.queueEntriesMax(capabilities));
    }

    @Test
    void readsWhichPartOfALogPageIsAskedFor() {
        MemorySegment sqe = blank(64);
        SubmissionEntry.write(sqe, 0, AdminOpcode.GET_LOG_PAGE, 1, SubmissionEntry.NSID_ALL);
        LittleEndian.put32(sqe, 40, 0xFFFF_8170); // NUMDL ffffh, RAE, LSP 1, LID 70h
        LittleEndian.put32(sqe, 44, 2);
        LittleEndian.put64(sqe, 48, 0x1_0000_0400L);
        assertEquals(LogPageId.DISCOVERY, LogPageId.id(sqe, 0));
        assertEquals(1, LogPageId.specific(sqe, 0));
        assertTrue(LogPageId.retainsEvent(sqe, 0));
        assertEquals(0x30000L * 4, LogPageId.bytes(sqe, 0));
        assertEquals(0x1_0000_0400L, LogPageId.offset(sqe, 0));
    }

    @Test
    void namesEvents() {
        assertEquals(0x000C_0302, AsyncEvent.ANA_CHANGED);
        assertEquals(0x0004_0002, AsyncEvent.NAMESPACE_CHANGED);
        assertEquals(0x0070_F002, AsyncEvent.DISCOVERY_CHANGED);
        assertEquals(2, AsyncEvent.type(AsyncEvent.ANA_CHANGED));
        assertEquals(3, AsyncEvent.information(AsyncEvent.ANA_CHANGED));
        assertEquals(0x0C, AsyncEvent.logPage(AsyncEvent.ANA_CHANGED));
    }
}
