package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.IoStatus;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A sector of a shadow cannot be read, and the ring does not hold its batch any more. */
class UnreadableShadowTest {
    private static final long DEVICE_BYTES = 16 << 20;
    private static final int BLOCK = 512;
    private static final int FRAGMENT = 4096;
    private static final int FRAGMENTS = 20;
    private static final int LOST = 3;
    private static final long BAD = -2;
    private static final Layout LAYOUT =
            Layout.plan(DEVICE_BYTES, BLOCK, 8, StoreConfig.defaults().ringBytesMax());

    private StoreHarness harness;
    private StoreClient client;

    /** Returns the batch of a write that nobody commits, which is in the first shadow by now. */
    private long fillShadow() {
        client.attach();
        assertEquals(IoStatus.OK, client.write(0, 0, FRAGMENTS, 1));
        assertEquals(IoStatus.OK, client.commit(1));
        harness.runUntilIdle();
        assertEquals(IoStatus.OK, client.write(0, 0, FRAGMENTS, 2));
        StoreParts parts = harness.store().parts();
        long batch = parts.ring.headSequence();
        assertTrue(parts.shadowWriter.start(true));
        harness.engine.runUntil(parts.shadowWriter::isIdle);
        assertEquals(IoStatus.OK, client.write(1, 0, 1, 3));
        assertEquals(batch, parts.ring.tailSequence());
        assertNotSame(parts.ring.image(), parts.ring.areaOf(batch));
        return batch;
    }

    /** As if later ones lay there. */
    private void eraseInRing(int offset, int bytes) {
        harness.disk.poke(LAYOUT.ringOffset() + offset, new byte[bytes]);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void onlyTheFragmentThatLiesThereIsBad(boolean inFirstBytes) {
        try (StoreHarness opened = StoreHarness.formatted(1, DEVICE_BYTES, BLOCK)) {
            harness = opened;
            client = new StoreClient(opened, 5, FRAGMENT);
            int lost = inFirstBytes ? 0 : LOST;
            long batch = fillShadow();
            JournalRing ring = harness.store().parts().ring;
            int data =
                    ring.offsetOf(batch)
                            + BatchHead.BYTES
                            + JournalRecord.descriptorBytes(JournalRecord.WRITE, FRAGMENTS);
            long block = (data + lost * FRAGMENT + 2 * BLOCK) / BLOCK * BLOCK;
            int inRing = ring.offset(ring.positionOf(batch));
            int bytes = ring.sizeOf(batch);
            harness.powerCut();
            eraseInRing(inRing, bytes);
            harness.disk.faults().failReads(LAYOUT.shadowOffset(0) + block, BLOCK);
            harness.open();
            assertEquals(1, client.attach());
            for (int i = 0; i < FRAGMENTS; i++) {
                assertEquals(i == lost ? BAD : 2, client.readVersion(0, i), "fragment " + i);
            }
            assertEquals(IoStatus.OK, client.write(0, lost, 1, 4));
            harness.disk.faults().clear();
            harness.powerCutAndOpen();
            client.attach();
            for (int i = 0; i < FRAGMENTS; i++) {
                assertEquals(i == lost ? 4 : 2, client.readVersion(0, i), "fragment " + i);
            }
        }
    }

    /**
     * A shadow is kept until its last batch is of no use: what its first ones say may be obsolete.
     */
    @ParameterizedTest
    @ValueSource(ints = {0, BLOCK})
    void aBatchThatNobodyNeedsAnyMoreMayBeUnreadable(int unreadable) {
        try (StoreHarness opened = StoreHarness.formatted(1, DEVICE_BYTES, BLOCK)) {
            harness = opened;
            client = new StoreClient(opened, 5, 512);
            client.attach();
            int all = client.fragments();
            assertEquals(IoStatus.OK, client.write(0, 0, all, 1));
            assertEquals(IoStatus.OK, client.write(1, 0, all, 2));
            assertEquals(IoStatus.OK, client.commit(2));
            harness.runUntilIdle();
            assertEquals(IoStatus.OK, client.write(0, 0, all, 3));
            StoreParts parts = harness.store().parts();
            long obsolete = parts.ring.headSequence();
            assertEquals(IoStatus.OK, client.write(1, 0, all, 4));
            assertTrue(parts.shadowWriter.start(true));
            harness.engine.runUntil(parts.shadowWriter::isIdle);
            JournalRing ring = parts.ring;
            assertNotSame(ring.image(), ring.areaOf(obsolete));
            assertSame(ring.areaOf(obsolete), ring.areaOf(obsolete + 1));
            int firstInRing = ring.offset(ring.positionOf(obsolete));
            int secondInRing = ring.offset(ring.positionOf(obsolete + 1));
            int bytes = ring.sizeOf(obsolete + 1);
            assertEquals(IoStatus.OK, client.commit(3));
            harness.runUntilIdle();
            assertEquals(IoStatus.OK, client.write(2, 0, 1, 5));
            assertEquals(obsolete + 1, ring.recordedTailSequence());
            harness.powerCut();
            eraseInRing(firstInRing, BLOCK);
            eraseInRing(secondInRing, bytes);
            harness.disk.faults().failReads(LAYOUT.shadowOffset(0) + unreadable, BLOCK);
            harness.open();
            assertEquals(3, client.attach());
            for (int fragment = 0; fragment < all; fragment++) {
                assertEquals(3, client.readVersion(0, fragment), "fragment " + fragment);
                assertEquals(4, client.readVersion(1, fragment), "fragment " + fragment);
            }
        }
    }
}
