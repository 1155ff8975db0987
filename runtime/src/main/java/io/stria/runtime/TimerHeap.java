package io.stria.runtime;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Pending timers in a binary heap, earliest first; timers of one deadline run in the order in which
 * they were scheduled. Owned by one thread.
 */
final class TimerHeap {
    private @Nullable Entry[] heap = new @Nullable Entry[64];
    private int count;
    private long nextSequence;

    Timers.Timer add(long deadlineNs, Runnable callback) {
        if (count == heap.length) {
            heap = Arrays.copyOf(heap, count * 2);
        }
        Entry entry = new Entry(deadlineNs, nextSequence++, callback);
        siftUp(count++, entry);
        return entry;
    }

    /** {@code Long.MAX_VALUE} when nothing is pending. */
    long nextDeadlineNs() {
        return count == 0 ? Long.MAX_VALUE : at(0).deadlineNs;
    }

    int pending() {
        return count;
    }

    /**
     * Runs what is due at {@code nowNs}. A timer that a callback adds waits for the next call, even
     * when it is due at once, so that a chain of them cannot starve the reactor.
     */
    int runDue(long nowNs) {
        long sequenceLimit = nextSequence;
        int ran = 0;
        while (count > 0 && at(0).deadlineNs <= nowNs && at(0).sequence < sequenceLimit) {
            Entry entry = at(0);
            remove(entry);
            entry.callback.run();
            ran++;
        }
        return ran;
    }

    private void remove(Entry entry) {
        int index = entry.index;
        Entry last = at(--count);
        heap[count] = null;
        entry.index = Entry.NOT_PENDING;
        if (last == entry) {
            return;
        }
        siftDown(index, last);
        if (last.index == index) {
            siftUp(index, last);
        }
    }

    private void siftUp(int from, Entry entry) {
        int index = from;
        while (index > 0) {
            int parent = (index - 1) >>> 1;
            if (at(parent).isBefore(entry)) {
                break;
            }
            place(index, at(parent));
            index = parent;
        }
        place(index, entry);
    }

    private void siftDown(int from, Entry entry) {
        int index = from;
        while (2 * index + 1 < count) {
            int child = 2 * index + 1;
            if (child + 1 < count && at(child + 1).isBefore(at(child))) {
                child++;
            }
            if (entry.isBefore(at(child))) {
                break;
            }
            place(index, at(child));
            index = child;
        }
        place(index, entry);
    }

    private void place(int index, Entry entry) {
        heap[index] = entry;
        entry.index = index;
    }

    private Entry at(int index) {
        Entry entry = heap[index];
        assert entry != null : "hole in the timer heap at " + index;
        return entry;
    }

    private final class Entry implements Timers.Timer {
        static final int NOT_PENDING = -1;

        final long deadlineNs;
        final long sequence;
        final Runnable callback;
        int index;

        Entry(long deadlineNs, long sequence, Runnable callback) {
            this.deadlineNs = deadlineNs;
            this.sequence = sequence;
            this.callback = callback;
        }

        boolean isBefore(Entry other) {
            return deadlineNs != other.deadlineNs
                    ? deadlineNs < other.deadlineNs
                    : sequence < other.sequence;
        }

        @Override
        public void cancel() {
            if (index != NOT_PENDING) {
                remove(this);
            }
        }
    }
}
