package io.stria.dataplane.store;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentFormat;

/**
 * Copies what pins the oldest batches, and cannot go home yet, to the head of the ring, so that a
 * stuck write does not fill it. All versions of a fragment move together, oldest first: a tombstone
 * must not leave the ring before what it hides.
 */
final class TailCopier {
    private static final int BYTES_AT_A_TIME = 256 << 10;

    private final Pages pages;
    private final PageIndex index;
    private final JournalEntries entries;
    private final JournalRing ring;
    private final Area image;
    private final GroupCommit commit;
    private final Vuids vuids;
    private final StoreCounters counters;
    private GroupCommit.Need need = GroupCommit.Need.COPY;
    private int copiedBytes;
    private int pinsLeft;
    private int copyingPage;
    private int copiesOfPage;

    TailCopier(
            Pages pages,
            JournalRing ring,
            GroupCommit commit,
            Vuids vuids,
            StoreCounters counters) {
        this.pages = pages;
        this.index = pages.index;
        this.entries = pages.entries;
        this.ring = ring;
        this.image = ring.image();
        this.commit = commit;
        this.vuids = vuids;
        this.counters = counters;
    }

    /** Less than half of what the ring holds is needed: copying it makes room. */
    boolean isWorthwhile() {
        return pages.liveBytes() * 2 < ring.usedBytes();
    }

    /**
     * What has just been copied is there twice until the tail behind it is recorded: recording that
     * makes as much room as copying it once more would.
     */
    boolean isTailEnough() {
        long live = pages.liveBytes();
        return live > 0 && live * 2 >= ring.pinnedBytes();
    }

    /**
     * A take-over may have used the room that copies need. Where all that is needed fits into what
     * is left, copying it frees the rest of the ring.
     */
    private GroupCommit.Need need(boolean lastResort) {
        long free = ring.freeBytesAt(ring.headPosition());
        return isWorthwhile() && (lastResort || pages.liveBytes() * 2 < free)
                ? GroupCommit.Need.WATERMARK
                : GroupCommit.Need.COPY;
    }

    /**
     * Returns whether anything was copied.
     *
     * @param lastResort there is no other way to make room for a take-over
     */
    boolean copy(boolean lastResort) {
        need = need(lastResort);
        copiedBytes = 0;
        copyingPage = PageIndex.NONE;
        for (long sequence = ring.tailSequence();
                sequence <= ring.headSequence() && copiedBytes < BYTES_AT_A_TIME;
                sequence++) {
            if (ring.pinsOf(sequence) > 0) {
                pinsLeft = ring.pinsOf(sequence);
                if (!copyBatch((int) sequence, sequence) || pinsLeft > 0) {
                    break; // the tail would not pass this batch, whatever else was copied
                }
            }
        }
        return copiedBytes > 0;
    }

    private boolean copyBatch(int batch, long sequence) {
        Area area = ring.areaOf(sequence);
        int offset = ring.offsetOf(sequence);
        int record = offset + BatchHead.BYTES;
        for (int i = BatchHead.records(area, offset); i > 0; i--) {
            int type = JournalRecord.type(area, record);
            if ((type == JournalRecord.WRITE || type == JournalRecord.UNMAP)
                    && !copyRecord(batch, area, record)) {
                return false;
            }
            record += JournalRecord.bytes(area, record);
        }
        return true;
    }

    private boolean copyRecord(int batch, Area area, int record) {
        int pageId = index.find(JournalRecord.key(area, record));
        if (pageId == PageIndex.NONE) {
            return true;
        }
        // A command on its way could replace or delete what would be copied behind it.
        boolean blocked =
                index.has(pageId, PageIndex.FREEING)
                        || index.pending(pageId) > pendingCopies(pageId)
                        || vuids.get((int) (index.key(pageId) >>> DeviceAddress.VUID_SHIFT))
                                .deleting;
        int first = JournalRecord.first(area, record);
        for (int i = 0; i < JournalRecord.count(area, record); i++) {
            if (isPinnedBy(pageId, first + i, batch)
                    && (blocked || !copyFragment(batch, pageId, first + i))) {
                return false;
            }
        }
        return true;
    }

