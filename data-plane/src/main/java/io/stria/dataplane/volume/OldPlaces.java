package io.stria.dataplane.volume;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Chunks that have moved, and are to be freed where they were; several at a time, while others are
 * copied. A store that does not answer is not waited for: a slot that the map no longer uses is
 * never marked behind. Nor is one that has had no room for long. What stays is a scrub's. On the
 * owner's thread.
 */
final class OldPlaces {
    /** For a store whose journal is full to make room. */
    private static final long REST_NS = 50_000_000L;

    /** So many times as long as a store may be silent. */
    private static final int PATIENCE = 4;

    /**
     * A store that has no room even to note that something is free may have some only when the next
     * movement has taken chunks from it, which waits for this one to end.
     */
    private static final long FULL_PATIENCE_NS = 10_000_000_000L;

    private final VolumeOwner owner;
    private final ArrayDeque<FreeOp> waiting = new ArrayDeque<>();
    private final List<FreeOp> freeing = new ArrayList<>();
    private final List<FreeOp> hanging = new ArrayList<>();

    private long restsUntilNs;

    OldPlaces(VolumeOwner owner) {
        this.owner = owner;
        this.restsUntilNs = owner.nowNs();
    }

    void add(long page, int chunk, int slot) {
        waiting.add(new FreeOp(owner, page, chunk, slot));
    }

    /** All are free, or never will be by this. */
    boolean isEmpty() {
        return waiting.isEmpty() && freeing.isEmpty();
    }

    /**
     * @param atATime so many may be on their way
     */
    void advance(int atATime) {
        long nowNs = owner.nowNs();
        for (FreeOp op : freeing) {
            if (!op.hasEnded() && nowNs - op.beganNs() > PATIENCE * owner.silentStoreNs()) {
                hanging.add(op);
            }
        }
        for (FreeOp op : hanging) {
            op.giveUp();
            waiting.removeIf(other -> other.link() == op.link());
        }
        hanging.clear();
        for (FreeOp op : freeing) {
            if (op.hadNoRoom() && nowNs - op.firstBeganNs() < FULL_PATIENCE_NS) {
                waiting.add(op);
                restsUntilNs = nowNs + REST_NS;
            } else if (op.hadNoRoom()) {
                waiting.removeIf(other -> other.link() == op.link());
            }
        }
        freeing.removeIf(FreeOp::hasEnded);
        while (nowNs - restsUntilNs >= 0 && freeing.size() < atATime && !waiting.isEmpty()) {
            FreeOp next = waiting.remove();
            next.begin();
            if (!next.hasEnded()) {
                freeing.add(next);
            }
        }
    }

    /** Does not wait any longer for stores that have been lost. */
    void onLinksChanged() {
        freeing.forEach(FreeOp::onLinksChanged);
    }
}
