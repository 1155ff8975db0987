package io.stria.nvme;

import static io.stria.nvme.LittleEndian.put32;

import java.lang.foreign.MemorySegment;

/**
 * Commands supported and effects log (05h), 4096 bytes.
 *
 * <pre>
 *   0 admin commands: 4 bytes for each opcode | 1024 IO commands: likewise | 2048 reserved
 *
 *   bit 0 CSUPP: can be used,  bit 1 LBCC: changes blocks
 * </pre>
 */
public final class CommandEffectsLog {
    public static final int BYTES = 4096;
    public static final int ADMIN = 0;
    public static final int IO = 1024;
    public static final int SUPPORTED = 1;
    public static final int CHANGES_BLOCKS = 2;

    private CommandEffectsLog() {}

    public static void clear(MemorySegment data, long offset) {
        data.asSlice(offset, BYTES).fill((byte) 0);
    }

    public static void putAdmin(MemorySegment data, long offset, int... opcodes) {
        for (int opcode : opcodes) {
            put32(data, offset + ADMIN + 4L * opcode, SUPPORTED);
        }
    }

    public static void putIo(MemorySegment data, long offset, int effects, int... opcodes) {
        for (int opcode : opcodes) {
            put32(data, offset + IO + 4L * opcode, effects);
        }
    }
}
