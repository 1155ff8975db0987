package io.stria.dataplane.store;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentFormat;

/**
 * What a durable journal record does to the state in memory. The same code runs when a batch became
 * durable and when recovery replays it; only there the page at home may already be ahead of the
 * record.
 */
final class RecordApplier {
    private final Pages pages;
    private final JournalRing ring;
    private Area image;
    private int batchOffset;
    private final HeaderCache headers;
    private final Vuids vuids;
    private final StoreCounters counters;
    private boolean replaying;

    RecordApplier(
            Pages pages,
            JournalRing ring,
            HeaderCache headers,
            Vuids vuids,
            StoreCounters counters) {
        this.pages = pages;
        this.ring = ring;
        this.image = ring.image();
        this.headers = headers;
        this.vuids = vuids;
        this.counters = counters;
    }

    void replaying(boolean value) {
        replaying = value;
    }

    /** What follows is about records of this batch, which is in the ring or in a shadow. */
    void open(long sequence) {
        image = ring.areaOf(sequence);
        batchOffset = ring.offsetOf(sequence);
    }

    /** A HOME record finds the page's header in the cache, held by the caller. */
    void apply(long sequence, int record) {
        switch (JournalRecord.type(image, record)) {
            case JournalRecord.WRITE -> write((int) sequence, record);
            case JournalRecord.HOME -> home(sequence, record);
            case JournalRecord.UNMAP -> unmap((int) sequence, record);
            case JournalRecord.REPLACE -> replace((int) sequence, record);
            case JournalRecord.WATERMARK -> watermark(sequence, record);
            case JournalRecord.DELETE -> {}
            default -> throw new AssertionError("record of unknown type");
        }
    }

    /** The page that a record is about. */
    int pageOf(int record, int sequence) {
        int pageId = pages.index.find(JournalRecord.key(image, record));
        if (replaying) {
            pageId = foundAgain(pageId, record);
        }
        assert pageId != PageIndex.NONE : "a record of an unknown page";
        pages.index.lastBatch(pageId, sequence);
        return pageId;
    }

    /** Replaying a deletion, or what came to nothing, has removed a page that came back later. */
    private int foundAgain(int known, int record) {
        int pageId =
                known != PageIndex.NONE
                        ? known
                        : pages.findOrMake(
                                JournalRecord.key(image, record),
                                JournalRecord.fragmentShift(image, record));
        int page = JournalRecord.page(image, record);
        if (page != PageIndex.NONE && pages.index.page(pageId) == PageIndex.NONE) {
            pages.allocator.takeBack(page);
            pages.index.page(pageId, page);
            pages.index.set(pageId, PageIndex.NAMED, true);
        }
        return pageId;
    }

    private long durable(int record) {
        return vuids.get((int) (JournalRecord.key(image, record) >>> DeviceAddress.VUID_SHIFT))
                .durable;
    }

    private void write(int batch, int record) {
        int pageId = pageOf(record, batch);
        int count = JournalRecord.count(image, record);
        int shift = JournalRecord.fragmentShift(image, record);
        int data = record + JournalRecord.descriptorBytes(JournalRecord.WRITE, count);
        boolean damaged = (JournalRecord.flags(image, record) & JournalRecord.DAMAGED) != 0;
        for (int i = 0; i < count; i++) {
            int crc = JournalRecord.crc(image, record, i);
            boolean bad = damaged || (replaying && image.crc(data, 1 << shift) != crc);
            add(batch, record, pageId, i, bad ? FragmentFormat.BAD : 0, crc, data);
            data += 1 << shift;
        }
        endOfCopy(record, pageId, count);
    }

    private void unmap(int batch, int record) {
        int pageId = pageOf(record, batch);
        int count = JournalRecord.count(image, record);
        for (int i = 0; i < count; i++) {
            add(batch, record, pageId, i, FragmentFormat.TOMBSTONE, 0, 0);
        }
        endOfCopy(record, pageId, count);
    }

