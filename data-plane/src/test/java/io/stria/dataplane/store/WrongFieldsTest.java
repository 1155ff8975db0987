package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Formats whose checksums are right and whose fields are not; found by reading them as the fuzzer
 * does.
 */
class WrongFieldsTest {
    private static final long DEVICE_BYTES = 64 << 20;
    private static final Layout PLANNED = Layout.plan(DEVICE_BYTES, 4096, 8, 1 << 20);

    private final Area area = new Area(Arena.ofAuto(), 1 << 16);

    private static Layout with(long ringOffset, int shadows, long pagesOffset) {
        return new Layout(
                8, 4096, ringOffset, PLANNED.ringBytes(), shadows, pagesOffset, PLANNED.pages());
    }

    private String refusal(Layout layout) {
        for (int copy = 0; copy < 2; copy++) {
            new Superblock(1, StoreHarness.IDENTITY, layout, 7)
                    .encode(area, copy * Superblock.BYTES);
        }
        return String.valueOf(
                SuperblockChoice.of(area, StoreHarness.IDENTITY, 4096, DEVICE_BYTES).refusal());
    }

    @Test
    void aSuperblockWhosePartsOverlapIsRefused() {
        long pages = PLANNED.pagesOffset();
        String contradicts = "the superblock of the device contradicts itself";
        assertEquals("null", refusal(PLANNED));
        assertEquals(contradicts, refusal(with(0, PLANNED.shadows(), pages)));
        assertEquals(contradicts, refusal(with(PLANNED.ringOffset(), PLANNED.shadows(), 4096)));
        assertEquals(contradicts, refusal(with(PLANNED.ringOffset(), 1 << 30, pages)));
        assertEquals(
                contradicts,
                refusal(with(PLANNED.ringOffset(), PLANNED.shadows(), Long.MIN_VALUE / 2)));
    }

    /** Its length came out as less than nothing, which is less than any bound. */
    @ParameterizedTest
    @ValueSource(ints = {0, 8, 13, 31, 63, 255})
    void aRecordOfFragmentsThatNobodyWritesIsNotIntact(int shift) {
        for (int type = JournalRecord.WRITE; type <= JournalRecord.REPLACE; type++) {
            JournalRecord.putHead(area, 0, type, shift, 0, 1, 1, 1, 0, 2);
            JournalRecord.seal(area, 0);
            assertFalse(JournalRecord.isIntact(area, 0, area.bytes()), "type " + type);
        }
        JournalRecord.putHead(area, 0, JournalRecord.WATERMARK, 0, 0, 1, 1, 1, 0, 0);
        JournalRecord.seal(area, 0);
        assertTrue(JournalRecord.isIntact(area, 0, area.bytes()));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 8, 13, 63})
    void aPageHeaderOfFragmentsThatNobodyWritesIsNotValid(int shift) {
        PageHeader.clear(area, 0, 7, 1, 3, 0, shift);
        PageHeader.seal(area, 0);
        assertFalse(PageHeader.isValid(area, 0, 7, 3, 0));
    }
}
