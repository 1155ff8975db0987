package io.stria.nvme;

import static io.stria.nvme.LittleEndian.i32;
import static io.stria.nvme.LittleEndian.put16;
import static io.stria.nvme.LittleEndian.put32;
import static io.stria.nvme.LittleEndian.put8;
import static io.stria.nvme.LittleEndian.u16;
import static io.stria.nvme.LittleEndian.u8;

import java.lang.foreign.MemorySegment;

/**
 * Initialize Connection Request: the first PDU of a connection, from the host.
 *
 * <pre>
 *   0               8     10     11     12              16                128
 *   | common header | PFV | HPDA | DGST | MAXR2T        | reserved        |
 *
 *   PFV    format version, 0
 *   HPDA   alignment of data to the host: 4 x (HPDA + 1) bytes, HPDA at most 31
 *   DGST   bit 0 header digest, bit 1 data digest
 *   MAXR2T outstanding R2Ts per command, less one
 * </pre>
 */
public final class IcReq {
    public static final int BYTES = 128;
    public static final int PFV = 8;
    public static final int HPDA = 10;
    public static final int DGST = 11;
    public static final int MAXR2T = 12;

    public static final int HPDA_MAX = 31;
    public static final int DGST_HEADER = 1;
    public static final int DGST_DATA = 2;

    private IcReq() {}

    public static int pfv(MemorySegment pdu, long offset) {
        return u16(pdu, offset + PFV);
    }

    public static int hpda(MemorySegment pdu, long offset) {
        return u8(pdu, offset + HPDA);
    }

    public static int digests(MemorySegment pdu, long offset) {
        return u8(pdu, offset + DGST);
    }

    public static int maxR2t(MemorySegment pdu, long offset) {
        return i32(pdu, offset + MAXR2T);
    }

    public static void write(
            MemorySegment pdu, long offset, int hpda, int digests, int maxR2tLessOne) {
        pdu.asSlice(offset, BYTES).fill((byte) 0);
        PduHeader.write(pdu, offset, PduType.IC_REQ);
        put16(pdu, offset + PFV, 0);
        put8(pdu, offset + HPDA, hpda);
        put8(pdu, offset + DGST, digests);
        put32(pdu, offset + MAXR2T, maxR2tLessOne);
    }
}
