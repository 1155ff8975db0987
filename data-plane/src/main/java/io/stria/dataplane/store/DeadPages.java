package io.stria.dataplane.store;

/** Pages that seem to hold nothing any more, in the order in which they were noticed. */
final class DeadPages {
    private final PageIndex index;
    private int[] ring = new int[64];
    private int head;
    private int count;

    DeadPages(PageIndex index) {
        this.index = index;
    }

    int count() {
        return count;
    }

    void add(int pageId) {
        if (index.has(pageId, PageIndex.DEAD_QUEUED)) {
            return;
        }
        index.set(pageId, PageIndex.DEAD_QUEUED, true);
        if (count == ring.length) {
            int[] grown = new int[count * 2];
            for (int i = 0; i < count; i++) {
                grown[i] = ring[head + i & ring.length - 1];
            }
            ring = grown;
            head = 0;
        }
        ring[head + count++ & ring.length - 1] = pageId;
    }

    /** The page may have come to life again, or be gone: the caller looks. */
    int poll() {
        int pageId = ring[head];
        head = head + 1 & ring.length - 1;
        count--;
        index.set(pageId, PageIndex.DEAD_QUEUED, false);
        return pageId;
    }
}
