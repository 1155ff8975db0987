package io.stria.dataplane.store;

/**
 * A batch of journal records, in the ring or in a shadow: whole device blocks. Little endian:
 *
 * <pre>
 *    0 magic             4
 *    4 CRC32C            4    of the bytes 8 .. 64
 *    8 format id         8    see {@link Superblock}
 *   16 sequence          8    one more than the batch before
 *   24 tail sequence     8    the oldest batch that recovery needs
 *   32 position          8    see {@link JournalRing}
 *   40 bytes             4    all of the batch
 *   44 records           4
 *   48 CRC32C            4    of the records' CRC32Cs: an old record cannot pass for a new one
 *   52 high water        4    pages given out so far
 *   56 zero              8
 *   64 records, see {@link JournalRecord}
 * </pre>
 */
final class BatchHead {
    static final int BYTES = 64;
    private static final int MAGIC = 0x424a5453;

    private BatchHead() {}

    /** The records behind it must be sealed. */
    static void put(
            Area area,
            int offset,
            long formatId,
            long sequence,
            long tail,
            long position,
            int bytes,
            int records,
            int highWater,
            Area scratch) {
        area.putInt(offset, MAGIC);
        area.putLong(offset + 8, formatId);
        area.putLong(offset + 16, sequence);
        area.putLong(offset + 24, tail);
        area.putLong(offset + 32, position);
        area.putInt(offset + 40, bytes);
        area.putInt(offset + 44, records);
        area.putInt(offset + 48, recordsCrc(area, offset, records, scratch));
        area.putInt(offset + 52, highWater);
        area.putLong(offset + 56, 0);
        area.putInt(offset + 4, area.crc(offset + 8, BYTES - 8));
    }

    /** Chained over the CRCs of all records, which must be intact. */
    private static int recordsCrc(Area area, int offset, int records, Area scratch) {
        int chained = 0;
        int at = offset + BYTES;
        for (int i = 0; i < records; i++) {
            scratch.putInt(0, chained);
            scratch.putInt(4, JournalRecord.sealedCrc(area, at));
            chained = scratch.crc(0, 8);
            at += JournalRecord.bytes(area, at);
        }
        return chained;
    }

    /** Whether a head is valid, of a batch of at most this many bytes. */
    static boolean isValid(Area area, int offset, long formatId, int bytesMax) {
        return bytesMax >= BYTES
                && area.getInt(offset) == MAGIC
                && area.getLong(offset + 8) == formatId
                && area.getInt(offset + 4) == area.crc(offset + 8, BYTES - 8)
                && bytes(area, offset) >= BYTES
                && bytes(area, offset) <= bytesMax;
    }

    /** Whether all descriptors of a batch with a valid head are whole and belong to it. */
    static boolean hasIntactRecords(Area area, int offset, Area scratch) {
        int end = offset + bytes(area, offset);
        int at = offset + BYTES;
        int records = records(area, offset);
        for (int i = 0; i < records; i++) {
            if (!JournalRecord.isIntact(area, at, end - at)) {
                return false;
            }
            at += JournalRecord.bytes(area, at);
        }
        return area.getInt(offset + 48) == recordsCrc(area, offset, records, scratch);
    }

    /** Records and data: nothing of a batch with a valid head is missing. */
    static boolean isWhole(Area area, int offset, Area scratch) {
        if (!hasIntactRecords(area, offset, scratch)) {
            return false;
        }
        int at = offset + BYTES;
        for (int i = records(area, offset); i > 0; i--) {
            if (!JournalRecord.hasIntactData(area, at)) {
                return false;
            }
            at += JournalRecord.bytes(area, at);
        }
        return true;
    }

    static long sequence(Area area, int offset) {
        return area.getLong(offset + 16);
    }

    static long tail(Area area, int offset) {
        return area.getLong(offset + 24);
    }

    static long position(Area area, int offset) {
        return area.getLong(offset + 32);
    }

    static int bytes(Area area, int offset) {
        return area.getInt(offset + 40);
    }

    static int records(Area area, int offset) {
        return area.getInt(offset + 44);
    }

    static int highWater(Area area, int offset) {
        return area.getInt(offset + 52);
    }
}
