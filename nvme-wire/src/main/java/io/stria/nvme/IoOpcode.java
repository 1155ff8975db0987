package io.stria.nvme;

/** Opcodes of the NVM command set; 80h and above are vendor specific. */
public final class IoOpcode {
    public static final int FLUSH = 0x00;
    public static final int WRITE = 0x01;
    public static final int READ = 0x02;
    public static final int COMPARE = 0x05;
    public static final int WRITE_ZEROES = 0x08;
    public static final int DATASET_MANAGEMENT = 0x09;
    public static final int VERIFY = 0x0C;
    public static final int VENDOR_FIRST = 0x80;

    private IoOpcode() {}

    /** Bits 1:0 of every opcode say which way its data goes: bit 0 from the host. */
    public static boolean dataFromHost(int opcode) {
        return (opcode & 3) == 1;
    }

    /** Bit 1: to the host. */
    public static boolean dataToHost(int opcode) {
        return (opcode & 3) == 2;
    }
}
