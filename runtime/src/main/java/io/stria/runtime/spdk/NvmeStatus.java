package io.stria.runtime.spdk;

import io.stria.runtime.ffm.Errno;

/** What NVMe's status codes come to: the code in the lower eight bits, its type above them. */
final class NvmeStatus {
    static final int SUCCESS = 0;
    private static final int INVALID_OPCODE = 0x001;
    private static final int INVALID_FIELD = 0x002;
    private static final int RESERVATION_CONFLICT = 0x083;
    private static final int ABORTED_WITH_ITS_QUEUE = 0x008;
    private static final int LBA_OUT_OF_RANGE = 0x080;
    private static final int CAPACITY_EXCEEDED = 0x081;

    private NvmeStatus() {}

    /** The device does not know the command, or not in this form. */
    static boolean isUnknown(int status) {
        return status == INVALID_OPCODE || status == INVALID_FIELD;
    }

    /** Its connection ended before it did: SPDK says so itself, of all that was in the device. */
    static boolean isAborted(int status) {
        return status == ABORTED_WITH_ITS_QUEUE;
    }

    /** Somebody else has the reservation. */
    static boolean isConflict(int status) {
        return status == RESERVATION_CONFLICT;
    }

    /** Negative. */
    static int errno(int status) {
        return switch (status) {
            case INVALID_OPCODE, INVALID_FIELD, LBA_OUT_OF_RANGE -> -Errno.EINVAL;
            case CAPACITY_EXCEEDED -> -Errno.ENOSPC;
            default -> -Errno.EIO;
        };
    }
}
