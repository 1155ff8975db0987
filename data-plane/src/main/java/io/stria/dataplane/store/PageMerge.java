package io.stria.dataplane.store;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.runtime.BlockFile;
import java.util.Arrays;

/**
 * One page in a round of merging: either versions go from the journal to their home and the header
 * says so, or the header of a page that holds nothing is wiped. Whole device blocks are written;
 * what else lies in them is read first. Nothing is forgotten before {@link #settle}, when all of
 * the round is durable: until then the journal restores whatever a power cut tears.
 */
final class PageMerge extends HeaderWaiter implements BlockFile.Completion {
    enum Kind {
        MERGE,
        /** A page that seems to hold nothing. */
        WIPE,
        /** A page of a VUID that is being deleted. */
        DELETE
    }

    private static final int READ = 0;
    private static final int WRITE = 1;

    private final Merger merger;
    private final Layout layout;
    private final BlockFile file;
    private final Pages pages;
    private final PageIndex index;
    private final JournalEntries entries;
    private final HeaderCache headers;
    private final MergeRule rule;
    private final Vuids vuids;
    private final JournalRing ring;
    private final StoreCounters counters;
    private final long[] touched;
    private final long[] partial;

    private Kind kind = Kind.MERGE;
    private int pageId;
    private int slot;
    private int page;
    private int shift;
    private long watermark;
    private int dataBuffer;
    private int headerBuffer;
    private int iosInFlight;
    private boolean wrote;
    private boolean failed;
    private long dirtyBatch;

    PageMerge(
            Merger merger,
            Layout layout,
            BlockFile file,
            Pages pages,
            HeaderCache headers,
            MergeRule rule,
            Vuids vuids,
            JournalRing ring,
            StoreCounters counters) {
        this.merger = merger;
        this.layout = layout;
        this.file = file;
        this.pages = pages;
        this.index = pages.index;
        this.entries = pages.entries;
        this.headers = headers;
        this.rule = rule;
        this.vuids = vuids;
        this.ring = ring;
        this.counters = counters;
        int words = Math.max(1, layout.chunkBytes() / layout.blockBytes() / 64);
        this.touched = new long[words];
        this.partial = new long[words];
    }

    void start(int newPageId, Kind newKind) {
        pageId = newPageId;
        kind = newKind;
        slot = HeaderCache.NO_SLOT;
        wrote = false;
        failed = false;
        dirtyBatch = 0;
        iosInFlight = 0;
        shift = index.fragmentShift(pageId);
        watermark = vuid().durable;
        index.set(pageId, PageIndex.MERGING, true);
        if (kind != Kind.MERGE) {
            index.set(pageId, PageIndex.FREEING, true);
        }
        if (index.page(pageId) == PageIndex.NONE && !findHome()) {
            merger.done(this);
            return;
        }
        page = index.page(pageId);
        if (kind == Kind.DELETE && index.slot(pageId) == PageIndex.NONE) {
            wipe(); // whatever its header says
            return;
        }
        int ready = headers.acquire(pageId, this);
        if (ready >= 0) {
            headerReady(ready);
        } else if (ready == HeaderCache.NO_SLOT) {
            merger.headersShort();
            giveUp();
        }
    }

    /** There is no memory for it in this round. */
    private void giveUp() {
        if (kind == Kind.WIPE) {
            pages.dead().add(pageId);
        }
        merger.done(this);
    }

    private void dropBelowCommitted() {
        int entry = index.journalHead(pageId);
        while (entry != JournalEntries.NONE) {
            int next = entries.nextOfPage(entry);
            int committed = entries.newestAt(pageId, entries.fragment(entry), watermark);
            if (committed != JournalEntries.NONE
                    && Long.compareUnsigned(entries.version(entry), entries.version(committed))
                            < 0) {
                pages.removeEntry(entry);
                counters.droppedFragments++;
                merger.progressed();
            }
            entry = next;
        }
    }

    /** A page without a home gets one only if something must be written. */
    private boolean findHome() {
        dropBelowCommitted();
        long forgettable = vuid().forgettable();
        int lastBatch = index.lastBatch(pageId);
        boolean mustWrite = false;
        int entry = index.journalHead(pageId);
        while (entry != JournalEntries.NONE) {
            int next = entries.nextOfPage(entry);
            if (rule.mayDropWithoutPage(entry, lastBatch, forgettable)) {
                pages.removeEntry(entry);
                counters.droppedFragments++;
                merger.progressed();
            } else if (entries.has(entry, JournalEntries.REPLACED)
                    || Long.compareUnsigned(entries.version(entry), watermark) <= 0) {
                mustWrite = true;
            }
            entry = next;
        }
        if (!mustWrite) {
            return false;
        }
        index.page(pageId, pages.allocator.takeKnown());
        return index.page(pageId) != PageIndex.NONE;
    }

