package io.stria.runtime.nio;

/** Something that a selector watches; attached to its key. Owned by the engine. */
abstract class Selected {
    private int readyOperations;

    /** Notes what a selection found. Returns whether it was known to be ready before. */
    final boolean mark(int operations) {
        boolean marked = readyOperations != 0;
        readyOperations |= operations;
        return marked;
    }

    final void deliver() {
        int operations = readyOperations;
        readyOperations = 0;
        onReady(operations);
    }

    /** From within poll; what is ready may have been closed since. */
    protected abstract void onReady(int operations);
}
