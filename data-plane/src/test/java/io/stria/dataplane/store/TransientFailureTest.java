package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.stria.dataplane.device.IoStatus;
import org.junit.jupiter.api.Test;

/**
 * A device that fails everything for a while, and has it all when it is back: what could not be
 * read in between must not have been written as lost.
 */
class TransientFailureTest {
    private static final long DEVICE_BYTES = 16 << 20;
    private static final int VUID = 7;

    @Test
    void aPageThatWasBeingMergedIsWholeWhenTheDeviceIsBack() {
        for (long seed = 1; seed <= 40; seed++) {
            for (int fragmentBytes : new int[] {4096, 512}) {
                mergeOnAFailingDevice(seed, fragmentBytes);
            }
        }
    }

    private static void mergeOnAFailingDevice(long seed, int fragmentBytes) {
        String what = "seed " + seed + ", fragments of " + fragmentBytes;
        try (StoreHarness harness = StoreHarness.formatted(seed, DEVICE_BYTES, 4096)) {
            StoreClient client = new StoreClient(harness, VUID, fragmentBytes);
            client.attach();
            int fragments = (128 << 10) / fragmentBytes;
            assertEquals(IoStatus.OK, client.write(3, 0, fragments, 10), what);
            assertEquals(IoStatus.OK, client.commit(10), what);
            harness.runUntilIdle();
            harness.powerCut();
            harness.open();
            client.attach();
            harness.runUntilIdle();
            assertEquals(IoStatus.OK, client.write(3, 5, 1, 300), what);
            assertEquals(IoStatus.OK, client.commit(300), what);
            harness.disk.faults().failEverything();
            harness.runUntilIdle();
            assertNotNull(harness.store().failure(), what);
            harness.powerCut();
            harness.disk.faults().clear();
            harness.open();
            client.attach();
            for (int i = 0; i < fragments; i++) {
                assertEquals(i == 5 ? 300 : 10, client.readVersion(3, i), what + ", " + i);
            }
        }
    }
}
