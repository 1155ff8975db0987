package io.stria.nvme;

/** FCTYPE of the fabrics commands, which share one opcode on admin and IO queues. */
public final class FabricsType {
    /** OPC of every fabrics command. */
    public static final int OPCODE = 0x7F;

    public static final int PROPERTY_SET = 0x00;
    public static final int CONNECT = 0x01;
    public static final int PROPERTY_GET = 0x04;
    public static final int AUTHENTICATION_SEND = 0x05;
    public static final int AUTHENTICATION_RECEIVE = 0x06;
    public static final int DISCONNECT = 0x08;

    private FabricsType() {}

    /** The type's bits 1:0 say which way its data goes, as an opcode's do. */
    public static boolean dataFromHost(int type) {
        return IoOpcode.dataFromHost(type);
    }

    public static boolean dataToHost(int type) {
        return IoOpcode.dataToHost(type);
    }
}
