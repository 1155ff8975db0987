package io.stria.dataplane.peer;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Native buffers of two sizes for commands of peers; bounded, reused, made when first needed. One
 * reactor's.
 */
final class PeerBuffers {
    static final int SMALL_BYTES = 16 * 1024;
    static final int LARGE_BYTES = 256 * 1024;

    private final ArrayDeque<MemorySegment> small = new ArrayDeque<>();
    private final ArrayDeque<MemorySegment> large = new ArrayDeque<>();
    private int inUse;
    private int smallLeft;
    private int largeLeft;

    PeerBuffers(int smallMax, int largeMax) {
        smallLeft = smallMax;
        largeLeft = largeMax;
    }

    /** Taken and not given back. */
    int inUse() {
        return inUse;
    }

    /** How many of the size are not taken. */
    int left(int bytes) {
        return bytes > SMALL_BYTES ? large.size() + largeLeft : small.size() + smallLeft;
    }

    /** Null when all of the size are in use. */
    @Nullable MemorySegment take(int bytes) {
        MemorySegment buffer = free(bytes);
        inUse += buffer == null ? 0 : 1;
        return buffer;
    }

    private @Nullable MemorySegment free(int bytes) {
        assert bytes <= LARGE_BYTES;
        if (bytes > SMALL_BYTES) {
            MemorySegment buffer = large.poll();
            return buffer != null || largeLeft == 0 ? buffer : allocate(LARGE_BYTES, largeLeft--);
        }
        MemorySegment buffer = small.poll();
        return buffer != null || smallLeft == 0 ? buffer : allocate(SMALL_BYTES, smallLeft--);
    }

    void give(MemorySegment buffer) {
        inUse--;
        (buffer.byteSize() == LARGE_BYTES ? large : small).add(buffer);
    }

    private static MemorySegment allocate(int bytes, int left) {
        assert left > 0;
        return Arena.ofAuto().allocate(bytes, 64);
    }
}
