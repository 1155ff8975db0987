package io.stria.nvme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** Entries of 64 and 16 bytes by hand-written dumps, each somewhere in the middle of a buffer. */
class CommandFormatTest {
    private static final int AT = 16;

    private static MemorySegment blank(int bytes) {
        return MemorySegment.ofArray(new byte[AT + bytes + AT]).fill((byte) 0xEE);
    }

    private static MemorySegment placed(String dump) {
        byte[] bytes = Hex.bytes(dump);
        MemorySegment result = blank(bytes.length);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, result, AT, bytes.length);
        return result;
    }

    private static void assertSame(MemorySegment expected, MemorySegment actual) {
        assertEquals(-1, expected.mismatch(actual));
    }

    @Test
    void readsAndWritesACommandToAPeer() {
        MemorySegment dump =
                placed(
                        """
                        81 40 34 12  01 00 00 00  # WRITE, SGL, CID 1234h, NSID 1
                        08 07 06 05  04 03 02 01  # watermark
                        38 37 36 35  34 33 32 31  # groups
                        00 00 00 00  00 00 00 00  # SGL 1
                        00 00 00 00  00 00 00 00
                        18 17 16 15  14 13 12 11  # address
                        ff fe 0c 01  03 02 01 00  # 65279 fragments of 2^12, all in sync, epoch 66051
                        28 27 26 25  24 23 22 21  # version
                        """);
        assertEquals(0x0102030405060708L, PeerCommand.watermark(dump, AT));
        assertEquals(0x3132333435363738L, PeerCommand.groups(dump, AT));
        assertEquals(0x1112131415161718L, PeerCommand.address(dump, AT));
        assertEquals(65279, PeerCommand.count(dump, AT));
        assertEquals(12, PeerCommand.fragmentShift(dump, AT));
        assertTrue(PeerCommand.allInSync(dump, AT));
        assertFalse(PeerCommand.dropsOthers(dump, AT));
        assertEquals(66051, PeerCommand.epoch(dump, AT));
        assertEquals(0x2122232425262728L, PeerCommand.version(dump, AT));
        MemorySegment written = blank(64);
        PeerCommand.write(
                written,
                AT,
                PeerCommand.WRITE,
                0x1234,
                0x3132333435363738L,
                0x1112131415161718L,
                65279,
                12,
                66051,
                0x0102030405060708L,
                true,
                false,
                0x2122232425262728L);
        assertSame(dump, written);
        PeerCommand.write(written, AT, PeerCommand.UNMAP, 1, 0, 0, 0, 9, 1, 0, false, true, 0);
        assertFalse(PeerCommand.allInSync(written, AT));
        assertTrue(PeerCommand.dropsOthers(written, AT));
        assertEquals(PeerCommand.UNMAP, SubmissionEntry.opcode(written, AT));
    }

    @Test
    void readsEveryFieldOfASubmissionEntry() {
        MemorySegment dump =
                placed(
                        """
                        02 41 34 12  05 00 00 00  # READ, fused and SGL, CID 1234h, NSID 5
                        04 03 02 01  14 13 12 11  # CDW2, CDW3
                        28 27 26 25  24 23 22 21  # MPTR
                        38 37 36 35  34 33 32 31  # SGL: address
                        00 20 00 00  00 00 00 5a  # SGL: 8192 bytes, transport
                        44 43 42 41  54 53 52 51  # CDW10, CDW11
                        07 00 62 61  74 73 72 71  # CDW12, CDW13
                        84 83 02 01  94 93 92 11  # CDW14, CDW15
                        """);
        assertEquals(2, SubmissionEntry.opcode(dump, AT));
        assertEquals(0x41, SubmissionEntry.flags(dump, AT));
        assertEquals(0x1234, SubmissionEntry.commandId(dump, AT));
        assertEquals(5, SubmissionEntry.nsid(dump, AT));
        assertEquals(5, SubmissionEntry.fabricsType(dump, AT));
        assertEquals(0x01020304, SubmissionEntry.cdw2(dump, AT));
        assertEquals(0x11121314, SubmissionEntry.cdw3(dump, AT));
        assertEquals(0x2122232425262728L, SubmissionEntry.metadataPointer(dump, AT));
        assertEquals(0x41424344, SubmissionEntry.cdw10(dump, AT));
        assertEquals(0x51525354, SubmissionEntry.cdw11(dump, AT));
        assertEquals(0x61620007, SubmissionEntry.cdw12(dump, AT));
        assertEquals(0x71727374, SubmissionEntry.cdw13(dump, AT));
        assertEquals(0x01028384, SubmissionEntry.cdw14(dump, AT));
        assertEquals(0x11929394, SubmissionEntry.cdw15(dump, AT));
        assertEquals(0x5152535441424344L, SubmissionEntry.startingLba(dump, AT));
        assertEquals(8, SubmissionEntry.lbaCount(dump, AT));
        int sgl = AT + SubmissionEntry.SGL;
        assertEquals(0x3132333435363738L, SglDescriptor.address(dump, sgl));
        assertEquals(8192, SglDescriptor.dataBytes(dump, sgl));
        assertEquals(SglDescriptor.ID_TRANSPORT, SglDescriptor.id(dump, sgl));
    }

    @Test
    void anSglIsWrittenWhole() {
        MemorySegment written = blank(SglDescriptor.BYTES);
        SglDescriptor.write(written, AT, SglDescriptor.ID_IN_CAPSULE, 4096);
        assertSame(placed("00 00 00 00 00 00 00 00  00 10 00 00  00 00 00 01"), written);
    }

    @Test
    void anEntryIsClearedBeforeItIsFilled() {
        MemorySegment written = blank(SubmissionEntry.BYTES);
        SubmissionEntry.write(written, AT, 1, 7, 5);
        SubmissionEntry.putLbas(written, AT, 0x5152535441424344L, 1 << 16);
        assertEquals(0x5152535441424344L, SubmissionEntry.startingLba(written, AT));
        assertEquals(1 << 16, SubmissionEntry.lbaCount(written, AT));
        assertEquals(0, SubmissionEntry.cdw13(written, AT));
        assertEquals(0, SubmissionEntry.cdw15(written, AT));
        assertEquals(0, SubmissionEntry.cdw2(written, AT));
    }

    @Test
    void readsWhatGetLogPageAsksFor() {
        MemorySegment sqe = blank(SubmissionEntry.BYTES);
        SubmissionEntry.write(sqe, AT, 2, 1, 0);
        assertTrue(LogPageId.isPlain(sqe, AT));
        assertFalse(LogPageId.retainsEvent(sqe, AT));
        LittleEndian.put32(sqe, AT + SubmissionEntry.CDW10, 0x0001_8A70);
        assertTrue(LogPageId.retainsEvent(sqe, AT));
        assertEquals(LogPageId.DISCOVERY, LogPageId.id(sqe, AT));
        assertEquals(10, LogPageId.specific(sqe, AT));
        assertEquals(8, LogPageId.bytes(sqe, AT));
        for (int bit = 0; bit < 32; bit++) {
            LittleEndian.put32(sqe, AT + SubmissionEntry.CDW14, 1 << bit);
            assertEquals(bit < 23, LogPageId.isPlain(sqe, AT), "bit " + bit);
        }
    }

    @Test
    void readsAndWritesACompletionEntry() {
        MemorySegment dump = placed("08 07 06 05 04 03 02 01  22 11 00 00  34 12 04 80");
        assertEquals(0x05060708, CompletionEntry.dw0(dump, AT));
        assertEquals(0x0102030405060708L, CompletionEntry.result(dump, AT));
        assertEquals(0x1122, CompletionEntry.sqHead(dump, AT));
        assertEquals(0x1234, CompletionEntry.commandId(dump, AT));
        assertEquals(0x4002, CompletionEntry.status(dump, AT));
        MemorySegment written = blank(16);
        CompletionEntry.write(written, AT, 0x0102030405060708L, 0x1122, 0x1234, 0x4002);
        assertSame(dump, written);
    }

    @Test
    void aDataPduSaysWhetherItIsTheLastAndEndsTheCommand() {
        MemorySegment pdu = blank(DataPdu.BYTES);
        for (int flags = 0; flags < 4; flags++) {
            boolean last = (flags & 1) != 0;
            boolean success = (flags & 2) != 0;
            int bits = (last ? PduHeader.FLAG_LAST : 0) | (success ? PduHeader.FLAG_SUCCESS : 0);
            DataPdu.write(pdu, AT, PduType.C2H_DATA, bits, 1, 2, 3, 4);
            assertEquals(last, DataPdu.isLast(pdu, AT));
            assertEquals(success, DataPdu.isSuccess(pdu, AT));
        }
        assertEquals(3, DataPdu.dataOffset(pdu, AT));
        assertEquals(4, DataPdu.dataBytes(pdu, AT));
    }

    @Test
    void aDiscoveryRecordSaysOfWhatKindItIs() {
        MemorySegment record = blank(DiscoveryLog.RECORD_BYTES);
        DiscoveryLog.writeRecord(record, AT, 2, "nqn.a", "::1", 4420, 7, 32, 1);
        assertEquals(2, DiscoveryLog.subtype(record, AT));
        assertEquals(7, DiscoveryLog.portId(record, AT));
        assertEquals("::1", DiscoveryLog.address(record, AT));
    }

    /** NVMe base specification: type in bits 2:0, information in 15:8, log page in 23:16. */
    @Test
    void anEventNamesItsLogPage() {
        assertEquals(0x04_00_02, AsyncEvent.NAMESPACE_CHANGED);
        assertEquals(0x0C_03_02, AsyncEvent.ANA_CHANGED);
        assertEquals(0x70_F0_02, AsyncEvent.DISCOVERY_CHANGED);
        assertEquals(0x45_23_01, AsyncEvent.result(1, 0x23, 0x45));
        assertEquals(1, AsyncEvent.type(0x45_23_01));
        assertEquals(0x23, AsyncEvent.information(0x45_23_01));
        assertEquals(0x45, AsyncEvent.logPage(0x45_23_01));
    }

    @Test
    void formatsThatAreNotKnownYetAreReadAsTheyCome() {
        MemorySegment pdu = blank(IcReq.BYTES);
        assertEquals(0xEEEE, IcReq.pfv(pdu, AT));
        assertEquals(0xEEEE, IcResp.pfv(pdu, AT));
        assertEquals(0xEEEE, ConnectCommand.recordFormat(pdu, AT));
    }

    @Test
    void textThatFillsItsFieldEndsWithIt() {
        MemorySegment field = blank(4);
        LittleEndian.putText(field, AT, 4, "abcdefgh", 0);
        assertEquals("abcd", LittleEndian.text(field, AT, 4));
        LittleEndian.putText(field, AT, 4, "ab", ' ');
        assertEquals("ab", LittleEndian.text(field, AT, 4));
    }

    @Test
    void aDataPduIsDescribedByItsNumbers() {
        MemorySegment pdu = blank(DataPdu.BYTES);
        DataPdu.write(pdu, AT, PduType.C2H_DATA, 0, 11, 22, 33, 44);
        assertEquals("cid 11 ttag 22 offset 33 bytes 44", DataPdu.describe(pdu, AT));
    }
}
