package io.stria.nvme;

/**
 * Asynchronous events: what a controller tells of when it happens, as result of a command that the
 * host left with it.
 *
 * <pre>
 *   Result DW0:  31:24 0 | 23:16 log page to read | 15:8 information | 7:3 0 | 2:0 type
 * </pre>
 */
public final class AsyncEvent {
    public static final int TYPE_NOTICE = 2;

    public static final int NAMESPACE_CHANGED = result(TYPE_NOTICE, 0x00, LogPageId.CHANGED_NS);
    public static final int ANA_CHANGED = result(TYPE_NOTICE, 0x03, LogPageId.ANA);
    public static final int DISCOVERY_CHANGED = result(TYPE_NOTICE, 0xF0, LogPageId.DISCOVERY);

    /** Bits of OAES and of the event configuration feature. */
    public static final int CONFIG_NAMESPACE = 1 << 8;

    public static final int CONFIG_ANA = 1 << 11;
    public static final int CONFIG_DISCOVERY = 1 << 31;

    private AsyncEvent() {}

    public static int result(int type, int information, int logPage) {
        return logPage << 16 | information << 8 | type;
    }

    public static int type(int result) {
        return result & 7;
    }

    public static int information(int result) {
        return result >>> 8 & 0xFF;
    }

    public static int logPage(int result) {
        return result >>> 16 & 0xFF;
    }
}
