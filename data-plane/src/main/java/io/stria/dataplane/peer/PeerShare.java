package io.stria.dataplane.peer;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What the commands for one device have of the buffers, of all connections together. Of each size
 * it takes one more only while more are left than it has: so a device that hangs leaves half of
 * what it found to the others of its node, and one that has none gets the last.
 */
final class PeerShare {
    private final PeerBuffers buffers;
    private int small;
    private int large;

    PeerShare(PeerBuffers buffers) {
        this.buffers = buffers;
    }

    boolean mayTake(int bytes) {
        int held = bytes > PeerBuffers.SMALL_BYTES ? large : small;
        return held < buffers.left(bytes);
    }

    /** Null when it may not. */
    @Nullable MemorySegment take(int bytes) {
        MemorySegment buffer = mayTake(bytes) ? buffers.take(bytes) : null;
        count(bytes, buffer == null ? 0 : 1);
        return buffer;
    }

    void give(MemorySegment buffer, int bytes) {
        buffers.give(buffer);
        count(bytes, -1);
    }

    private void count(int bytes, int change) {
        if (bytes > PeerBuffers.SMALL_BYTES) {
            large += change;
        } else {
            small += change;
        }
    }
}