    /** Copies of this very round hold the page, too. */
    private int pendingCopies(int pageId) {
        return pageId == copyingPage ? copiesOfPage : 0;
    }

    private boolean isPinnedBy(int pageId, int fragment, int batch) {
        // A batch may name it more than once: for each of its versions, and as what was copied.
        int left = JournalEntries.REPLACED | JournalEntries.MERGING | JournalEntries.COPYING;
        boolean pinned = false;
        for (int entry = entries.first(pageId, fragment);
                entry != JournalEntries.NONE;
                entry = entries.next(entry)) {
            if (entries.has(entry, left)) {
                return false;
            }
            pinned |= entries.batch(entry) == batch;
        }
        return pinned;
    }

    private boolean copyFragment(int batch, int pageId, int fragment) {
        // One piece for all its versions: asked for one by one, the first could begin a batch at
        // the ring's end that the next has no room in. More than a batch takes stays where it is:
        // the batches that hold it go to shadows.
        int at = commit.room(bytesOf(pageId, fragment), need);
        if (at == GroupCommit.NO_ROOM) {
            return false;
        }
        int entry = oldestAbove(pageId, fragment, 0);
        while (entry != JournalEntries.NONE) {
            if (entries.batch(entry) == batch) {
                pinsLeft--;
            }
            copyEntry(pageId, entry, at);
            entries.set(entry, JournalEntries.COPYING);
            at += JournalRecord.bytes(image, at);
            entry = oldestAbove(pageId, fragment, entries.version(entry));
        }
        return true;
    }

    private int bytesOf(int pageId, int fragment) {
        int bytes = 0;
        for (int entry = entries.first(pageId, fragment);
                entry != JournalEntries.NONE;
                entry = entries.next(entry)) {
            bytes += pages.copyBytes(entry);
        }
        return bytes;
    }

    private int oldestAbove(int pageId, int fragment, long above) {
        int oldest = JournalEntries.NONE;
        for (int entry = entries.first(pageId, fragment);
                entry != JournalEntries.NONE;
                entry = entries.next(entry)) {
            long version = entries.version(entry);
            if (Long.compareUnsigned(version, above) > 0
                    && (oldest == JournalEntries.NONE
                            || Long.compareUnsigned(version, entries.version(oldest)) < 0)) {
                oldest = entry;
            }
        }
        return oldest;
    }

    private void copyEntry(int pageId, int entry, int at) {
        int shift = index.fragmentShift(pageId);
        boolean data = JournalRecord.hasData(entries.flags(entry));
        int type = data ? JournalRecord.WRITE : JournalRecord.UNMAP;
        int bytes = JournalRecord.descriptorBytes(type, 1) + (data ? 1 << shift : 0);
        int flags = JournalRecord.COPY;
        if (entries.has(entry, FragmentFormat.BAD)) {
            flags |= JournalRecord.DAMAGED;
        }
        if (index.page(pageId) != PageIndex.NONE) {
            index.set(pageId, PageIndex.NAMED, true);
            if (index.has(pageId, PageIndex.UNWRITTEN)) {
                flags |= JournalRecord.UNWRITTEN;
            }
        }
        if (data) {
            image.copyFrom(
                    ring.areaOf(entries.batch(entry)),
                    ring.offsetOf(entries.batch(entry)) + entries.location(entry),
                    at + JournalRecord.descriptorBytes(type, 1),
                    1 << shift);
            JournalRecord.putCrc(image, at, 0, entries.crc(entry));
            JournalRecord.putCrc(image, at, 1, 0);
        }
        JournalRecord.putHead(
                image,
                at,
                type,
                shift,
                flags,
                index.key(pageId),
                entries.version(entry),
                index.page(pageId),
                entries.fragment(entry),
                1);
        commit.add(at);
        pages.hold(pageId);
        if (copyingPage != pageId) {
            copyingPage = pageId;
            copiesOfPage = 0;
        }
        copiesOfPage++;
        copiedBytes += bytes;
        counters.reappendedFragments++;
    }
}
