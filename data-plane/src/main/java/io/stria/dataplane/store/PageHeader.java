package io.stria.dataplane.store;

/**
 * The inline metadata of a page: sectors of 512 bytes, each of which describes 32 fragments and
 * itself, so that a device which tears between sectors leaves each of them old or new. Little
 * endian:
 *
 * <pre>
 *    0 magic                4
 *    4 CRC32C               4    of the bytes 8 .. 512
 *    8 format id            8    see {@link Superblock}
 *   16 VUID << 39 | LPA     8
 *   24 page                 4    its number on this device: a misdirected write is found out
 *   28 sector               2    its number in this header
 *   30 fragment size        1    log2
 *   31 zero                 1
 *   32 tombstones           4    bit i: fragment i was unmapped at its version
 *   36 damaged              4    bit i: nothing is known of fragment i but that it is lost
 *   40 write count          8    how often this sector was written
 *   48 suspect              4    bit i: {@linkplain LostPages lost pages} may hold fragment i; if none
 *                                does, it is absent
 *   52 zero                12
 *   64 versions        32 x 8    0: absent
 *  320 CRC32C of data  32 x 4
 *  448 zero                64
 * </pre>
 *
 * A page carries no generation: its header is wiped durably before the page is given out again, and
 * it is not given out while a journal record of its former owner could be replayed.
 */
final class PageHeader {
    static final int SECTOR_BYTES = 512;
    static final int FRAGMENTS_PER_SECTOR = 32;
    private static final int MAGIC = 0x48505453;
    private static final int TOMBSTONES = 32;
    private static final int DAMAGED = 36;
    private static final int WRITE_COUNT = 40;
    private static final int SUSPECT = 48;
    private static final int VERSIONS = 64;
    private static final int CRCS = 320;

    private PageHeader() {}

    /** Bytes of a whole header: a sector for each 32 fragments of 512 bytes. */
    static int bytes(int pageShift) {
        return (1 << pageShift) / FRAGMENTS_PER_SECTOR * SECTOR_BYTES;
    }

    /** A sector all of whose fragments are absent. */
    static void clear(
            Area area, int sectorOffset, long formatId, long key, int page, int sector, int shift) {
        area.zero(sectorOffset, SECTOR_BYTES);
        area.putInt(sectorOffset, MAGIC);
        area.putLong(sectorOffset + 8, formatId);
        area.putLong(sectorOffset + 16, key);
        area.putInt(sectorOffset + 24, page);
        area.putShort(sectorOffset + 28, sector);
        area.putByte(sectorOffset + 30, shift);
    }

    /** To be called right before the sector goes to the device. */
    static void seal(Area area, int sectorOffset) {
        area.putLong(sectorOffset + WRITE_COUNT, writeCount(area, sectorOffset) + 1);
        area.putInt(sectorOffset + 4, area.crc(sectorOffset + 8, SECTOR_BYTES - 8));
    }

    static boolean isValid(Area area, int sectorOffset, long formatId, int page, int sector) {
        return area.getInt(sectorOffset) == MAGIC
                && area.getLong(sectorOffset + 8) == formatId
                && area.getInt(sectorOffset + 24) == page
                && area.getShort(sectorOffset + 28) == sector
                && fragmentShift(area, sectorOffset) >= JournalRecord.FRAGMENT_SHIFT_MIN
                && fragmentShift(area, sectorOffset) <= JournalRecord.FRAGMENT_SHIFT_MAX
                && area.getInt(sectorOffset + 4) == area.crc(sectorOffset + 8, SECTOR_BYTES - 8);
    }

    static boolean isZero(Area area, int sectorOffset) {
        for (int at = 0; at < SECTOR_BYTES; at += 8) {
            if (area.getLong(sectorOffset + at) != 0) {
                return false;
            }
        }
        return true;
    }

    static long writeCount(Area area, int sectorOffset) {
        return area.getLong(sectorOffset + WRITE_COUNT);
    }

    static long key(Area area, int sectorOffset) {
        return area.getLong(sectorOffset + 16);
    }

    static int fragmentShift(Area area, int sectorOffset) {
        return area.getByte(sectorOffset + 30);
    }

    static void markDamaged(Area area, int sectorOffset) {
        area.putInt(sectorOffset + DAMAGED, -1);
    }

    static void markSuspect(Area area, int sectorOffset) {
        area.putInt(sectorOffset + SUSPECT, -1);
    }

    static long version(Area area, int headerOffset, int fragment) {
        return area.getLong(sector(headerOffset, fragment) + VERSIONS + index(fragment) * 8);
    }

    static int crc(Area area, int headerOffset, int fragment) {
        return area.getInt(sector(headerOffset, fragment) + CRCS + index(fragment) * 4);
    }

    static boolean isTombstone(Area area, int headerOffset, int fragment) {
        return bit(area, sector(headerOffset, fragment) + TOMBSTONES, fragment);
    }

    static boolean isDamaged(Area area, int headerOffset, int fragment) {
        return bit(area, sector(headerOffset, fragment) + DAMAGED, fragment);
    }

    static boolean isSuspect(Area area, int headerOffset, int fragment) {
        return bit(area, sector(headerOffset, fragment) + SUSPECT, fragment);
    }

    /** Version 0 makes the fragment absent. */
    static void set(
            Area area, int headerOffset, int fragment, long version, int crc, boolean tombstone) {
        int sector = sector(headerOffset, fragment);
        area.putLong(sector + VERSIONS + index(fragment) * 8, version);
        area.putInt(sector + CRCS + index(fragment) * 4, crc);
        setBit(area, sector + TOMBSTONES, fragment, tombstone);
        setBit(area, sector + DAMAGED, fragment, false);
        setBit(area, sector + SUSPECT, fragment, false);
    }

    private static int sector(int headerOffset, int fragment) {
        return headerOffset + fragment / FRAGMENTS_PER_SECTOR * SECTOR_BYTES;
    }

    private static int index(int fragment) {
        return fragment % FRAGMENTS_PER_SECTOR;
    }

    private static boolean bit(Area area, int offset, int fragment) {
        return (area.getInt(offset) >>> index(fragment) & 1) != 0;
    }

    private static void setBit(Area area, int offset, int fragment, boolean value) {
        int bit = 1 << index(fragment);
        int old = area.getInt(offset);
        area.putInt(offset, value ? old | bit : old & ~bit);
    }
}
