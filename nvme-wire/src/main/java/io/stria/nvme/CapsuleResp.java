package io.stria.nvme;

import java.lang.foreign.MemorySegment;

/**
 * Response capsule, from the controller.
 *
 * <pre>
 *   0               8                                24
 *   | common header | {@link CompletionEntry} 16     |
 * </pre>
 */
public final class CapsuleResp {
    public static final int BYTES = 24;

    /** Where the completion queue entry begins. */
    public static final int CQE = 8;

    private CapsuleResp() {}

    /** Writes the common header alone; the entry is the caller's. */
    public static void writeHeader(MemorySegment pdu, long offset) {
        PduHeader.write(pdu, offset, PduType.CAPSULE_RESP);
    }
}
