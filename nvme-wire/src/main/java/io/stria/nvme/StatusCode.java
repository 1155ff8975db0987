package io.stria.nvme;

/**
 * Status field of a {@link CompletionEntry}, without the phase bit.
 *
 * <pre>
 *   14    13     12:11   10:8               7:0
 *   | DNR | MORE | CRD | SCT (code type) | SC (code) |
 *
 *   SCT 0 generic, 1 command specific, 2 media and data integrity, 3 path related
 *   DNR do not retry: the same command would fail again
 * </pre>
 */
public final class StatusCode {
    public static final int DNR = 0x4000;

    /** MORE: the error information log has an entry about it. */
    public static final int MORE = 0x2000;

    /** SCT and SC, without flags. */
    public static final int CODE_MASK = 0x07FF;

    public static final int SUCCESS = 0x000;
    public static final int INVALID_OPCODE = 0x001;
    public static final int INVALID_FIELD = 0x002;
    public static final int COMMAND_ID_CONFLICT = 0x003;
    public static final int DATA_TRANSFER_ERROR = 0x004;
    public static final int INTERNAL_ERROR = 0x006;
    public static final int ABORT_REQUESTED = 0x007;
    public static final int ABORTED_SQ_DELETION = 0x008;
    public static final int INVALID_NAMESPACE = 0x00B;
    public static final int COMMAND_SEQUENCE_ERROR = 0x00C;
    public static final int SGL_COUNT_INVALID = 0x00E;
    public static final int SGL_LENGTH_INVALID = 0x00F;
    public static final int SGL_TYPE_INVALID = 0x011;
    public static final int SGL_OFFSET_INVALID = 0x016;
    public static final int HOST_ID_INCONSISTENT = 0x018;
    public static final int KEEP_ALIVE_EXPIRED = 0x019;
    public static final int KEEP_ALIVE_INVALID = 0x01A;
    public static final int COMMAND_INTERRUPTED = 0x021;
    public static final int TRANSIENT_TRANSPORT_ERROR = 0x022;
    public static final int INVALID_IO_COMMAND_SET = 0x02C;
    public static final int LBA_OUT_OF_RANGE = 0x080;
    public static final int CAPACITY_EXCEEDED = 0x081;
    public static final int NAMESPACE_NOT_READY = 0x082;

    public static final int INVALID_QUEUE_ID = 0x101;
    public static final int INVALID_QUEUE_SIZE = 0x102;
    public static final int ABORT_LIMIT_EXCEEDED = 0x103;
    public static final int ASYNC_EVENT_LIMIT_EXCEEDED = 0x105;
    public static final int INVALID_LOG_PAGE = 0x109;
    public static final int FEATURE_NOT_SAVEABLE = 0x10D;
    public static final int FEATURE_NOT_CHANGEABLE = 0x10E;

    public static final int CONNECT_INCOMPATIBLE_FORMAT = 0x180;
    public static final int CONNECT_CONTROLLER_BUSY = 0x181;
    public static final int CONNECT_INVALID_PARAMETERS = 0x182;
    public static final int CONNECT_RESTART_DISCOVERY = 0x183;
    public static final int CONNECT_INVALID_HOST = 0x184;
    public static final int INVALID_QUEUE_TYPE = 0x185;
    public static final int DISCOVER_RESTART = 0x190;
    public static final int AUTHENTICATION_REQUIRED = 0x191;

    public static final int WRITE_FAULT = 0x280;
    public static final int UNRECOVERED_READ_ERROR = 0x281;
    public static final int COMPARE_FAILURE = 0x285;
    public static final int ACCESS_DENIED = 0x286;

    public static final int INTERNAL_PATH_ERROR = 0x300;
    public static final int ANA_PERSISTENT_LOSS = 0x301;
    public static final int ANA_INACCESSIBLE = 0x302;
    public static final int ANA_TRANSITION = 0x303;

    private StatusCode() {}

    public static int code(int status) {
        return status & CODE_MASK;
    }

    /** SCT 3: another path may do better. */
    public static boolean isPathRelated(int status) {
        return (status & 0x700) == 0x300;
    }

    public static boolean mayRetry(int status) {
        return (status & DNR) == 0;
    }
}