    @Override
    void headerReady(int readySlot) {
        slot = readySlot;
        if (merger.hasDeviceFailed()) {
            merger.done(this); // what its header says may be what could not be read
        } else if (kind == Kind.MERGE) {
            plan();
        } else if (kind == Kind.DELETE || isDead()) {
            wipe();
        } else {
            merger.done(this);
        }
    }

    private VuidState vuid() {
        return vuids.get((int) (index.key(pageId) >>> DeviceAddress.VUID_SHIFT));
    }

    private boolean isDead() {
        if (index.journalHead(pageId) != JournalEntries.NONE
                || index.pending(pageId) > 0
                || !merger.isBehindTail(index.lastBatch(pageId))) {
            return false;
        }
        return index.has(pageId, PageIndex.HOME_EMPTY) || isHomeVoid(watermark);
    }

    private boolean isHomeVoid(long limit) {
        for (int fragment = 0; fragment < layout.fragments(shift); fragment++) {
            if (!rule.isHomeVoid(slot, fragment, limit)) {
                return false;
            }
        }
        return true;
    }

    private void wipe() {
        int bytes = layout.usedHeaderBytes(shift);
        headerBuffer = merger.allocate(bytes);
        if (headerBuffer < 0) {
            giveUp();
            return;
        }
        merger.buffer().zero(headerBuffer, bytes);
        iosInFlight = 1;
        writeHeader(0, bytes);
        writeDone();
    }

    private void plan() {
        Arrays.fill(touched, 0);
        Arrays.fill(partial, 0);
        boolean targets = false;
        boolean mayWriteData = merger.mayWriteData(pageId);
        int entry = index.journalHead(pageId);
        while (entry != JournalEntries.NONE) {
            int next = entries.nextOfPage(entry);
            int fragment = entries.fragment(entry);
            rule.look(entry, watermark);
            if (rule.isSuperseded(entry, slot, watermark)) {
                pages.removeEntry(entry);
                counters.droppedFragments++;
                merger.progressed();
            } else if (rule.target(entry, slot, watermark) == entry) {
                boolean data = JournalRecord.hasData(entries.flags(entry));
                if (mayWriteData || !data) {
                    entries.set(entry, JournalEntries.MERGING);
                    targets = true;
                }
                if (mayWriteData && data) {
                    touch(fragment);
                }
            }
            entry = next;
        }
        if (!targets && !headers.isDirty(slot) && !index.isTorn(pageId)) {
            merger.done(this);
            return;
        }
        int headerBytes = layout.usedHeaderBytes(shift);
        dataBuffer = merger.allocate(touchedBlocks() * layout.blockBytes() + headerBytes);
        if (dataBuffer < 0) {
            unmark();
            merger.done(this);
            return;
        }
        headerBuffer = dataBuffer + touchedBlocks() * layout.blockBytes();
        if (1 << shift < layout.blockBytes()) {
            merger.buffer().zero(dataBuffer, headerBuffer - dataBuffer);
        }
        findPartialBlocks();
        readPartialRuns();
    }

    private void unmark() {
        for (int entry = index.journalHead(pageId);
                entry != JournalEntries.NONE;
                entry = entries.nextOfPage(entry)) {
            entries.clear(entry, JournalEntries.MERGING);
        }
    }

    private void touch(int fragment) {
        int first = (fragment << shift) / layout.blockBytes();
        int last = ((fragment + 1 << shift) - 1) / layout.blockBytes();
        for (int block = first; block <= last; block++) {
            touched[block >> 6] |= 1L << block;
        }
    }

    private boolean isTouched(int block) {
        return block >> 6 < touched.length && (touched[block >> 6] >>> block & 1) != 0;
    }

    private int touchedBlocks() {
        int count = 0;
        for (long word : touched) {
            count += Long.bitCount(word);
        }
        return count;
    }

    /** Where a block lies in the buffer: blocks that are not touched take no room. */
    private int bufferOf(int block) {
        int rank = 0;
        for (int word = 0; word < block >> 6; word++) {
            rank += Long.bitCount(touched[word]);
        }
        rank += Long.bitCount(touched[block >> 6] & (1L << block) - 1);
        return dataBuffer + rank * layout.blockBytes();
    }

