package io.stria.nvme;

/** What Identify is asked for: CDW10 bits 7:0; CDW11 bits 31:24 name the command set. */
public final class Cns {
    public static final int NAMESPACE = 0x00;
    public static final int CONTROLLER = 0x01;
    public static final int ACTIVE_NAMESPACES = 0x02;
    public static final int NAMESPACE_DESCRIPTORS = 0x03;
    public static final int COMMAND_SET_NAMESPACE = 0x05;
    public static final int COMMAND_SET_CONTROLLER = 0x06;
    public static final int COMMAND_SET_ACTIVE_NAMESPACES = 0x07;
    public static final int INDEPENDENT_NAMESPACE = 0x08;
    public static final int COMMAND_SETS = 0x1C;

    /** Every answer has this size. */
    public static final int DATA_BYTES = 4096;

    /** Command set identifier of NVM. */
    public static final int CSI_NVM = 0;

    private Cns() {}
}
