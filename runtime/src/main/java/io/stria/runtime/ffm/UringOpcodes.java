package io.stria.runtime.ffm;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * What operations a ring knows: kernels that imitate Linux begin with few.
 *
 * <pre>
 * struct io_uring_probe: 0 last_op:8  1 ops_len:8  16 ops[], of 8 bytes each: op:8 resv:8 flags:16
 * </pre>
 */
final class UringOpcodes {
    private static final int REGISTER_PROBE = 8;
    private static final int OPS_MAX = 256;
    private static final int OPS = 16;
    private static final int OP_BYTES = 8;
    private static final int FLAGS = 2;
    private static final int SUPPORTED = 1;

    private UringOpcodes() {}

    /** Those of the opcodes that the ring does not know. */
    static List<Integer> missing(int ringFd, int[] opcodes) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment probe = arena.allocate(OPS + (long) OPS_MAX * OP_BYTES, 8);
            int result = UringCalls.register(ringFd, REGISTER_PROBE, probe, OPS_MAX);
            if (result < 0) {
                throw Linux.failure("the kernel does not tell what its io_uring can do", result);
            }
            int known = Byte.toUnsignedInt(probe.get(JAVA_BYTE, 1));
            List<Integer> missing = new ArrayList<>();
            for (int opcode : opcodes) {
                int flags = probe.get(JAVA_SHORT, OPS + (long) opcode * OP_BYTES + FLAGS);
                if (opcode >= known || (flags & SUPPORTED) == 0) {
                    missing.add(opcode);
                }
            }
            return missing;
        }
    }
}