    private void add(int batch, int record, int pageId, int i, int flags, int crc, int location) {
        int fragment = JournalRecord.first(image, record) + i;
        long version = JournalRecord.version(image, record);
        int known = pages.entries.find(pageId, fragment, version);
        if (known != JournalEntries.NONE) {
            if (!pages.entries.has(known, JournalEntries.REPLACED)) {
                pages.moveEntry(known, location - batchOffset, batch);
            }
        } else if (replaying || !isCopy(record)) {
            int entry =
                    pages.addEntry(
                            pageId, fragment, flags, version, crc, location - batchOffset, batch);
            if (pages.entries.next(entry) == JournalEntries.NONE) {
                return; // the only one there
            }
        }
        counters.droppedFragments += pages.dropSuperseded(pageId, fragment, durable(record));
    }

    private boolean isCopy(int record) {
        return (JournalRecord.flags(image, record) & JournalRecord.COPY) != 0;
    }

    private void endOfCopy(int record, int pageId, int count) {
        if (replaying) {
            return;
        }
        if (isCopy(record)) {
            pages.letGo(pageId);
        } else {
            pages.unreserve(count);
        }
    }

    private void replace(int batch, int record) {
        int pageId = pageOf(record, batch);
        int count = JournalRecord.count(image, record);
        int first = JournalRecord.first(image, record);
        int shift = JournalRecord.fragmentShift(image, record);
        int data = record + JournalRecord.descriptorBytes(JournalRecord.REPLACE, count);
        for (int i = 0; i < count; i++) {
            dropAll(pageId, first + i);
            int flags = JournalRecord.replaceFlags(image, record, i);
            int crc = JournalRecord.replaceCrc(image, record, i);
            int stored = flags | JournalEntries.REPLACED;
            int location = 0;
            if (JournalRecord.hasData(flags)) {
                location = data;
                data += 1 << shift;
                if (replaying && image.crc(location, 1 << shift) != crc) {
                    stored |= FragmentFormat.BAD;
                }
            }
            boolean nothingToHide =
                    (flags & FragmentFormat.ABSENT) != 0
                            && pages.index.has(pageId, PageIndex.HOME_EMPTY)
                            && !pages.isHomeLost(pageId);
            if (!nothingToHide) {
                long version = JournalRecord.replaceVersion(image, record, i);
                pages.addEntry(
                        pageId, first + i, stored, version, crc, location - batchOffset, batch);
            }
        }
        if (!replaying) {
            pages.unreserveReplacements(count);
        }
    }

    private void dropAll(int pageId, int fragment) {
        int entry = pages.entries.first(pageId, fragment);
        while (entry != JournalEntries.NONE) {
            int next = pages.entries.next(entry);
            pages.removeEntry(entry);
            entry = next;
        }
    }

    /**
     * The data is at home. Whatever the header says, it does not say less: a version above is kept,
     * unless a replacement has made what stood there void.
     */
    private void home(long sequence, int record) {
        int pageId = pageOf(record, (int) sequence);
        int slot = headers.peek(pageId);
        assert slot >= 0 : "the header is not held";
        pages.homeChanging();
        long version = JournalRecord.version(image, record);
        int first = JournalRecord.first(image, record);
        int count = JournalRecord.count(image, record);
        for (int i = 0; i < count; i++) {
            int fragment = first + i;
            int replaced = pages.entries.replacement(pageId, fragment);
            if (replaced != JournalEntries.NONE) {
                pages.entries.clear(replaced, JournalEntries.REPLACED);
            } else if (!headers.isDamaged(slot, fragment)
                    && Long.compareUnsigned(headers.version(slot, fragment), version) >= 0) {
                continue;
            }
            headers.set(slot, fragment, version, JournalRecord.crc(image, record, i), false);
            headers.pinDirty(slot, sequence);
        }
    }

    private void watermark(long sequence, int record) {
        VuidState vuid =
                vuids.get((int) (JournalRecord.key(image, record) >>> DeviceAddress.VUID_SHIFT));
        long version = JournalRecord.version(image, record);
        if (Long.compareUnsigned(version, vuid.durable) > 0) {
            vuid.durable = version;
        }
        if (Long.compareUnsigned(version, vuid.committed) > 0) {
            vuid.committed = version;
        }
        vuid.epoch = Math.max(vuid.epoch, JournalRecord.page(image, record));
        vuid.watermarkBatch = sequence;
    }
}
