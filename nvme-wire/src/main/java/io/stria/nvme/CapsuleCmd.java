package io.stria.nvme;

import java.lang.foreign.MemorySegment;

/**
 * Command capsule, from the host.
 *
 * <pre>
 *   0               8                                72
 *   | common header | {@link SubmissionEntry} 64     | in-capsule data at PDO, if any
 * </pre>
 */
public final class CapsuleCmd {
    public static final int BYTES = 72;

    /** Where the submission queue entry begins. */
    public static final int SQE = 8;

    private CapsuleCmd() {}

    /** Writes the common header alone; the entry is the caller's. */
    public static void writeHeader(MemorySegment pdu, long offset) {
        PduHeader.write(pdu, offset, PduType.CAPSULE_CMD);
    }
}
