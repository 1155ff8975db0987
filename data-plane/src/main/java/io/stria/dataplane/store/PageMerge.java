package io.stria.dataplane.store;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.runtime.BlockFile;

/**
 * One page in a round of merging: either versions go from the journal to their home and the header
 * says so, or the header of a page that holds nothing is wiped. Which versions go is said by {@link
 * MergedVersions}. Whole device blocks are written; what else lies in them is read first. Nothing
 * is forgotten before {@link #settle}, when all of the round is durable: until then the journal
 * restores whatever a power cut tears.
 */
final class PageMerge extends HeaderWaiter implements BlockFile.Completion {
    enum Kind {
        MERGE,
        /** A page that seems to hold nothing. */
        WIPE,
        /** A page of a VUID that is being deleted. */
        DELETE
    }

    /** Token of a write; that of a read is what {@link #tokenOf} says. */
    private static final long WRITE = -1;

    private final Merger merger;
    private final MergeWork work;
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
    private final MergedVersions versions;
    private final TouchedBlocks touched;

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
            MergeWork work,
            EntryPerFragment merged,
            Vuids vuids,
            JournalRing ring,
            StoreCounters counters) {
        this.merger = merger;
        this.work = work;
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
        this.versions = new MergedVersions(merger, pages, rule, merged, counters);
        this.touched = new TouchedBlocks(layout);
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
        versions.start(pageId, watermark);
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

    /** A page without a home gets one only if something must be written. */
    private boolean findHome() {
        if (!versions.needHome(vuid().forgettable())) {
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
        touched.clear();
        boolean targets = versions.mark(slot, work.mayWriteData(pageId), touched);
        if (!targets && !headers.isDirty(slot) && !index.isTorn(pageId)) {
            merger.done(this);
            return;
        }
        int headerBytes = layout.usedHeaderBytes(shift);
        dataBuffer = merger.allocate(touched.bytes() + headerBytes);
        if (dataBuffer < 0) {
            versions.unmark();
            merger.done(this);
            return;
        }
        headerBuffer = dataBuffer + touched.bytes();
        if (1 << shift < layout.blockBytes()) {
            merger.buffer().zero(dataBuffer, headerBuffer - dataBuffer);
        }
        findPartialBlocks();
        readPartialRuns();
    }

    private int bufferOf(int block) {
        return dataBuffer + touched.offset(block);
    }

    private void findPartialBlocks() {
        int perBlock = layout.blockBytes() >> shift;
        if (perBlock <= 1) {
            return;
        }
        for (int block = touched.next(0); block < touched.end(); block = touched.next(block + 1)) {
            for (int i = 0; i < perBlock; i++) {
                int fragment = block * perBlock + i;
                if (headers.hasData(slot, fragment) && !versions.bringData(fragment)) {
                    touched.partial(block);
                }
            }
        }
    }

    private void readPartialRuns() {
        iosInFlight = 1;
        for (int from = touched.next(0); from < touched.end(); ) {
            int to = touched.endOfRun(from);
            if (touched.anyPartial(from, to)) {
                read(from, to);
            }
            from = touched.next(to);
        }
        readDone();
    }

    private void read(int from, int to) {
        iosInFlight++;
        file.read(
                layout.dataOffset(page) + (long) from * layout.blockBytes(),
                merger.buffer().segment(),
                bufferOf(from),
                (to - from) * layout.blockBytes(),
                this,
                tokenOf(from, to));
    }

    private static long tokenOf(int from, int to) {
        return (long) from << 32 | to;
    }

    /**
     * A run of blocks could not be read: perhaps only one of them cannot. A block that cannot is
     * filled with zeros: what was lost stays lost, and its checksum says so.
     */
    private void readFailed(int from, int to) {
        counters.readErrors++;
        merger.buffer().zero(bufferOf(from), (to - from) * layout.blockBytes());
        boolean again = to - from > 1 && !merger.hasDeviceFailed();
        for (int block = from; again && block < to; block++) {
            if (touched.anyPartial(block, block + 1)) {
                read(block, block + 1);
            }
        }
    }

    private void readDone() {
        if (--iosInFlight == 0) {
            writeHome();
        }
    }

    private void writeHome() {
        if (merger.hasDeviceFailed()) {
            versions.unmark();
            merger.done(this);
            return;
        }
        fill();
        iosInFlight = 1;
        wrote = true;
        for (int from = touched.next(0); from < touched.end(); ) {
            int to = touched.endOfRun(from);
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
            from = touched.next(to);
        }
        writeDirtyHeader();
        writeDone();
    }

    /**
     * Puts the marked versions into the blocks and the header. A version that was replaced since,
     * while the rest of its block was read, leaves zeros, which nothing refers to.
     */
    private void fill() {
        for (int entry = versions.marked(index.journalHead(pageId));
                entry != JournalEntries.NONE;
                entry = versions.marked(entries.nextOfPage(entry))) {
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

    @Override
    public void complete(long token, int result) {
        if (token == WRITE) {
            if (result <= 0) {
                counters.writeErrors++;
                failed = true;
            }
            writeDone();
        } else {
            int from = (int) (token >>> 32);
            int to = (int) token;
            if (result != (to - from) * layout.blockBytes()) {
                readFailed(from, to);
            }
            readDone();
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
            queueIfDead();
        }
    }

    private void settleMerge() {
        index.set(pageId, PageIndex.UNWRITTEN, false);
        unpinDirty();
        versions.settle();
        queueIfDead();
    }

    /**
     * Tombstones above the watermark have gone home, too: the queue waits until they may go. The
     * last version in the journal may also have been dropped, with nothing to write: after a replay
     * older ones may stand beside one that went home.
     */
    private void queueIfDead() {
        if (slot >= 0
                && index.isUsed(pageId)
                && index.journalHead(pageId) == JournalEntries.NONE
                && isHomeVoid(-1L)) {
            pages.dead().add(pageId);
        }
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
