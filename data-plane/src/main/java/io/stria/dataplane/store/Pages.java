package io.stria.dataplane.store;

/** The index, the journal's versions and the free pages together: who may leave when. */
final class Pages {
    final PageIndex index;
    final JournalEntries entries;
    final PageAllocator allocator;
    private final JournalRing ring;
    private final DeadPages dead;
    private final LostPages lost;
    private int reserved;
    private int replacementsReserved;
    private long liveBytes;
    private long homeChanges;

    Pages(
            PageIndex index,
            JournalEntries entries,
            PageAllocator allocator,
            JournalRing ring,
            DeadPages dead,
            LostPages lost) {
        this.index = index;
        this.entries = entries;
        this.allocator = allocator;
        this.ring = ring;
        this.dead = dead;
        this.lost = lost;
    }

    /** What was read from a page before this changed may not be what its header says now. */
    long homeChanges() {
        return homeChanges;
    }

    void homeChanging() {
        homeChanges++;
    }

    DeadPages dead() {
        return dead;
    }

    LostPages lost() {
        return lost;
    }

    /** Nothing tells what its home holds: it may be one of the {@link LostPages}. */
    boolean isHomeLost(int pageId) {
        return index.has(pageId, PageIndex.HOME_EMPTY) && lost.mayHold(index.key(pageId));
    }

    /** Room for versions that a batch under way will bring. */
    boolean reserve(int count) {
        if (entries.count() + reserved + count > entries.capacity()) {
            return false;
        }
        reserved += count;
        return true;
    }

    void unreserve(int count) {
        reserved -= count;
        assert reserved >= 0;
    }

    /** The same for versions that leave no other one. */
    void reserveReplacements(int count) {
        reserve(count);
        replacementsReserved += count;
    }

    void unreserveReplacements(int count) {
        unreserve(count);
        replacementsReserved -= count;
        assert replacementsReserved >= 0;
    }

    /** Those that are in the journal, or on the way there: they may go home at any time. */
    int replacements() {
        return entries.replacements() + replacementsReserved;
    }

    int freeEntries() {
        return entries.capacity() - entries.count() - reserved;
    }

    /** The entry of a page, made if need be; NONE when the index is full. */
    int findOrAdd(long key, int fragmentShift) {
        int id = index.find(key);
        if (id == PageIndex.NONE && !index.isFull()) {
            id = index.add(key, fragmentShift);
        }
        return id;
    }

    /** Recovery: the same, and the index grows when it is full. */
    int findOrMake(long key, int fragmentShift) {
        if (isIndexShortOf(key)) {
            index.grow();
        }
        return findOrAdd(key, fragmentShift);
    }

    boolean isIndexShortOf(long key) {
        return index.isFull() && index.find(key) == PageIndex.NONE;
    }

    void hold(int pageId) {
        index.addPending(pageId, 1);
    }

    void letGo(int pageId) {
        index.addPending(pageId, -1);
        releaseIfUnused(pageId);
    }

    /** What the journal's live versions would take if they were copied to its head. */
    long liveBytes() {
        return liveBytes;
    }

    int copyBytes(int entry) {
        return JournalRecord.hasData(entries.flags(entry))
                ? JournalRecord.descriptorBytes(JournalRecord.WRITE, 1)
                        + (1 << index.fragmentShift(entries.pageId(entry)))
                : JournalRecord.HEAD_BYTES;
    }

    int addEntry(
            int pageId, int fragment, int flags, long version, int crc, int location, int batch) {
        int entry = entries.add(pageId, fragment, flags, version, crc, location, batch);
        liveBytes += copyBytes(entry);
        ring.pin(batch);
        return entry;
    }

    void removeEntry(int entry) {
        liveBytes -= copyBytes(entry);
        ring.unpin(entries.batch(entry));
        entries.remove(entry);
    }

    void moveEntry(int entry, int location, int batch) {
        ring.unpin(entries.batch(entry));
        ring.pin(batch);
        entries.move(entry, location, batch);
        entries.clear(entry, JournalEntries.COPYING);
    }

    /** Rule 3: what is older than the newest at or below the watermark is not needed. */
    int dropSuperseded(int pageId, int fragment, long watermark) {
        int newest = entries.newestAt(pageId, fragment, watermark);
        if (newest == JournalEntries.NONE) {
            return 0;
        }
        int dropped = 0;
        long version = entries.version(newest);
        int entry = entries.first(pageId, fragment);
        while (entry != JournalEntries.NONE) {
            int next = entries.next(entry);
            if (Long.compareUnsigned(entries.version(entry), version) < 0
                    && !entries.has(entry, JournalEntries.REPLACED | JournalEntries.MERGING)) {
                removeEntry(entry);
                dropped++;
            }
            entry = next;
        }
        return dropped;
    }

    /** An entry that says nothing goes; a page that held something before is wiped first. */
    void releaseIfUnused(int pageId) {
        if (index.pending(pageId) > 0
                || index.journalHead(pageId) != JournalEntries.NONE
                || index.has(pageId, PageIndex.MERGING)) {
            return;
        }
        int page = index.page(pageId);
        if (page == PageIndex.NONE) {
            index.remove(pageId);
        } else if (index.has(pageId, PageIndex.HOME_EMPTY)) {
            if (index.has(pageId, PageIndex.NAMED)) {
                dead.add(pageId);
            } else if (index.slot(pageId) == PageIndex.NONE) {
                allocator.untake(page);
                index.remove(pageId);
            } else {
                dead.add(pageId);
            }
        }
    }
}
