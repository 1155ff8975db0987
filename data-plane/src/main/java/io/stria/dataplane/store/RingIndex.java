package io.stria.dataplane.store;

import io.stria.dataplane.device.DeviceAddress;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * What the journal says before it is replayed: which page each key has now, and the watermarks. A
 * page in quarantine is never named for two keys, so the last record that names one for a key is
 * right.
 *
 * <p>Keys that have tombstones and no page are left to the replay: the live store keeps them only
 * as long as they say something, so there may be more of them in the ring than it has pages.
 */
final class RingIndex {
    private final StoreParts parts;
    private final Layout layout;
    private @Nullable String damage;

    private RingIndex(StoreParts parts, Layout layout) {
        this.parts = parts;
        this.layout = layout;
    }

    /** Null, or why the device must be refused. */
    static @Nullable String build(StoreParts parts, RingScan scan, Layout layout) {
        RingIndex index = new RingIndex(parts, layout);
        scan.forEachRecord(index::take);
        return index.damage;
    }

    /** Keys that some record mentions without a page, in their order. */
    static long[] keysWithoutPage(RingScan scan) {
        return keysOf(
                scan,
                (area, record) ->
                        isOfFragments(area, record)
                                && JournalRecord.page(area, record) == PageIndex.NONE);
    }

    /** Keys that something was put straight home for, in their order. */
    static long[] keysPutHome(RingScan scan) {
        return keysOf(
                scan, (area, record) -> JournalRecord.type(area, record) == JournalRecord.HOME);
    }

    private interface Filter {
        boolean accepts(Area area, int record);
    }

    private static long[] keysOf(RingScan scan, Filter filter) {
        LongStream.Builder keys = LongStream.builder();
        scan.forEachRecord((area, record) -> {
            if (filter.accepts(area, record)) {
                keys.add(JournalRecord.key(area, record));
            }
        });
        return keys.build().sorted().toArray();
    }

    private static boolean isOfFragments(Area image, int record) {
        int type = JournalRecord.type(image, record);
        return type != JournalRecord.WATERMARK && type != JournalRecord.DELETE;
    }

    private void take(Area image, int record) {
        long key = JournalRecord.key(image, record);
        VuidState vuid = parts.vuids.get((int) (key >>> DeviceAddress.VUID_SHIFT));
        switch (JournalRecord.type(image, record)) {
            case JournalRecord.WATERMARK -> {
                long watermark = JournalRecord.version(image, record);
                vuid.durable = max(vuid.durable, watermark);
                vuid.committed = vuid.durable;
                vuid.epoch = Math.max(vuid.epoch, JournalRecord.page(image, record));
                if ((JournalRecord.flags(image, record) & JournalRecord.ALL_IN_SYNC) != 0) {
                    vuid.recordedForgettable = max(vuid.recordedForgettable, watermark);
                }
            }
            case JournalRecord.DELETE -> {
                vuid.durable = 0;
                vuid.committed = 0;
                vuid.recordedForgettable = 0;
            }
            default -> page(image, record, key);
        }
    }

    private static long max(long a, long b) {
        return Long.compareUnsigned(a, b) >= 0 ? a : b;
    }

    private void page(Area image, int record, long key) {
        int page = JournalRecord.page(image, record);
        if (page == PageIndex.NONE) {
            return;
        }
        if (page < 0 || page >= layout.pages()) {
            damage = "the journal names a page that the device has not: " + page;
            return;
        }
        int pageId = parts.pages.findOrMake(key, JournalRecord.fragmentShift(image, record));
        boolean unwritten = (JournalRecord.flags(image, record) & JournalRecord.UNWRITTEN) != 0;
        parts.index.page(pageId, page);
        parts.index.set(pageId, PageIndex.NAMED, true);
        parts.index.set(pageId, PageIndex.UNWRITTEN, unwritten);
    }
}
