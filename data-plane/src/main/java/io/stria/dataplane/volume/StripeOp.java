package io.stria.dataplane.volume;

/** One operation on consecutive blocks of one page, under a lock on them. Pooled by its owner. */
abstract class StripeOp {
    /**
     * A stripe operation covers at most this many blocks, whatever the size of a page: it bounds
     * its buffers.
     */
    static final int BLOCKS_MAX = 32;

    final int[] slots;
    long firstBlock;
    int blocks;
    long page;
    int index;

    private PageLocations locations = (page, slots) -> {};

    /** It has ended, and its owner no longer counts it, since a command of it is stuck. */
    private boolean parted;

    StripeOp(StripeLayout layout) {
        slots = new int[layout.fragments()];
    }

    final void range(StripeLayout layout, PageLocations where, long block, int count) {
        locations = where;
        firstBlock = block;
        blocks = count;
        page = layout.page(block);
        index = layout.indexInPage(block);
        assert index + count <= layout.blocksPerPage();
        locations.locate(page, slots);
    }

    final boolean overlaps(StripeOp other) {
        return firstBlock < other.firstBlock + other.blocks
                && other.firstBlock < firstBlock + blocks;
    }

    /** A write excludes everything else on its blocks. */
    abstract boolean exclusive();

    /**
     * Its lock is held now. While it waited its page may have moved; under the lock it does not.
     */
    final void granted() {
        locations.locate(page, slots);
        onLocked();
    }

    abstract void onLocked();

    /** A store was lost, or is there again: what waits for it goes on. Called under the lock. */
    abstract void onLinksChanged();

    final boolean isParted() {
        return parted;
    }

    final void part() {
        parted = true;
    }

    final void rejoin() {
        parted = false;
    }
}
