package io.stria.dataplane.store;

import io.stria.dataplane.device.DeviceAddress;
import java.util.BitSet;

/**
 * Pages whose header cannot be read and that no journal record names: nobody can tell whose they
 * are. As long as there are any, a key that the store knows nothing about is not absent: it may be
 * theirs. Each VUID's owner is told so when it attaches, and brings what is missing from the other
 * stores; once every VUID is {@linkplain VuidState#complete complete} again the pages are blanked
 * and free. A restart before that finds them again, and all begins anew.
 *
 * <p>The same holds where the end of the journal cannot be read, until the next start: newer
 * batches may stand there then.
 */
final class LostPages {
    private final Vuids vuids;
    private final PageIndex index;
    private final BitSet pages = new BitSet();
    private boolean unneeded;
    private boolean journalCut;

    LostPages(Vuids vuids, PageIndex index) {
        this.vuids = vuids;
        this.index = index;
    }

    boolean any() {
        return journalCut || !pages.isEmpty();
    }

    /** Of its newest batches some cannot be read, whose commands may have been answered. */
    void journalCut() {
        journalCut = true;
    }

    int count() {
        return pages.cardinality();
    }

    boolean contains(int page) {
        return pages.get(page);
    }

    void add(int page) {
        pages.set(page);
    }

    /** Returns whether it was one of them. */
    boolean remove(int page) {
        boolean lost = pages.get(page);
        pages.clear(page);
        return lost;
    }

    /** The first at or above this number, or -1. */
    int next(int from) {
        return pages.nextSetBit(from);
    }

    /** Whether one of them may hold fragments of this VUID that nobody has brought back yet. */
    boolean mayHold(VuidState vuid) {
        return any() && !vuid.complete;
    }

    boolean mayHold(long key) {
        return any() && mayHold(vuids.get(vuid(key)));
    }

    /** What lies in them is of no use to anybody any more. */
    boolean areUnneeded() {
        return unneeded && !pages.isEmpty();
    }

    /** Its owner has brought back whatever any other store has of it, or it was deleted. */
    void completed(VuidState vuid) {
        if (mayHold(vuid)) {
            vuid.complete = true;
            unneeded = allComplete();
            journalCut &= !unneeded;
        }
    }

    private boolean allComplete() {
        for (int i = 0; i < vuids.count(); i++) {
            if (!vuids.at(i).complete) {
                return false;
            }
        }
        for (int pageId = 0; pageId < index.highId(); pageId++) {
            if (index.isUsed(pageId) && !vuids.get(vuid(index.key(pageId))).complete) {
                return false;
            }
        }
        return true;
    }

    private static int vuid(long key) {
        return (int) (key >>> DeviceAddress.VUID_SHIFT);
    }
}
