package io.stria.runtime;

import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Those who wait for something, first come first served. Whoever waits may leave from anywhere in
 * it, at the same small cost: connections and volumes end with many commands in line. It allocates
 * nothing. Of one thread.
 */
public final class WaitingLine<W extends WaitingLine.Waiter> {
    /** Somebody who may stand in a line, in one at a time. */
    public abstract static class Waiter {
        private @Nullable WaitingLine<?> line;
        private @Nullable Waiter ahead;
        private @Nullable Waiter behind;

        public final boolean isInLine() {
            return line != null;
        }

        /** Waits no more, if it does. */
        public final void leaveLine() {
            if (line != null) {
                line.unlink(this);
            }
        }
    }

    private @Nullable Waiter first;
    private @Nullable Waiter last;
    private int size;

    public boolean isEmpty() {
        return first == null;
    }

    public int size() {
        return size;
    }

    /** At its end. */
    public void add(W waiter) {
        Waiter added = waiter;
        assert added.line == null : "in a line already";
        added.line = this;
        added.ahead = last;
        if (last == null) {
            first = added;
        } else {
            last.behind = added;
        }
        last = added;
        size++;
    }

    /** The one that has waited longest, not in line any more. */
    @SuppressWarnings("unchecked") // add takes no others
    public W remove() {
        Waiter next = first;
        if (next == null) {
            throw new NoSuchElementException("nobody waits");
        }
        unlink(next);
        return (W) next;
    }

    private void unlink(Waiter waiter) {
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
