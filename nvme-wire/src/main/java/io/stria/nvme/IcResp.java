package io.stria.nvme;

import static io.stria.nvme.LittleEndian.i32;
import static io.stria.nvme.LittleEndian.put16;
import static io.stria.nvme.LittleEndian.put32;
import static io.stria.nvme.LittleEndian.put8;
import static io.stria.nvme.LittleEndian.u16;
import static io.stria.nvme.LittleEndian.u8;

import java.lang.foreign.MemorySegment;

/**
 * Initialize Connection Response: the controller's answer to {@link IcReq}.
 *
 * <pre>
 *   0               8     10     11     12              16                128
 *   | common header | PFV | CPDA | DGST | MAXH2CDATA    | reserved        |
 *
 *   CPDA       alignment of data to the controller: 4 x (CPDA + 1) bytes
 *   DGST       digests in use from now on, of those that the host asked for
 *   MAXH2CDATA most data bytes of one H2CData PDU, a multiple of 4, at least 4096
 * </pre>
 */
public final class IcResp {
    public static final int BYTES = 128;
    public static final int PFV = 8;
    public static final int CPDA = 10;
    public static final int DGST = 11;
    public static final int MAXH2CDATA = 12;

    public static final int MAXH2CDATA_MIN = 4096;

    private IcResp() {}

    public static int pfv(MemorySegment pdu, long offset) {
        return u16(pdu, offset + PFV);
    }

    public static int cpda(MemorySegment pdu, long offset) {
        return u8(pdu, offset + CPDA);
    }

    public static int digests(MemorySegment pdu, long offset) {
        return u8(pdu, offset + DGST);
    }

    public static int maxH2cData(MemorySegment pdu, long offset) {
        return i32(pdu, offset + MAXH2CDATA);
    }

    public static void write(
            MemorySegment pdu, long offset, int cpda, int digests, int maxH2cDataBytes) {
        assert maxH2cDataBytes >= MAXH2CDATA_MIN && maxH2cDataBytes % 4 == 0;
        pdu.asSlice(offset, BYTES).fill((byte) 0);
        PduHeader.write(pdu, offset, PduType.IC_RESP);
        put16(pdu, offset + PFV, 0);
        put8(pdu, offset + CPDA, cpda);
        put8(pdu, offset + DGST, digests);
        put32(pdu, offset + MAXH2CDATA, maxH2cDataBytes);
    }
}
