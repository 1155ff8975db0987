package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.lang.foreign.Arena;
import java.util.BitSet;
import org.junit.jupiter.api.Test;

/** A shadow of which a power cut left a part, and what of it moved to another one since. */
class TornShadowTest {
    private static final int BLOCK = 512;
    private static final long FORMAT_ID = StoreHarness.FORMAT_ID;
    private static final Layout LAYOUT = Layout.plan(16 << 20, BLOCK, 8, 1 << 20);

    private final Arena arena = Arena.ofAuto();
    private final Area scratch = new Area(arena, 4096);
    private final Shadows shadows = new Shadows(arena, LAYOUT);
    private final JournalRing ring = new JournalRing(arena, LAYOUT, shadows);

    /** The journal goes from batch 11 to 16, and of these only the newest is in the ring yet. */
    private RingScan scan() {
        putBatch(ring.image(), 0, 16);
        RingScan scan = new RingScan(ring, shadows, scratch, FORMAT_ID, LAYOUT, new BitSet());
        assertNull(scan.run());
        assertEquals(16, scan.head());
        assertEquals(11, scan.tail());
        return scan;
    }

    private Area shadow(int first, int last) {
        Area content = new Area(arena, LAYOUT.shadowBytes());
        int at = 0;
        for (int sequence = first; sequence <= last; sequence++) {
            at += putBatch(content, at, sequence);
        }
        return content;
    }

    /** One write of a fragment; returns the bytes of the batch. */
    private int putBatch(Area area, int offset, long sequence) {
        int record = offset + BatchHead.BYTES;
        int descriptor = JournalRecord.descriptorBytes(JournalRecord.WRITE, 1);
        JournalRecord.putHead(area, record, JournalRecord.WRITE, 9, 0, 7L << 39, sequence, 0, 0, 1);
        area.fill(record + descriptor, 512, (int) sequence);
        JournalRecord.putCrc(area, record, 0, area.crc(record + descriptor, 512));
        JournalRecord.seal(area, record);
        int bytes =
                (int) Layout.roundUp(BatchHead.BYTES + JournalRecord.bytes(area, record), BLOCK);
        BatchHead.put(area, offset, FORMAT_ID, sequence, 11, 0, bytes, 1, 1, scratch);
        return bytes;
    }

    private static void tearNewest(Area content, int batches) {
        int bytes = BatchHead.bytes(content, 0);
        content.putByte((batches - 1) * bytes + BLOCK, 0xff);
    }

    @Test
    void aBatchThatIsWholeInAShadowStaysThere() {
        RingScan scan = scan();
        scan.takeShadow(0, shadow(15, 15));
        Area torn = shadow(11, 15);
        tearNewest(torn, 5);
        scan.takeShadow(1, torn);
        assertEquals(1, scan.shadowOf(14));
        assertEquals(0, scan.shadowOf(15));
        assertNull(scan.check());
    }

    @Test
    void aWholeOneReplacesATornOne() {
        RingScan scan = scan();
        Area torn = shadow(11, 15);
        tearNewest(torn, 5);
        scan.takeShadow(0, torn);
        scan.takeShadow(1, shadow(15, 15));
        assertEquals(0, scan.shadowOf(14));
        assertEquals(1, scan.shadowOf(15));
        assertNull(scan.check());
    }

    /** Then its data has rotted since, and all else that it says is worth having. */
    @Test
    void oneThatIsNowhereElseIsTakenAsItIs() {
        RingScan scan = scan();
        Area damaged = shadow(11, 15);
        tearNewest(damaged, 5);
        scan.takeShadow(1, damaged);
        assertEquals(1, scan.shadowOf(15));
        assertNull(scan.check());
    }

    /**
     * What follows a batch with a rotten sector is taken, though a torn copy of it is elsewhere.
     */
    @Test
    void whatFollowsARottenBatchIsTaken() {
        RingScan scan = scan();
        Area torn = shadow(11, 13);
        tearNewest(torn, 3);
        scan.takeShadow(0, torn);
        Area rotten = shadow(13, 15);
        tearNewest(rotten, 1);
        scan.takeShadow(1, rotten);
        assertEquals(1, scan.shadowOf(14));
        assertEquals(1, scan.shadowOf(15));
        assertNull(scan.check());
    }
}
