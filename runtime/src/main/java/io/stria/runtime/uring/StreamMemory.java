package io.stria.runtime.uring;

import io.stria.runtime.Memory;
import io.stria.runtime.ffm.Linux;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/**
 * Memory of one stream: its receive buffer and its send ring. Both take room only where they were
 * touched, and streams begin at the front of each whenever they are empty.
 */
record StreamMemory(MemorySegment whole, MemorySegment receive, MemorySegment send) {
    /** Keeps some of what closed streams leave for those to come; owned by one engine. */
    static final class Pool {
        private static final String TAG = "uring.streams";
        private static final int KEPT_MAX = 64;

        private final Memory memory;
        private final UringConfig config;
        private final ArrayDeque<StreamMemory> kept = new ArrayDeque<>(KEPT_MAX);

        Pool(Memory memory, UringConfig config) {
            this.memory = memory;
            this.config = config;
        }

        StreamMemory take() {
            StreamMemory last = kept.pollLast();
            return last != null ? last : allocate();
        }

        void giveBack(StreamMemory streamMemory) {
            if (kept.size() < KEPT_MAX) {
                kept.addLast(streamMemory);
            } else {
                memory.free(streamMemory.whole);
            }
        }

        void close() {
            kept.forEach(streamMemory -> memory.free(streamMemory.whole));
            kept.clear();
        }

        private StreamMemory allocate() {
            int receiveBytes = config.receiveBufferBytes();
            int sendBytes = config.sendBufferBytes();
            MemorySegment whole = memory.allocate(TAG, (long) receiveBytes + sendBytes);
            Linux.preferSmallPages(whole);
            return new StreamMemory(
                    whole, whole.asSlice(0, receiveBytes), whole.asSlice(receiveBytes, sendBytes));
        }
    }
}
