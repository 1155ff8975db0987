package io.stria.nvme;

import static io.stria.nvme.LittleEndian.i32;
import static io.stria.nvme.LittleEndian.put16;
import static io.stria.nvme.LittleEndian.put32;
import static io.stria.nvme.LittleEndian.u16;

import java.lang.foreign.MemorySegment;

/**
 * Terminate Connection Request, from host (H2CTermReq) or controller (C2HTermReq): the last PDU of
 * a connection, with the reason and a copy of the header that was at fault.
 *
 * <pre>
 *   0               8     10            14           24                     up to 152
 *   | common header | FES | FEI         | reserved   | header at fault      |
 * </pre>
 */
public final class TermReq {
    public static final int BYTES = 24;
    public static final int FES = 8;
    public static final int FEI = 10;

    /** Most bytes of the copied header. */
    public static final int DATA_BYTES_MAX = 128;

    private TermReq() {}

    public static int fes(MemorySegment pdu, long offset) {
        return u16(pdu, offset + FES);
    }

    public static int fei(MemorySegment pdu, long offset) {
        return i32(pdu, offset + FEI);
    }

    /**
     * Writes the PDU with the copied header behind it.
     *
     * @return PLEN, bytes written
     */
    public static int write(
            MemorySegment pdu,
            long offset,
            PduType type,
            PduError error,
            MemorySegment faulty,
            long faultyOffset,
            int faultyBytes) {
        int dataBytes = Math.min(faultyBytes, DATA_BYTES_MAX);
        pdu.asSlice(offset, BYTES).fill((byte) 0);
        PduHeader.write(pdu, offset, type, 0, 0, BYTES + dataBytes);
        put16(pdu, offset + FES, error.status().code());
        put32(pdu, offset + FEI, error.information());
        MemorySegment.copy(faulty, faultyOffset, pdu, offset + BYTES, dataBytes);
        return BYTES + dataBytes;
    }
}
