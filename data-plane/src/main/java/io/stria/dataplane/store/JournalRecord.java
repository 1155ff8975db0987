package io.stria.dataplane.store;

import static io.stria.dataplane.device.FragmentFormat.ABSENT;
import static io.stria.dataplane.device.FragmentFormat.BAD;
import static io.stria.dataplane.device.FragmentFormat.TOMBSTONE;

/**
 * One record of a batch in the journal ring, aligned to 8 bytes. Little endian:
 *
 * <pre>
 *    0 CRC32C          4   of the descriptor: the bytes 4 .. 32 and the array
 *    4 type            1
 *    5 fragment size   1   log2
 *    6 flags           2   1: the page's header was not on the device yet
 *                          2: the data is known to be damaged
 *                          4: a copy of an older record, to let the tail pass
 *                          8: WATERMARK: all locations were in sync at this watermark
 *    8 VUID << 39|LPA  8
 *   16 version         8   WATERMARK: the watermark
 *   24 page            4   of the device; WATERMARK: the volume's epoch
 *   28 first fragment  2
 *   30 fragments       2
 *   32 array               WRITE, HOME: CRC32C 4 each
 *                          REPLACE: version 8, CRC32C 4, flags 4 each
 *      data                WRITE: each fragment; REPLACE: those with data; at a multiple of 8
 *
 *   WRITE      fragments of one version, data behind the descriptor
 *   HOME       the same, but the data was durable at home before the record
 *   UNMAP      tombstones of one version
 *   REPLACE    exactly these versions; everything older in the journal and at home is dropped
 *   WATERMARK  committed watermark and epoch of a VUID
 *   DELETE     everything of the VUID up to here is gone
 * </pre>
 */
final class JournalRecord {
    static final int WRITE = 1;
    static final int HOME = 2;
    static final int UNMAP = 3;
    static final int REPLACE = 4;
    static final int WATERMARK = 5;
    static final int DELETE = 6;

    static final int UNWRITTEN = 1;
    static final int DAMAGED = 2;
    static final int COPY = 4;
    static final int ALL_IN_SYNC = 8;

    static final int FRAGMENT_SHIFT_MIN = 9;
    static final int FRAGMENT_SHIFT_MAX = 12;

    static final int HEAD_BYTES = 32;
    private static final int REPLACE_BYTES = 16;

    private JournalRecord() {}

    static int descriptorBytes(int type, int count) {
        return switch (type) {
            case WRITE, HOME -> (HEAD_BYTES + 4 * count + 7) & ~7;
            case REPLACE -> HEAD_BYTES + REPLACE_BYTES * count;
            default -> HEAD_BYTES;
        };
    }

    static void putHead(
            Area area,
            int offset,
            int type,
            int fragmentShift,
            int flags,
            long key,
            long version,
            int page,
            int first,
            int count) {
        area.putByte(offset + 4, type);
        area.putByte(offset + 5, fragmentShift);
        area.putShort(offset + 6, flags);
        area.putLong(offset + 8, key);
        area.putLong(offset + 16, version);
        area.putInt(offset + 24, page);
        area.putShort(offset + 28, first);
        area.putShort(offset + 30, count);
    }

    static void seal(Area area, int offset) {
        area.putInt(offset, descriptorCrc(area, offset));
    }

    static int sealedCrc(Area area, int offset) {
        return area.getInt(offset);
    }

    /** Whether a descriptor of at most this many bytes is whole. */
    static boolean isIntact(Area area, int offset, int bytesMax) {
        return bytesMax >= HEAD_BYTES
                && type(area, offset) >= WRITE
                && type(area, offset) <= DELETE
                && hasSensibleFragments(area, offset)
                && descriptorBytes(type(area, offset), count(area, offset)) <= bytesMax
                && area.getInt(offset) == descriptorCrc(area, offset)
                && bytes(area, offset) <= bytesMax;
    }

