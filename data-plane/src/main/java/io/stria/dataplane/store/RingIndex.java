package io.stria.dataplane.store;

import io.stria.dataplane.device.DeviceAddress;

/**
 * What the journal says before it is replayed: which page each key has now, and the watermarks. A
 * page in quarantine is never named for two keys, so the last record that names one for a key is
 * right.
 */
final class RingIndex {
    private final StoreParts parts;

    private RingIndex(StoreParts parts) {
        this.parts = parts;
    }

    static void build(StoreParts parts, RingScan scan, Layout layout) {
        RingIndex index = new RingIndex(parts);
        for (long sequence = scan.tail(); sequence <= scan.head(); sequence++) {
            Area area = scan.areaOf(sequence);
            int offset = scan.offsetOf(sequence);
            int at = offset + BatchHead.BYTES;
            for (int i = BatchHead.records(area, offset); i > 0; i--) {
                index.take(area, at, layout);
                at += JournalRecord.bytes(area, at);
            }
        }
    }

    private void take(Area image, int record, Layout layout) {
        long key = JournalRecord.key(image, record);
        VuidState vuid = parts.vuids.get((int) (key >>> DeviceAddress.VUID_SHIFT));
        switch (JournalRecord.type(image, record)) {
            case JournalRecord.WATERMARK -> {
                vuid.durable = max(vuid.durable, JournalRecord.version(image, record));
                vuid.committed = vuid.durable;
                vuid.epoch = Math.max(vuid.epoch, JournalRecord.page(image, record));
            }
            case JournalRecord.DELETE -> {
                vuid.durable = 0;
                vuid.committed = 0;
            }
            default -> page(image, record, key, layout);
        }
    }

    private static long max(long a, long b) {
        return Long.compareUnsigned(a, b) >= 0 ? a : b;
    }

    private void page(Area image, int record, long key, Layout layout) {
        int pageId = parts.pages.findOrAdd(key, JournalRecord.fragmentShift(image, record));
        assert pageId != PageIndex.NONE : "the index is full";
        int page = JournalRecord.page(image, record);
        if (page != PageIndex.NONE) {
            assert page < layout.pages();
            boolean unwritten = (JournalRecord.flags(image, record) & JournalRecord.UNWRITTEN) != 0;
            parts.index.page(pageId, page);
            parts.index.set(pageId, PageIndex.NAMED, true);
            parts.index.set(pageId, PageIndex.UNWRITTEN, unwritten);
        }
    }
}
