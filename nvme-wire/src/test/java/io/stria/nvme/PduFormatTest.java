package io.stria.nvme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class PduFormatTest {
    private static void assertSame(MemorySegment expected, MemorySegment actual) {
        assertEquals(-1, expected.mismatch(actual));
    }

    @Test
    void readsAndWritesIcReq() {
        MemorySegment dump =
                Hex.segment(
                        """
                        00 00 80 00  80 00 00 00  # ICReq, HLEN 128, PLEN 128
                        00 00 1f 03  07 00 00 00  # PFV 0, HPDA 31, both digests, 8 R2Ts
                        """,
                        IcReq.BYTES);
        assertEquals(PduType.IC_REQ, PduType.of(PduHeader.type(dump, 0)));
        assertEquals(128, PduHeader.hlen(dump, 0));
        assertEquals(128, PduHeader.plen(dump, 0));
        assertEquals(0, IcReq.pfv(dump, 0));
        assertEquals(31, IcReq.hpda(dump, 0));
        assertEquals(IcReq.DGST_HEADER | IcReq.DGST_DATA, IcReq.digests(dump, 0));
        assertEquals(7, IcReq.maxR2t(dump, 0));
        MemorySegment written = MemorySegment.ofArray(new byte[IcReq.BYTES]).fill((byte) 0xEE);
        IcReq.write(written, 0, 31, 3, 7);
        assertSame(dump, written);
    }

    @Test
    void readsAndWritesIcResp() {
        MemorySegment dump =
                Hex.segment(
                        """
                        01 00 80 00  80 00 00 00
                        00 00 03 01  00 00 02 00  # CPDA 3, header digest, 128 KiB
                        """,
                        IcResp.BYTES);
        assertEquals(PduType.IC_RESP, PduType.of(PduHeader.type(dump, 0)));
        assertEquals(0, IcResp.pfv(dump, 0));
        assertEquals(3, IcResp.cpda(dump, 0));
        assertEquals(1, IcResp.digests(dump, 0));
        assertEquals(128 * 1024, IcResp.maxH2cData(dump, 0));
        MemorySegment written = MemorySegment.ofArray(new byte[IcResp.BYTES]).fill((byte) 0xEE);
        IcResp.write(written, 0, 3, 1, 128 * 1024);
        assertSame(dump, written);
    }

    @Test
    void readsAndWritesTermReq() {
        MemorySegment dump =
                Hex.segment(
                        """
                        03 00 18 00  20 00 00 00  # C2HTermReq, PLEN 32
                        01 00 03 00  00 00 00 00  # invalid header, field at 3
                        00 00 00 00  00 00 00 00
                        04 00 48 ff  48 00 00 00  # the header at fault: PDO ffh
                        """);
        assertEquals(1, TermReq.fes(dump, 0));
        assertEquals(3, TermReq.fei(dump, 0));
        MemorySegment written = MemorySegment.ofArray(new byte[32]).fill((byte) 0xEE);
        int plen =
                TermReq.write(
                        written,
                        0,
                        PduType.C2H_TERM_REQ,
                        PduError.header(PduHeader.PDO, "PDO"),
                        Hex.segment("04 00 48 ff 48 00 00 00"),
                        0,
                        8);
        assertEquals(32, plen);
        assertSame(dump, written);
    }

    @Test
    void readsAReadCommandCapsule() {
        MemorySegment dump =
                Hex.segment(
                        """
                        04 00 48 00  48 00 00 00
                        02 40 cd ab  01 00 00 00  # read, SGL, CID abcdh, NSID 1
                        00 00 00 00  00 00 00 00  # CDW2, CDW3
                        00 00 00 00  00 00 00 00  # MPTR
                        00 00 00 00  00 00 00 00  # SGL address
                        00 20 00 00  00 00 00 5a  # 8 KiB by transport
                        88 77 66 55  44 33 22 11  # SLBA
                        01 00 00 40  0a 00 00 00  # 2 blocks, FUA; CDW13
                        0b 00 00 00  0c 00 00 00  # CDW14, CDW15
                        """);
        assertEquals(CapsuleCmd.BYTES, dump.byteSize());
        long sqe = CapsuleCmd.SQE;
        assertEquals(IoOpcode.READ, SubmissionEntry.opcode(dump, sqe));
        assertEquals(SubmissionEntry.FLAGS_PSDT_SGL, SubmissionEntry.flags(dump, sqe));
        assertEquals(0xABCD, SubmissionEntry.commandId(dump, sqe));
        assertEquals(1, SubmissionEntry.nsid(dump, sqe));
        assertEquals(0, SglDescriptor.address(dump, sqe + SubmissionEntry.SGL));
        assertEquals(8192, SglDescriptor.dataBytes(dump, sqe + SubmissionEntry.SGL));
        assertEquals(SglDescriptor.ID_TRANSPORT, SglDescriptor.id(dump, sqe + SubmissionEntry.SGL));
        assertEquals(0x1122334455667788L, SubmissionEntry.startingLba(dump, sqe));
        assertEquals(2, SubmissionEntry.lbaCount(dump, sqe));
        assertEquals(0x40000001, SubmissionEntry.cdw12(dump, sqe));
        assertEquals(10, SubmissionEntry.cdw13(dump, sqe));
        assertEquals(11, SubmissionEntry.cdw14(dump, sqe));
        assertEquals(12, SubmissionEntry.cdw15(dump, sqe));
    }

    @Test
    void writesAWriteCommandCapsuleWithInCapsuleData() {
        MemorySegment expected =
                Hex.segment(
                        """
                        04 00 48 48  48 10 00 00  # PDO 72, PLEN 72 + 4096
                        01 40 05 00  01 00 00 00
                        00 00 00 00  00 00 00 00
                        00 00 00 00  00 00 00 00
                        00 00 00 00  00 00 00 00
                        00 10 00 00  00 00 00 01
                        07 00 00 00  00 00 00 00
                        00 00 00 00  00 00 00 00
                        00 00 00 00  00 00 00 00
                        """);
        MemorySegment written = MemorySegment.ofArray(new byte[72]).fill((byte) 0xEE);
        CapsuleCmd.writeHeader(written, 0);
        SubmissionEntry.write(written, 8, IoOpcode.WRITE, 5, 1);
        SubmissionEntry.putLbas(written, 8, 7, 1);
        SglDescriptor.write(written, 8 + SubmissionEntry.SGL, SglDescriptor.ID_IN_CAPSULE, 4096);
        assertEquals(72, PduHeader.frame(written, 0, 4096, 4, false, false));
        assertSame(expected, written);
    }

    @Test
    void readsAndWritesACompletion() {
        MemorySegment dump =
                Hex.segment(
                        """
                        05 00 18 00  18 00 00 00
                        0f 00 0f 00  01 00 00 00  # DW0, DW1
                        11 00 00 00  34 12 05 86  # SQHD 17, CID 1234h, DNR | ANA inaccessible - 1
                        """);
        long cqe = CapsuleResp.CQE;
        assertEquals(0x000F000F, CompletionEntry.dw0(dump, cqe));
        assertEquals(0x1_000F_000FL, CompletionEntry.result(dump, cqe));
        assertEquals(17, CompletionEntry.sqHead(dump, cqe));
        assertEquals(0x1234, CompletionEntry.commandId(dump, cqe));
        int status = CompletionEntry.status(dump, cqe);
        assertEquals(StatusCode.DNR | StatusCode.ANA_INACCESSIBLE, status);
        assertEquals(StatusCode.ANA_INACCESSIBLE, StatusCode.code(status));
        assertFalse(StatusCode.mayRetry(status));
        MemorySegment written = MemorySegment.ofArray(new byte[24]).fill((byte) 0xEE);
        CapsuleResp.writeHeader(written, 0);
        CompletionEntry.write(written, cqe, 0x1_000F_000FL, 17, 0x1234, status);
        LittleEndian.put8(written, 22, 0x05);
        assertSame(dump, written);
    }

    @Test
    void readsAndWritesDataPdus() {
        MemorySegment dump =
                Hex.segment(
                        """
                        07 0c 18 18  18 20 00 00  # C2HData, LAST and SUCCESS, PLEN 24 + 8192
                        09 00 03 00  00 10 00 00  # CCCID 9, TTAG 3, DATAO 4096
                        00 20 00 00  00 00 00 00  # DATAL 8192
                        """);
        assertEquals(9, DataPdu.commandId(dump, 0));
        assertEquals(3, DataPdu.transferTag(dump, 0));
        assertEquals(4096, DataPdu.dataOffset(dump, 0));
        assertEquals(8192, DataPdu.dataBytes(dump, 0));
        assertTrue(DataPdu.isLast(dump, 0));
        assertTrue(DataPdu.isSuccess(dump, 0));
        MemorySegment written = MemorySegment.ofArray(new byte[24]).fill((byte) 0xEE);
        DataPdu.write(
                written,
                0,
                PduType.C2H_DATA,
                PduHeader.FLAG_LAST | PduHeader.FLAG_SUCCESS,
                9,
                3,
                4096,
                8192);
        assertEquals(24, PduHeader.frame(written, 0, 8192, 4, false, false));
        assertSame(dump, written);
    }

    @Test
    void readsAndWritesR2t() {
        MemorySegment dump =
                Hex.segment(
                        """
                        09 00 18 00  18 00 00 00
                        09 00 03 00  00 10 00 00
                        00 00 02 00  00 00 00 00
                        """);
        assertEquals(9, R2t.commandId(dump, 0));
        assertEquals(3, R2t.transferTag(dump, 0));
        assertEquals(4096, R2t.dataOffset(dump, 0));
        assertEquals(128 * 1024, R2t.dataBytes(dump, 0));
        MemorySegment written = MemorySegment.ofArray(new byte[24]).fill((byte) 0xEE);
        R2t.write(written, 0, 9, 3, 4096, 128 * 1024);
        assertSame(dump, written);
    }

    @Test
    void framesDigestsAndPadding() {
        MemorySegment pdu = MemorySegment.ofArray(new byte[24]);
        DataPdu.write(pdu, 0, PduType.C2H_DATA, PduHeader.FLAG_LAST, 1, 0, 0, 100);
        assertEquals(64, PduHeader.frame(pdu, 0, 100, 64, true, true));
        assertEquals(
                PduHeader.FLAG_LAST | PduHeader.FLAG_HDGST | PduHeader.FLAG_DDGST,
                PduHeader.flags(pdu, 0));
        assertEquals(64, PduHeader.pdo(pdu, 0));
        assertEquals(64 + 100 + 4, PduHeader.plen(pdu, 0));
    }

    @Test
    void knowsOnlyTheTypesThatExist() {
        assertNull(PduType.of(8));
        assertNull(PduType.of(10));
        assertNull(PduType.of(255));
        for (PduType type : PduType.values()) {
            assertEquals(type, PduType.of(type.code()));
        }
    }

    @Test
    void computesTheKnownCrc32c() {
        MemorySegment zeros = MemorySegment.ofArray(new byte[32]);
        assertEquals(0x8A9136AA, new Digest().of(zeros, 0, 32));
    }
}
