package io.stria.dataplane.store;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.IoStatus;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * VUIDs on their way out. The DELETE record is durable and stays pinned until the last page is
 * wiped, so a deletion that a crash interrupts begins again at recovery. The merger asks for the
 * pages to wipe.
 */
final class Deletions {
    private static final int IDS_AT_A_TIME = 65536;

    private static final class Deletion {
        final VuidState vuid;
        final long batch;
        int cursor;
        int wiping;
        boolean skipped;
        @Nullable StoreOp op;

        Deletion(VuidState vuid, long batch) {
            this.vuid = vuid;
            this.batch = batch;
        }
    }

    private final Pages pages;
    private final JournalRing ring;
    private final HeaderCache headers;
    private final Vuids vuids;
    private final ArrayDeque<Deletion> running = new ArrayDeque<>();
    private @Nullable Completions completions;
    private int idsAtATime = IDS_AT_A_TIME;

    Deletions(Pages pages, JournalRing ring, HeaderCache headers, Vuids vuids) {
        this.pages = pages;
        this.ring = ring;
        this.headers = headers;
        this.vuids = vuids;
    }

    void completions(Completions newCompletions) {
        completions = newCompletions;
    }

    /** How many ids {@link #next} looks at before it says that there is none for now. */
    void idsAtATime(int count) {
        idsAtATime = count;
    }

    boolean isEmpty() {
        return running.isEmpty();
    }

    void begin(long key, long batch) {
        VuidState vuid = vuids.get((int) (key >>> DeviceAddress.VUID_SHIFT));
        vuid.deleting = true;
        ring.pin((int) batch);
        running.add(new Deletion(vuid, batch));
    }

    /** The command whose record was the last to {@link #begin} for its VUID. */
    void answerAtEnd(StoreOp op) {
        for (Deletion deletion : running) {
            if (deletion.vuid == op.vuid && deletion.op == null) {
                op.state = StoreOp.State.SCANNING;
                deletion.op = op;
            }
        }
    }

    /** The device has failed: nothing is wiped before the next start. Returns how many waited. */
    int refuseAll() {
        int refused = 0;
        for (Deletion deletion : running) {
            StoreOp op = deletion.op;
            if (op != null && completions != null) {
                deletion.op = null;
                completions.finish(op, IoStatus.MEDIA_ERROR, 0);
                refused++;
            }
        }
        return refused;
    }

    /** A page to wipe, or NONE for now. A bounded amount of work. */
    int next() {
        Deletion deletion = running.peek();
        if (deletion == null) {
            return PageIndex.NONE;
        }
        int end = (int) Math.min(pages.index.highId(), (long) deletion.cursor + idsAtATime);
        while (deletion.cursor < end) {
            int pageId = deletion.cursor++;
            if (!pages.index.isUsed(pageId)
                    || pages.index.key(pageId) >>> DeviceAddress.VUID_SHIFT != deletion.vuid.vuid) {
                continue;
            }
            if (pages.index.pending(pageId) > 0
                    || pages.index.has(pageId, PageIndex.MERGING | PageIndex.FREEING)) {
                deletion.skipped = true;
                continue;
            }
            if (pages.index.page(pageId) == PageIndex.NONE) {
                remove(pageId);
                continue;
            }
            deletion.wiping++;
            return pageId;
        }
        return PageIndex.NONE;
    }

    /** The page's header is wiped, durably. */
    void wiped(int pageId) {
        Deletion deletion = running.element();
        deletion.wiping--;
        remove(pageId);
    }

    /** The page could not be wiped now. */
    void postponed() {
        Deletion deletion = running.element();
        deletion.wiping--;
        deletion.skipped = true;
    }

    private void remove(int pageId) {
        int entry = pages.index.journalHead(pageId);
        while (entry != JournalEntries.NONE) {
            int next = pages.entries.nextOfPage(entry);
            pages.removeEntry(entry);
            entry = next;
        }
        headers.drop(pageId);
        int page = pages.index.page(pageId);
        if (page != PageIndex.NONE) {
            pages.allocator.giveBack(page);
        }
        pages.index.remove(pageId);
    }

    /** Between rounds: returns whether a deletion has ended or goes on. */
    boolean advance() {
        Deletion deletion = running.peek();
        if (deletion == null || deletion.wiping > 0) {
            return false;
        }
        if (deletion.cursor < pages.index.highId()) {
            return true;
        }
        if (deletion.skipped) {
            deletion.skipped = false;
            deletion.cursor = 0;
            return false;
        }
        end(running.remove());
        return true;
    }

    private void end(Deletion deletion) {
        VuidState vuid = deletion.vuid;
        ring.unpin((int) deletion.batch);
        vuid.deleting = false;
        vuid.durable = 0;
        vuid.committed = 0;
        vuid.forgettable = 0;
        vuid.recordedForgettable = 0;
        vuid.watermarkBatch = 0;
        pages.lost().completed(vuid);
        StoreOp op = deletion.op;
        if (op != null && completions != null) {
            completions.finish(op, IoStatus.OK, 0);
        }
    }
}
