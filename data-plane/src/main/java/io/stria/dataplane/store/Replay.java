package io.stria.dataplane.store;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Applies the journal from its tail to its head, as if each batch had just become durable. When
 * memory gets short, what was replayed so far is merged; that does no harm, since the pages may be
 * ahead of the journal anyway.
 */
final class Replay extends HeaderWaiter {
    private final StoreParts parts;
    private final JournalRing ring;
    private Area image;
    private final RingScan scan;
    private final Consumer<String> whenRefused;
    private final Runnable whenDone;
    private final Runnable roundOver = this::onRoundOver;
    private long sequence;
    private int record;
    private int recordsLeft;
    private int slot = HeaderCache.NO_SLOT;
    private boolean running;
    private boolean waiting;
    private boolean fruitless;
    private boolean done;

    Replay(StoreParts parts, RingScan scan, Consumer<String> whenRefused, Runnable whenDone) {
        this.parts = parts;
        this.ring = parts.ring;
        this.image = ring.image();
        this.scan = scan;
        this.whenRefused = whenRefused;
        this.whenDone = whenDone;
        this.sequence = scan.tail() - 1;
    }

    void start() {
        parts.applier.replaying(true);
        parts.merger.work().replaying(RingIndex.keysPutHome(scan));
        recallForgettable();
        if (scan.head() == 0) {
            finish();
            return;
        }
        ring.beginAt(
                scan.tail(),
                BatchHead.position(scan.areaOf(scan.tail()), scan.offsetOf(scan.tail())),
                scan.head() - scan.tail() + 1);
        run();
    }

    /** Goes on until it has to wait, or is through. */
    private void run() {
        if (running || done) {
            return; // a round that ended at once: what has begun it goes on
        }
        running = true;
        while (!waiting) {
            if (parts.health.hasFailed()) {
                giveUp();
                return;
            }
            if (!parts.deletions.isEmpty()) {
                merge(); // round after round, until all of them have ended
            } else if (recordsLeft == 0) {
                if (sequence >= scan.tail()) {
                    ring.unpin((int) sequence);
                }
                if (sequence == scan.head()) {
                    running = false;
                    finish();
                    return;
                }
                openBatch();
            } else {
                applyRecord();
            }
        }
        running = false;
    }

    /** Rounds of merging do nothing any more: there might never be room for what follows. */
    private void giveUp() {
        done = true;
        running = false;
        whenRefused.accept(String.valueOf(parts.health.failure()));
    }

    private void openBatch() {
        sequence++;
        int offset = scan.offsetOf(sequence);
        image = scan.areaOf(sequence);
        ring.append(
                sequence,
                BatchHead.position(image, offset),
                BatchHead.bytes(image, offset),
                scan.tail());
        if (scan.shadowOf(sequence) != Shadows.NONE) {
            ring.move(sequence, scan.shadowOf(sequence), offset);
        }
        parts.applier.open(sequence);
        parts.counters.recoveredBatches++;
        recordsLeft = BatchHead.records(image, offset);
        record = offset + BatchHead.BYTES;
    }

    private void applyRecord() {
        int type = JournalRecord.type(image, record);
        switch (type) {
            case JournalRecord.WRITE, JournalRecord.UNMAP, JournalRecord.REPLACE -> {
                if (parts.pages.freeEntries() < JournalRecord.count(image, record)
                        || parts.pages.isIndexShortOf(JournalRecord.key(image, record))) {
                    makeRoom();
                    return;
                }
            }
            case JournalRecord.HOME -> {
                if (slot < 0 && !acquireHeader()) {
                    return;
                }
            }
            default -> {}
        }
        parts.applier.apply(sequence, record);
        if (slot >= 0) {
            parts.headers.release(slot);
            slot = HeaderCache.NO_SLOT;
        }
        long key = JournalRecord.key(image, record);
        record += JournalRecord.bytes(image, record);
        recordsLeft--;
        if (type == JournalRecord.DELETE) {
            parts.deletions.begin(key, sequence);
        }
    }

    private boolean acquireHeader() {
        int pageId = parts.applier.pageOf(record, (int) sequence);
        int acquired = parts.headers.acquire(pageId, this);
        if (acquired == HeaderCache.NO_SLOT) {
            makeRoom();
            return false;
        }
        if (acquired == HeaderCache.WAIT) {
            waiting = true;
            return false;
        }
        slot = acquired;
        return true;
    }

    @Override
    void headerReady(int readySlot) {
        slot = readySlot;
        waiting = false;
        run();
    }

    /** Merges; if that does not help, there must be more memory than at any time before. */
    private void makeRoom() {
        if (fruitless) {
            fruitless = false;
            if (parts.index.isFull()) {
                parts.index.grow();
            } else {
                parts.entries.grow();
            }
        } else {
            merge();
        }
    }

    private void merge() {
        waiting = true;
        parts.merger.rewind();
        parts.merger.startRound(sequence, true, roundOver);
    }

    private void onRoundOver() {
        fruitless = !parts.merger.takeProgress();
        waiting = false;
        run();
    }

    private void finish() {
        done = true;
        parts.applier.replaying(false);
        parts.merger.work().replaying(null);
        String damage = claimPages();
        if (damage != null) {
            whenRefused.accept(damage);
            return;
        }
        queueEmptyPages();
        ring.advancedTail();
        parts.merger.rewriteTorn(true);
        rewriteTorn();
    }

    /**
     * Of what was freed before it went home records may have named a page, and nothing is left of
     * it. A store that runs notices when the command ends.
     */
    private void queueEmptyPages() {
        PageIndex index = parts.index;
        for (int pageId = 0; pageId < index.highId(); pageId++) {
            if (index.isUsed(pageId)
                    && index.page(pageId) != PageIndex.NONE
                    && index.has(pageId, PageIndex.HOME_EMPTY)
                    && index.journalHead(pageId) == JournalEntries.NONE) {
                parts.pages.dead().add(pageId);
            }
        }
    }

    /** Null, or why the device must be refused. */
    private @Nullable String claimPages() {
        PageAllocator allocator = parts.allocator;
        allocator.restore(scan.highWater());
        PageIndex index = parts.index;
        for (int pageId = 0; pageId < index.highId(); pageId++) {
            if (index.isUsed(pageId) && index.page(pageId) != PageIndex.NONE) {
                if (!allocator.claim(index.page(pageId))) {
                    return "page %d of the device has two owners".formatted(index.page(pageId));
                }
            }
        }
        for (int page = parts.lost.next(0); page >= 0; page = parts.lost.next(page + 1)) {
            if (!allocator.claim(page)) {
                return "page %d of the device is lost and has an owner".formatted(page);
            }
        }
        return null;
    }

    /**
     * Before anything is replayed, so that tombstones of chunks without a page go as they went when
     * the store ran: one record of 32 bytes brings hundreds. What a later record brings back of
     * such a chunk are tombstones, too.
     */
    private void recallForgettable() {
        if (parts.lost.any()) {
            return; // a tombstone may hide what one of them holds
        }
        for (int i = 0; i < parts.vuids.count(); i++) {
            VuidState vuid = parts.vuids.at(i);
            vuid.forgettable = vuid.recordedForgettable;
        }
    }

    /** Whole headers before anything can leave the journal. */
    private void rewriteTorn() {
        if (parts.merger.hasRewrittenTorn() || parts.health.hasFailed()) {
            parts.merger.rewriteTorn(false);
            parts.merger.rewind();
            whenDone.run();
        } else {
            long others = parts.merger.wereHeadersShort() ? ring.headSequence() : 0;
            parts.merger.startRound(others, true, this::rewriteTorn);
        }
    }
}