    private int nextTouched(int from) {
        int block = from;
        while (block < touched.length * 64 && !isTouched(block)) {
            block++;
        }
        return block;
    }

    private int endOfRun(int from) {
        int block = from;
        while (isTouched(block)) {
            block++;
        }
        return block;
    }

    private int blocks() {
        return layout.chunkBytes() / layout.blockBytes();
    }

    private void findPartialBlocks() {
        int perBlock = layout.blockBytes() >> shift;
        if (perBlock <= 1) {
            return;
        }
        for (int block = nextTouched(0); block < blocks(); block = nextTouched(block + 1)) {
            for (int i = 0; i < perBlock; i++) {
                int fragment = block * perBlock + i;
                if (headers.hasData(slot, fragment) && !isTarget(fragment)) {
                    partial[block >> 6] |= 1L << block;
                }
            }
        }
    }

    private boolean isTarget(int fragment) {
        for (int entry = entries.first(pageId, fragment);
                entry != JournalEntries.NONE;
                entry = entries.next(entry)) {
            if (entries.has(entry, JournalEntries.MERGING)) {
                return JournalRecord.hasData(entries.flags(entry));
            }
        }
        return false;
    }

    private void readPartialRuns() {
        iosInFlight = 1;
        for (int from = nextTouched(0); from < blocks(); ) {
            int to = endOfRun(from);
            if (anyPartial(from, to)) {
                iosInFlight++;
                file.read(
                        layout.dataOffset(page) + (long) from * layout.blockBytes(),
                        merger.buffer().segment(),
                        bufferOf(from),
                        (to - from) * layout.blockBytes(),
                        this,
                        READ);
            }
            from = nextTouched(to);
        }
        readDone();
    }

    private boolean anyPartial(int from, int to) {
        for (int block = from; block < to; block++) {
            if ((partial[block >> 6] >>> block & 1) != 0) {
                return true;
            }
        }
        return false;
    }

    private void readDone() {
        if (--iosInFlight == 0) {
            writeHome();
        }
    }

    private void writeHome() {
        if (merger.hasDeviceFailed()) {
            unmark();
            merger.done(this);
            return;
        }
        fill();
        iosInFlight = 1;
        wrote = true;
        for (int from = nextTouched(0); from < blocks(); ) {
            int to = endOfRun(from);
            int bytes = (to - from) * layout.blockBytes();
            iosInFlight++;
            counters.homeBytesWritten += bytes;
            file.write(
                    layout.dataOffset(page) + (long) from * layout.blockBytes(),
                    merger.buffer().segment(),
                    bufferOf(from),
                    bytes,
                    false,
                    this,
                    WRITE);
            from = nextTouched(to);
        }
        writeDirtyHeader();
        writeDone();
    }

    /**
     * Puts the marked versions into the blocks and the header. A version that was replaced since,
     * while the rest of its block was read, leaves zeros, which nothing refers to.
     */
    private void fill() {
        for (int entry = index.journalHead(pageId);
                entry != JournalEntries.NONE;
                entry = entries.nextOfPage(entry)) {
            if (!entries.has(entry, JournalEntries.MERGING)) {
                continue;
            }
            int fragment = entries.fragment(entry);
            int flags = entries.flags(entry);
            if (JournalRecord.hasData(flags)) {
                int at = fragment << shift;
                int target = bufferOf(at / layout.blockBytes()) + at % layout.blockBytes();
                merger.buffer()
                        .copyFrom(
                                ring.areaOf(entries.batch(entry)),
                                ring.offsetOf(entries.batch(entry)) + entries.location(entry),
                                target,
                                1 << shift);
            }
            boolean absent = (flags & FragmentFormat.ABSENT) != 0;
            headers.set(
                    slot,
                    fragment,
                    absent ? 0 : entries.version(entry),
                    absent ? 0 : entries.crc(entry),
                    (flags & FragmentFormat.TOMBSTONE) != 0);
            counters.mergedFragments++;
        }
    }

    /** Writes a snapshot: the header in the cache goes on changing. */
    private void writeDirtyHeader() {
        int unit = layout.headerUnitBytes();
        int units = layout.usedHeaderBytes(shift) / unit;
        boolean all = index.has(pageId, PageIndex.UNWRITTEN);
        int from = 0;
        while (from < units) {
            int to = from;
            while (to < units && (all || isUnitDirty(to, unit))) {
                to++;
            }
            if (to > from) {
                copyHeader(from * unit, to * unit);
            }
            from = to + 1;
        }
        dirtyBatch = headers.takeDirty(slot);
    }

