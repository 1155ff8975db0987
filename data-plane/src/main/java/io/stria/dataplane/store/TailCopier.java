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
    private int copiedBytes;
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

    /** Returns whether anything was copied. */
    boolean copy() {
        copiedBytes = 0;
        copyingPage = PageIndex.NONE;
        for (long sequence = ring.tailSequence();
                sequence <= ring.headSequence() && copiedBytes < BYTES_AT_A_TIME;
                sequence++) {
            if (ring.pinsOf(sequence) > 0 && !copyBatch((int) sequence, sequence)) {
                break;
            }
        }
        return copiedBytes > 0;
    }

    private boolean copyBatch(int batch, long sequence) {
        int offset = ring.offset(ring.positionOf(sequence));
        int record = offset + JournalRing.BATCH_HEAD_BYTES;
        for (int i = ring.batchRecords(offset); i > 0; i--) {
            int type = JournalRecord.type(image, record);
            if ((type == JournalRecord.WRITE || type == JournalRecord.UNMAP)
                    && !copyRecord(batch, record)) {
                return false;
            }
            record += JournalRecord.bytes(image, record);
        }
        return true;
    }

    private boolean copyRecord(int batch, int record) {
        int pageId = index.find(JournalRecord.key(image, record));
        if (pageId == PageIndex.NONE || index.has(pageId, PageIndex.FREEING)) {
            return true;
        }
        // A command on its way could replace or delete what would be copied behind it.
        if (index.pending(pageId) > pendingCopies(pageId)
                || vuids.get((int) (index.key(pageId) >>> DeviceAddress.VUID_SHIFT)).deleting) {
            return true;
        }
        int first = JournalRecord.first(image, record);
        for (int i = 0; i < JournalRecord.count(image, record); i++) {
            if (isPinnedBy(pageId, first + i, batch) && !copyFragment(pageId, first + i)) {
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
        boolean pinned = false;
        for (int entry = entries.first(pageId, fragment);
                entry != JournalEntries.NONE;
                entry = entries.next(entry)) {
            if (entries.has(entry, JournalEntries.REPLACED | JournalEntries.MERGING)) {
                return false;
            }
            pinned |= entries.batch(entry) == batch;
        }
        return pinned;
    }

    private boolean copyFragment(int pageId, int fragment) {
        // One piece for all its versions: asked for one by one, the first could begin a batch at
        // the
        // ring's end that the next has no room in.
        int at = commit.room(bytesOf(pageId, fragment), GroupCommit.Need.COPY);
        if (at == GroupCommit.NO_ROOM) {
            return false;
        }
        int entry = oldestAbove(pageId, fragment, 0);
        while (entry != JournalEntries.NONE) {
            copyEntry(pageId, entry, at);
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
                    image,
                    entries.location(entry),
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
