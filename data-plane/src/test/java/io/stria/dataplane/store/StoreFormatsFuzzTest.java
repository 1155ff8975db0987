package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.fuzz.AllocationBound;
import io.stria.fuzz.FuzzTest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What a store reads from a device when it opens it. Byte 0 chooses the format and whether the
 * checksums are made right: damage is what the device does, the rest is what a program may have
 * written.
 */
class StoreFormatsFuzzTest extends FuzzTest {
    private static final long FORMAT_ID = 0x1234_5678_9abcL;
    private static final long DEVICE_BYTES = 64 << 20;
    private static final int BYTES = 1 << 14;
    private static final Area AREA = new Area(Arena.ofAuto(), BYTES);
    private static final Area SCRATCH = new Area(Arena.ofAuto(), 4096);

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length > 1 && input.length <= BYTES) {
            AllocationBound.hold(1 << 16, () -> read(input));
        }
    }

    private static void read(byte[] input) {
        AREA.zero(0, BYTES);
        AREA.copyFrom(MemorySegment.ofArray(input), 1, 0, input.length - 1);
        boolean sealed = (input[0] & 4) != 0;
        switch (input[0] & 3) {
            case 0 -> superblock(sealed);
            case 1 -> page(sealed);
            default -> batch(sealed);
        }
    }

    private static void superblock(boolean sealed) {
        if (sealed) {
            for (int copy = 0; copy < 2; copy++) {
                int at = copy * Superblock.BYTES;
                AREA.putInt(at + 8, AREA.crc(at + 12, Superblock.BYTES - 12));
            }
        }
        DeviceIdentity expected = StoreHarness.IDENTITY;
        SuperblockChoice choice = SuperblockChoice.of(AREA, expected, 512, DEVICE_BYTES);
        Superblock found = choice.superblock();
        if (found == null) {
            assertTrue(choice.refusal() != null && !choice.refusal().isBlank());
            return;
        }
        assertEquals(expected, found.identity());
        Layout layout = found.layout();
        assertTrue(layout.ringOffset() >= Superblock.RESERVED_BYTES);
        assertTrue(layout.ringBytes() % layout.blockBytes() == 0);
        assertTrue(layout.pagesOffset() >= layout.ringOffset() + layout.ringBytes());
        assertTrue(layout.shadows() == 0 || layout.shadowOffset(0) >= layout.ringOffset());
        assertTrue(layout.shadowOffset(layout.shadows()) <= layout.pagesOffset());
        assertTrue(layout.endOffset() <= DEVICE_BYTES && layout.pages() > 0);
        found.encode(AREA, 0);
        assertTrue(Superblock.isIntact(AREA, 0));
        assertEquals(found, Superblock.decode(AREA, 0));
    }

    private static void page(boolean sealed) {
        if (sealed) {
            AREA.putLong(8, FORMAT_ID);
            AREA.putInt(4, AREA.crc(8, PageHeader.SECTOR_BYTES - 8));
        }
        if (!PageHeader.isValid(AREA, 0, FORMAT_ID, AREA.getInt(24), AREA.getShort(28))) {
            return;
        }
        int shift = PageHeader.fragmentShift(AREA, 0);
        assertTrue(shift >= 9 && shift <= 12, "fragments of 2^" + shift);
        long versions = 0;
        for (int i = 0; i < PageHeader.FRAGMENTS_PER_SECTOR; i++) {
            long version = PageHeader.version(AREA, 0, i);
            int crc = PageHeader.crc(AREA, 0, i);
            boolean tombstone = PageHeader.isTombstone(AREA, 0, i);
            boolean damaged = PageHeader.isDamaged(AREA, 0, i);
            PageHeader.set(AREA, 0, i, version, crc, tombstone);
            assertEquals(version, PageHeader.version(AREA, 0, i));
            assertEquals(tombstone, PageHeader.isTombstone(AREA, 0, i));
            assertTrue(!PageHeader.isDamaged(AREA, 0, i) || !damaged);
            versions |= version;
        }
        PageHeader.seal(AREA, 0);
        assertTrue(PageHeader.isValid(AREA, 0, FORMAT_ID, AREA.getInt(24), AREA.getShort(28)));
        assertTrue(versions == 0 || !PageHeader.isZero(AREA, 0));
    }

    private static void batch(boolean sealed) {
        if (sealed) {
            seal();
        }
        if (!BatchHead.isValid(AREA, 0, FORMAT_ID, BYTES)) {
            return;
        }
        int bytes = BatchHead.bytes(AREA, 0);
        assertTrue(bytes >= BatchHead.BYTES && bytes <= BYTES);
        boolean whole = BatchHead.isWhole(AREA, 0, SCRATCH);
        if (!BatchHead.hasIntactRecords(AREA, 0, SCRATCH)) {
            assertTrue(!whole);
            return;
        }
        int at = BatchHead.BYTES;
        for (int left = BatchHead.records(AREA, 0); left > 0; left--) {
            int length = JournalRecord.bytes(AREA, at);
            assertTrue(length >= JournalRecord.HEAD_BYTES && at + length <= bytes);
            int count = JournalRecord.count(AREA, at);
            int descriptor = JournalRecord.descriptorBytes(JournalRecord.type(AREA, at), count);
            assertTrue(descriptor <= length);
            assertTrue(JournalRecord.hasIntactData(AREA, at) || !whole);
            at += length;
        }
    }

    /** Makes every checksum right that can be, of a batch as its fields say it is. */
    private static void seal() {
        AREA.putLong(8, FORMAT_ID);
        int records = Math.clamp(BatchHead.records(AREA, 0), 0, 64);
        int at = BatchHead.BYTES;
        int chained = 0;
        for (int i = 0; i < records; i++) {
            if (at + JournalRecord.HEAD_BYTES > BYTES) {
                return;
            }
            int type = JournalRecord.type(AREA, at);
            int descriptor = JournalRecord.descriptorBytes(type, JournalRecord.count(AREA, at));
            if (at + descriptor > BYTES) {
                return;
            }
            JournalRecord.seal(AREA, at);
            SCRATCH.putInt(0, chained);
            SCRATCH.putInt(4, JournalRecord.sealedCrc(AREA, at));
            chained = SCRATCH.crc(0, 8);
            int length = JournalRecord.bytes(AREA, at);
            if (length < JournalRecord.HEAD_BYTES || at + (long) length > BYTES) {
                break;
            }
            at += length;
        }
        AREA.putInt(48, chained);
        AREA.putInt(4, AREA.crc(8, BatchHead.BYTES - 8));
    }
}