    /** Lengths are computed from the size of a fragment: one that nobody writes must not count. */
    private static boolean hasSensibleFragments(Area area, int offset) {
        int shift = fragmentShift(area, offset);
        return switch (type(area, offset)) {
            case WATERMARK, DELETE -> true;
            default -> shift >= FRAGMENT_SHIFT_MIN && shift <= FRAGMENT_SHIFT_MAX;
        };
    }

    private static int descriptorCrc(Area area, int offset) {
        return area.crc(offset + 4, descriptorBytes(type(area, offset), count(area, offset)) - 4);
    }

    /** The whole record with its data, up to where the next begins. */
    static int bytes(Area area, int offset) {
        int type = type(area, offset);
        int count = count(area, offset);
        int dataCount =
                switch (type) {
                    case WRITE -> count;
                    case REPLACE -> replaceDataCount(area, offset, count);
                    default -> 0;
                };
        return descriptorBytes(type, count) + (dataCount << fragmentShift(area, offset));
    }

    private static int replaceDataCount(Area area, int offset, int count) {
        int withData = 0;
        for (int i = 0; i < count; i++) {
            if (hasData(replaceFlags(area, offset, i))) {
                withData++;
            }
        }
        return withData;
    }

    /** Whether the data of an intact descriptor matches its checksums, as far as it should. */
    static boolean hasIntactData(Area area, int offset) {
        int type = type(area, offset);
        int count = count(area, offset);
        int bytes = 1 << fragmentShift(area, offset);
        int data = offset + descriptorBytes(type, count);
        boolean damaged = (flags(area, offset) & DAMAGED) != 0;
        if (damaged || (type != WRITE && type != REPLACE)) {
            return true;
        }
        for (int i = 0; i < count; i++) {
            boolean replace = type == REPLACE;
            int flags = replace ? replaceFlags(area, offset, i) : 0;
            if (!hasData(flags)) {
                continue;
            }
            int crc = replace ? replaceCrc(area, offset, i) : crc(area, offset, i);
            if ((flags & BAD) == 0 && area.crc(data, bytes) != crc) {
                return false;
            }
            data += bytes;
        }
        return true;
    }

    static boolean hasData(int flags) {
        return (flags & (TOMBSTONE | ABSENT)) == 0;
    }

    static int type(Area area, int offset) {
        return area.getByte(offset + 4);
    }

    static int fragmentShift(Area area, int offset) {
        return area.getByte(offset + 5);
    }

    static int flags(Area area, int offset) {
        return area.getShort(offset + 6);
    }

    static long key(Area area, int offset) {
        return area.getLong(offset + 8);
    }

    static long version(Area area, int offset) {
        return area.getLong(offset + 16);
    }

    static int page(Area area, int offset) {
        return area.getInt(offset + 24);
    }

    static int first(Area area, int offset) {
        return area.getShort(offset + 28);
    }

    static int count(Area area, int offset) {
        return area.getShort(offset + 30);
    }

    static void putCrc(Area area, int offset, int i, int crc) {
        area.putInt(offset + HEAD_BYTES + 4 * i, crc);
    }

    static int crc(Area area, int offset, int i) {
        return area.getInt(offset + HEAD_BYTES + 4 * i);
    }

    static void putReplace(Area area, int offset, int i, long version, int crc, int flags) {
        area.putLong(offset + HEAD_BYTES + REPLACE_BYTES * i, version);
        area.putInt(offset + HEAD_BYTES + REPLACE_BYTES * i + 8, crc);
        area.putInt(offset + HEAD_BYTES + REPLACE_BYTES * i + 12, flags);
    }

    static long replaceVersion(Area area, int offset, int i) {
        return area.getLong(offset + HEAD_BYTES + REPLACE_BYTES * i);
    }

    static int replaceCrc(Area area, int offset, int i) {
        return area.getInt(offset + HEAD_BYTES + REPLACE_BYTES * i + 8);
    }

    static int replaceFlags(Area area, int offset, int i) {
        return area.getInt(offset + HEAD_BYTES + REPLACE_BYTES * i + 12);
    }
}
