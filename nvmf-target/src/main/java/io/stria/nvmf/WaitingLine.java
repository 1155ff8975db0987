package io.stria.nvmf;

import java.lang.foreign.MemorySegment;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Those who wait for a buffer of a share, first come first served. Whoever waits may leave from
 * anywhere in it, at the same small cost: connections end with many commands in line.
 */
final class WaitingLine {
    /** Somebody who may stand in a line, in one at a time. */
    abstract static class Waiter {
        private @Nullable WaitingLine line;
        private @Nullable Waiter ahead;
        private @Nullable Waiter behind;

        /** Takes the buffer, not in line any more; false if it is not wanted. */
        abstract boolean onBuffer(BufferShare from, MemorySegment buffer);

        final boolean isInLine() {
            return line != null;
        }

        /** Waits no more, if it does. */
        final void leaveLine() {
            if (line != null) {
                line.remove(this);
            }
        }
    }

    private @Nullable Waiter first;
    private @Nullable Waiter last;
    private int size;

    boolean isEmpty() {
        return first == null;
    }

    int size() {
        return size;
    }

    void add(Waiter waiter) {
        assert waiter.line == null : "in a line already";
        waiter.line = this;
        waiter.ahead = last;
        if (last == null) {
            first = waiter;
        } else {
            last.behind = waiter;
        }
        last = waiter;
        size++;
    }

    /** The one that has waited longest. */
    Waiter remove() {
        Waiter next = first;
        if (next == null) {
            throw new NoSuchElementException("nobody waits");
        }
        remove(next);
        return next;
    }

    private void remove(Waiter waiter) {
        Waiter ahead = waiter.ahead;
        Waiter behind = waiter.behind;
        if (ahead == null) {
            first = behind;
        } else {
            ahead.behind = behind;
        }
        if (behind == null) {
            last = ahead;
        } else {
            behind.ahead = ahead;
        }
        waiter.line = null;
        waiter.ahead = null;
        waiter.behind = null;
        size--;
    }
}
