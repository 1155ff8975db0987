package io.stria.dataplane.store;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Identity and geometry of a formatted device. Two copies, at {@link #COPY_OFFSETS}; either alone
 * is enough. Little endian:
 *
 * <pre>
 *    0 magic                8    "STRIADEV"
 *    8 CRC32C               4    of the bytes 12 .. 4096
 *   12 format version       4
 *   16 generation           8    of two valid copies the higher one counts
 *   24 cluster id          16
 *   40 device id           16
 *   56 page shift m         4
 *   60 device block         4    512 or 4096
 *   64 ring offset          8
 *   72 ring bytes           8
 *   80 offset of page 0     8
 *   88 number of pages      8
 *   96 format id            8    random; stands in everything written, so that what an earlier
 *                                formatting left behind is never taken for ours
 *  104 shadows            4    see {@link Shadows}
 *  108 zero              3988
 * </pre>
 */
record Superblock(long generation, DeviceIdentity identity, Layout layout, long formatId) {
    static final int BYTES = 4096;
    static final long[] COPY_OFFSETS = {0, 32768};

    /** Where the ring begins: both copies and some room lie before it. */
    static final long RESERVED_BYTES = 65536;

    static final int FORMAT_VERSION = 2;

    /** Version 1 had no shadows: zero there. A device keeps the layout it was formatted with. */
    static final int FORMAT_VERSION_OLDEST = 1;

    private static final long MAGIC = 0x5645444149525453L;

    void encode(Area area, int offset) {
        area.zero(offset, BYTES);
        area.putLong(offset, MAGIC);
        area.putInt(offset + 12, FORMAT_VERSION);
        area.putLong(offset + 16, generation);
        putUuid(area, offset + 24, identity.clusterId());
        putUuid(area, offset + 40, identity.deviceId());
        area.putInt(offset + 56, identity.pageShift());
        area.putInt(offset + 60, layout.blockBytes());
        area.putLong(offset + 64, layout.ringOffset());
        area.putLong(offset + 72, layout.ringBytes());
        area.putLong(offset + 80, layout.pagesOffset());
        area.putLong(offset + 88, layout.pages());
        area.putLong(offset + 96, formatId);
        area.putInt(offset + 104, layout.shadows());
        area.putInt(offset + 8, area.crc(offset + 12, BYTES - 12));
    }

    static boolean hasMagic(Area area, int offset) {
        return area.getLong(offset) == MAGIC;
    }

    static boolean isIntact(Area area, int offset) {
        return hasMagic(area, offset)
                && area.getInt(offset + 8) == area.crc(offset + 12, BYTES - 12);
    }

    static int formatVersion(Area area, int offset) {
        return area.getInt(offset + 12);
    }

    /** Of an intact copy of this format version; null if its fields contradict each other. */
    static @Nullable Superblock decode(Area area, int offset) {
        int pageShift = area.getInt(offset + 56);
        int blockBytes = area.getInt(offset + 60);
        long ringBytes = area.getLong(offset + 72);
        long pages = area.getLong(offset + 88);
        int shadows = area.getInt(offset + 104);
        if (pageShift < DeviceIdentity.PAGE_SHIFT_MIN
                || pageShift > DeviceIdentity.PAGE_SHIFT_MAX
                || (blockBytes != 512 && blockBytes != 4096)
                || ringBytes <= 0
                || ringBytes > Layout.RING_BYTES_MAX
                || pages <= 0
                || shadows < 0
                || pages > Integer.MAX_VALUE) {
            return null;
        }
        Layout layout =
                new Layout(
                        pageShift,
                        blockBytes,
                        area.getLong(offset + 64),
                        (int) ringBytes,
                        shadows,
                        area.getLong(offset + 80),
                        (int) pages);
        if (!layout.isConsistent()) {
            return null;
        }
        return new Superblock(
                area.getLong(offset + 16),
                new DeviceIdentity(uuid(area, offset + 24), uuid(area, offset + 40), pageShift),
                layout,
                area.getLong(offset + 96));
    }

    private static void putUuid(Area area, int offset, UUID id) {
        area.putLong(offset, id.getMostSignificantBits());
        area.putLong(offset + 8, id.getLeastSignificantBits());
    }

    private static UUID uuid(Area area, int offset) {
        return new UUID(area.getLong(offset), area.getLong(offset + 8));
    }
}
