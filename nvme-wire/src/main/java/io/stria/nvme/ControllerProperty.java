package io.stria.nvme;

/**
 * Offsets of a controller's properties and their bits.
 *
 * <pre>
 *   00h CAP   8  MQES 15:0 (entries per queue, less one) | CQR 16 | TO 31:24 (500 ms units)
 *                | CSS 44:37 (37: NVM) | MPSMIN 51:48, MPSMAX 55:52 (2^(12 + n) bytes)
 *   08h VS    4  major 31:16 | minor 15:8 | tertiary 7:0
 *   14h CC    4  EN 0 | CSS 6:4 | MPS 10:7 | SHN 15:14 | IOSQES 19:16 | IOCQES 23:20
 *   1Ch CSTS  4  RDY 0 | CFS 1 | SHST 3:2
 * </pre>
 */
public final class ControllerProperty {
    public static final int CAP = 0x00;
    public static final int VS = 0x08;
    public static final int CC = 0x14;
    public static final int CSTS = 0x1C;

    public static final int CC_ENABLE = 1;
    public static final int CC_CSS_MASK = 7 << 4;
    public static final int CC_MPS_MASK = 0xF << 7;
    public static final int CC_SHUTDOWN_MASK = 3 << 14;
    public static final int CC_SHUTDOWN_NORMAL = 1 << 14;
    public static final int CC_IOSQES_SHIFT = 16;
    public static final int CC_IOCQES_SHIFT = 20;

    public static final int CSTS_READY = 1;
    public static final int CSTS_FATAL = 1 << 1;
    public static final int CSTS_SHUTDOWN_COMPLETE = 2 << 2;
    public static final int CSTS_SHUTDOWN_MASK = 3 << 2;

    public static final int VERSION_1_4 = 0x0001_0400;

    private ControllerProperty() {}

    /**
     * CAP of a controller with the NVM command set, contiguous queues and pages of 4 KiB.
     *
     * @param readyTimeoutMs how long a host must wait for CSTS.RDY
     */
    public static long capabilities(int queueEntriesMax, int readyTimeoutMs) {
        long entries = queueEntriesMax - 1;
        long timeout = Math.min(255, (readyTimeoutMs + 499) / 500);
        return entries | 1L << 16 | timeout << 24 | 1L << 37;
    }

    public static int queueEntriesMax(long capabilities) {
        return (int) (capabilities & 0xFFFF) + 1;
    }
}
