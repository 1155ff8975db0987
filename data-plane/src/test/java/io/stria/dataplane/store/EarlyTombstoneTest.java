package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.IoStatus;
import org.junit.jupiter.api.Test;

/**
 * Versions 2 and 3 and a tombstone 4 are above the watermark, and nothing is at home. If 4 went
 * there alone, 2 and 3 could be copied to the head of the ring; and when 4 is committed, 5, which
 * is not, takes its place at home. Then a replay would find 2 and 3, and nothing that hides them.
 */
class EarlyTombstoneTest {
    @Test
    void whatATombstoneHidThatWentHomeEarlyDoesNotComeBack() {
        try (StoreHarness harness = StoreHarness.formatted(1, 4 << 20, 512)) {
            StoreParts parts = harness.store().parts();
            StoreClient hot = new StoreClient(harness, 7, 4096);
            StoreClient pin = new StoreClient(harness, 9, 4096);
            hot.attach();
            pin.attach();
            assertEquals(IoStatus.OK, hot.write(0, 8, 1, 1));
            assertEquals(IoStatus.OK, pin.write(0, 0, 1, 1));
            assertEquals(IoStatus.OK, hot.commit(1));
            assertEquals(IoStatus.OK, pin.commit(1));
            harness.runUntilIdle();
            assertEquals(IoStatus.OK, hot.write(0, 0, 1, 2));
            assertEquals(IoStatus.OK, hot.write(0, 0, 1, 3));
            assertEquals(IoStatus.OK, hot.unmap(0, 0, 1, 4));
            long tombstone = parts.ring.headSequence();
            harness.runUntilIdle();
            assertEquals(IoStatus.OK, pin.write(0, 0, 1, 2));
            // As a command does that has not come to its batch yet.
            parts.pages.hold(parts.index.find((long) pin.vuid << DeviceAddress.VUID_SHIFT));
            TailCopier copier =
                    new TailCopier(
                            parts.pages, parts.ring, parts.commit, parts.vuids, parts.counters);
            assertTrue(copier.copy(false)); // of what has not gone home
            harness.runUntilIdle();
            long copies = parts.ring.headSequence();
            assertEquals(IoStatus.OK, hot.commit(4));
            harness.runUntilIdle();
            assertEquals(IoStatus.OK, hot.write(0, 0, 4, 5));
            long tail = parts.ring.recordedTailSequence();
            assertTrue(tombstone < tail && tail <= copies);
            harness.powerCutAndOpen();
            hot.attach();
            assertEquals(
                    StoreClient.tombstone(4),
                    StoreClient.checked(hot.readAt(0, 0, 1, 4), 0, hot.address(0, 0)));
        }
    }
}
