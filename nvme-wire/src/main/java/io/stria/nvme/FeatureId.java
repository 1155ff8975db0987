package io.stria.nvme;

/** Features of Get Features and Set Features: CDW10 bits 7:0. */
public final class FeatureId {
    public static final int ARBITRATION = 0x01;
    public static final int POWER_MANAGEMENT = 0x02;
    public static final int TEMPERATURE_THRESHOLD = 0x04;
    public static final int ERROR_RECOVERY = 0x05;
    public static final int VOLATILE_WRITE_CACHE = 0x06;

    /** CDW11 and result: completion queues less one 31:16, submission queues less one 15:0. */
    public static final int NUMBER_OF_QUEUES = 0x07;

    public static final int WRITE_ATOMICITY = 0x0A;

    /** CDW11: which events to report, bits as in OAES: {@link AsyncEvent}. */
    public static final int ASYNC_EVENT_CONFIGURATION = 0x0B;

    /** CDW11: milliseconds. */
    public static final int KEEP_ALIVE_TIMER = 0x0F;

    /** Data of 512 bytes; byte 0: the host honours retry delays. */
    public static final int HOST_BEHAVIOR = 0x16;

    public static final int HOST_IDENTIFIER = 0x81;

    public static final int HOST_BEHAVIOR_BYTES = 512;

    /** CDW10 of Set Features: keep the value over resets. */
    public static final int SAVE = 1 << 31;

    private FeatureId() {}

    /** SEL of Get Features, CDW10 bits 10:8: 0 current, 1 default, 2 saved, 3 capabilities. */
    public static int select(int cdw10) {
        return cdw10 >>> 8 & 7;
    }
}
