package io.stria.dataplane.store;

import io.stria.dataplane.device.DeviceAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Whether there is anything of a page that may be merged now. While the journal is replayed that is
 * not known of all: it knows where.
 */
final class MergeWork {
    /** How many pages are known at a time to have nothing that can go home, less one. */
    private static final int WORKLESS_MASK = 255;

    private final Pages pages;
    private final HeaderCache headers;
    private final Vuids vuids;
    private final MergeRule rule;

    /**
     * In this poll it was seen of these pages that nothing can go home: one may have thousands of
     * records, and as many versions to look at.
     */
    private final int[] workless = new int[WORKLESS_MASK + 1];

    /** While the journal is replayed: keys of pages that something was put straight home to. */
    private long @Nullable [] putHome;

    MergeWork(Pages pages, HeaderCache headers, Vuids vuids, MergeRule rule) {
        this.pages = pages;
        this.headers = headers;
        this.vuids = vuids;
        this.rule = rule;
    }

    /**
     * Recovery: the journal is replayed from now on, or no more if null. What was put straight home
     * stands there before its record is replayed, and nowhere else: until the end nothing older may
     * be written over it.
     *
     * @param keys of the pages where that may be so, in their order
     */
    void replaying(long @Nullable [] keys) {
        putHome = keys;
        rule.replaying(keys != null);
    }

    boolean isReplaying() {
        return putHome != null;
    }

    boolean mayWriteData(int pageId) {
        return putHome == null || Arrays.binarySearch(putHome, pages.index.key(pageId)) < 0;
    }

    /** What was seen in the last poll may have changed. */
    void lookAnew() {
        Arrays.fill(workless, PageIndex.NONE);
    }

    /** Whether something of the page can go home. */
    boolean isIn(int pageId) {
        if (workless[pageId & WORKLESS_MASK] == pageId) {
            return false;
        }
        boolean has = look(pageId);
        if (!has) {
            workless[pageId & WORKLESS_MASK] = pageId;
        }
        return has;
    }

    private boolean look(int pageId) {
        int slot = headers.peek(pageId);
        if (slot >= 0 && headers.isDirty(slot)) {
            return true;
        }
        boolean emptyHome =
                pages.index.has(pageId, PageIndex.HOME_EMPTY)
                        && pages.index.page(pageId) != PageIndex.NONE;
        long watermark = vuid(pageId).durable;
        boolean mayWriteData = mayWriteData(pageId);
        for (int entry = pages.index.journalHead(pageId);
                entry != JournalEntries.NONE;
                entry = pages.entries.nextOfPage(entry)) {
            if (!mayWriteData && JournalRecord.hasData(pages.entries.flags(entry))) {
                continue;
            }
            if (pages.entries.has(entry, JournalEntries.REPLACED)
                    || Long.compareUnsigned(pages.entries.version(entry), watermark) <= 0) {
                return true;
            }
            boolean noHome =
                    emptyHome
                            || (slot >= 0
                                    && headers.version(slot, pages.entries.fragment(entry)) == 0);
            if (noHome && rule.mayGoEarly(entry)) {
                return true;
            }
        }
        return false;
    }

    /** Whether every tombstone of a page that holds nothing else may go. */
    boolean isForgettable(int pageId) {
        return pages.index.has(pageId, PageIndex.HOME_EMPTY)
                || Long.compareUnsigned(pages.index.homeVersion(pageId), vuid(pageId).forgettable())
                        <= 0;
    }

    private VuidState vuid(int pageId) {
        return vuids.get((int) (pages.index.key(pageId) >>> DeviceAddress.VUID_SHIFT));
    }
}