    private boolean isUnitDirty(int number, int unit) {
        int perUnit = unit / PageHeader.SECTOR_BYTES;
        for (int sector = number * perUnit; sector < (number + 1) * perUnit; sector++) {
            if (sector < layout.sectors(shift) && headers.isSectorDirty(slot, sector)) {
                return true;
            }
        }
        return false;
    }

    private void copyHeader(int from, int to) {
        Area cached = headers.memory();
        int base = headers.offset(slot);
        for (int at = from; at < to; at += PageHeader.SECTOR_BYTES) {
            if (at / PageHeader.SECTOR_BYTES < layout.sectors(shift)) {
                PageHeader.seal(cached, base + at);
                merger.buffer()
                        .copyFrom(cached, base + at, headerBuffer + at, PageHeader.SECTOR_BYTES);
            } else {
                merger.buffer().zero(headerBuffer + at, PageHeader.SECTOR_BYTES);
            }
        }
        writeHeader(from, to);
    }

    private void writeHeader(int from, int to) {
        wrote = true;
        iosInFlight++;
        counters.headerBytesWritten += to - from;
        file.write(
                layout.headerOffset(page) + from,
                merger.buffer().segment(),
                headerBuffer + from,
                to - from,
                false,
                this,
                WRITE);
    }

    private void writeDone() {
        if (--iosInFlight == 0) {
            merger.done(this);
        }
    }

    /** A failed read leaves zeros: what was lost stays lost, and its checksum says so. */
    @Override
    public void complete(long token, int result) {
        if (token == READ) {
            if (result <= 0) {
                counters.readErrors++;
            }
            readDone();
        } else {
            if (result <= 0) {
                counters.writeErrors++;
                failed = true;
            }
            writeDone();
        }
    }

    boolean wrote() {
        return wrote;
    }

    boolean failed() {
        return failed;
    }

    /** The round is over; durable says whether everything that it wrote is. */
    void settle(boolean durable) {
        index.set(pageId, PageIndex.MERGING, false);
        index.set(pageId, PageIndex.FREEING, false);
        if (slot >= 0) {
            if (wrote && !durable) {
                headers.unsure(slot);
            }
            headers.release(slot);
        }
        if (wrote && durable) {
            switch (kind) {
                case MERGE -> settleMerge();
                case WIPE -> settleWipe();
                case DELETE -> merger.deletions().wiped(pageId);
            }
        } else if (kind == Kind.DELETE) {
            merger.deletions().postponed();
        } else {
            pages.releaseIfUnused(pageId);
        }
    }

    private void settleMerge() {
        index.set(pageId, PageIndex.UNWRITTEN, false);
        unpinDirty();
        dropOlder();
        int entry = index.journalHead(pageId);
        while (entry != JournalEntries.NONE) {
            int next = entries.nextOfPage(entry);
            if (entries.has(entry, JournalEntries.MERGING)) {
                pages.removeEntry(entry);
            }
            entry = next;
        }
        // Tombstones above the watermark have gone home, too: the queue waits until they may go.
        if (index.journalHead(pageId) == JournalEntries.NONE && isHomeVoid(-1L)) {
            pages.dead().add(pageId);
        }
    }

    /** Versions below one that has gone home, and that was committed when it did. */
    private void dropOlder() {
        int entry = index.journalHead(pageId);
        while (entry != JournalEntries.NONE) {
            int next = entries.nextOfPage(entry);
            if (!entries.has(entry, JournalEntries.MERGING) && isBelowMerged(entry)) {
                pages.removeEntry(entry);
                counters.droppedFragments++;
            }
            entry = next;
        }
    }

    private boolean isBelowMerged(int entry) {
        for (int other = entries.first(pageId, entries.fragment(entry));
                other != JournalEntries.NONE;
                other = entries.next(other)) {
            if (entries.has(other, JournalEntries.MERGING)) {
                return Long.compareUnsigned(entries.version(other), watermark) <= 0
                        && Long.compareUnsigned(entries.version(entry), entries.version(other)) < 0;
            }
        }
        return false;
    }

    private void settleWipe() {
        headers.drop(pageId);
        pages.allocator.giveBack(page);
        index.remove(pageId);
        counters.pagesFreed++;
    }

    private void unpinDirty() {
        if (dirtyBatch != 0) {
            merger.ring().unpin((int) dirtyBatch);
            dirtyBatch = 0;
        }
    }
}
