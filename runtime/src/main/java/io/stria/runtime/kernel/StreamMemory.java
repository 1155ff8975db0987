package io.stria.runtime.kernel;

import io.stria.runtime.Memory;
import io.stria.runtime.ffm.Linux;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/**
 * Memory of one stream: its receive buffer and its send ring. Both take room only where they were
 * touched, and streams begin at the front of each whenever they are empty.
 */
public record StreamMemory(MemorySegment whole, MemorySegment receive, MemorySegment send) {
    /** Keeps some of what closed streams leave for those to come; owned by one engine. */
    public static final class Pool {
        private static final int KEPT_MAX = 64;

        private final Memory memory;
        private final String tag;
        private final int receiveBytes;
        private final int sendBytes;
        private final ArrayDeque<StreamMemory> kept = new ArrayDeque<>(KEPT_MAX);

        public Pool(Memory memory, String tag, int receiveBytes, int sendBytes) {
            this.memory = memory;
            this.tag = tag;
            this.receiveBytes = receiveBytes;
            this.sendBytes = sendBytes;
        }

        public StreamMemory take() {
            StreamMemory last = kept.pollLast();
            return last != null ? last : allocate();
        }

        public void giveBack(StreamMemory streamMemory) {
            if (kept.size() < KEPT_MAX) {
                kept.addLast(streamMemory);
            } else {
                memory.free(streamMemory.whole);
            }
        }

        public void close() {
            kept.forEach(streamMemory -> memory.free(streamMemory.whole));
            kept.clear();
        }

        private StreamMemory allocate() {
            MemorySegment whole = memory.allocate(tag, (long) receiveBytes + sendBytes);
            Linux.preferSmallPages(whole);
            return new StreamMemory(
                    whole, whole.asSlice(0, receiveBytes), whole.asSlice(receiveBytes, sendBytes));
        }
    }
}
