package io.stria.runtime.ffm;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/**
 * A ring's table of registered files. A slot refers to its file like a descriptor does, so that a
 * file closes only when it has left the table too. Meant for files: before Linux 6.13 a removed
 * entry is let go only when every operation started earlier on any entry has ended, and a receive
 * may never end.
 */
final class FixedFiles {
    private static final int REGISTER_FILES_UPDATE = 6;
    private static final int REGISTER_FILES2 = 13;
    private static final int SPARSE = 1;
    private static final int REGISTER_BYTES = 32;
    private static final int UPDATE_BYTES = 16;

    private final int ringFd;
    private final int count;
    private final BitSet taken = new BitSet();

    private FixedFiles(int ringFd, int count) {
        this.ringFd = ringFd;
        this.count = count;
    }

    /** Empty when the kernel refuses: then every descriptor is used as it is. */
    static FixedFiles register(int ringFd, int count) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment argument = arena.allocate(REGISTER_BYTES, Long.BYTES);
            argument.set(JAVA_INT, 0, count);
            argument.set(JAVA_INT, 4, SPARSE);
            int result = UringCalls.register(ringFd, REGISTER_FILES2, argument, REGISTER_BYTES);
            return new FixedFiles(ringFd, result < 0 ? 0 : count);
        }
    }

    /** The slot that refers to the descriptor now, or -1. */
    int add(int fd) {
        int slot = taken.nextClearBit(0);
        if (slot >= count || update(slot, fd) < 0) {
            return -1;
        }
        taken.set(slot);
        return slot;
    }

    void remove(int slot) {
        int result = update(slot, -1);
        assert result >= 0 : "cannot clear slot " + slot + ": " + Errno.describe(-result);
        taken.clear(slot);
    }

    private int update(int slot, int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment fds = arena.allocate(JAVA_INT);
            fds.set(JAVA_INT, 0, fd);
            MemorySegment argument = arena.allocate(UPDATE_BYTES, Long.BYTES);
            argument.set(JAVA_INT, 0, slot);
            argument.set(JAVA_LONG, 8, fds.address());
            return UringCalls.register(ringFd, REGISTER_FILES_UPDATE, argument, 1);
        }
    }
}
