package io.stria.dataplane.store;

import java.util.Arrays;

/** The smallest keys that were offered, a bounded number: a heap with the largest on top. */
final class KeyWindow {
    private final long[] heap;
    private int count;
    private int taken;
    private boolean overflowed;

    KeyWindow(int capacity) {
        heap = new long[capacity];
    }

    void clear() {
        count = 0;
        taken = 0;
        overflowed = false;
    }

    void offer(long key) {
        if (count < heap.length) {
            siftUp(count++, key);
            return;
        }
        overflowed = true;
        if (key < heap[0]) {
            siftDown(key);
        }
    }

    private void siftUp(int from, long key) {
        int at = from;
        while (at > 0 && heap[at - 1 >> 1] < key) {
            heap[at] = heap[at - 1 >> 1];
            at = at - 1 >> 1;
        }
        heap[at] = key;
    }

    private void siftDown(long key) {
        int at = 0;
        while (2 * at + 1 < count) {
            int child = 2 * at + 1;
            if (child + 1 < count && heap[child + 1] > heap[child]) {
                child++;
            }
            if (heap[child] <= key) {
                break;
            }
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = key;
    }

    /** From now on {@link #next} gives the keys, smallest first. */
    void sort() {
        Arrays.sort(heap, 0, count);
    }

    boolean isEmpty() {
        return taken == count;
    }

    long peek() {
        return heap[taken];
    }

    void take() {
        taken++;
    }

    /** How many have been taken. */
    int taken() {
        return taken;
    }

    /** How many there are, with those that have been taken. */
    int count() {
        return count;
    }

    /** The one that is taken after so many others. */
    long at(int others) {
        return heap[others];
    }

    /** Keys beyond the last one here were offered, too. */
    boolean hasOverflowed() {
        return overflowed;
    }
}
