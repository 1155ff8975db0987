package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.sim.DiskObserver;
import org.junit.jupiter.api.Test;

/**
 * A device that fails everything for a while, and has it all when it is back: what could not be
 * read in between must not have been written as lost.
 */
class TransientFailureTest {
    private static final long DEVICE_BYTES = 16 << 20;
    private static final int VUID = 7;
    private static final int PAGES = 20;
    private static final long MOMENT_NS = 20_000_000L;

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

    /** At every request of the opening; most pages are known by their headers alone. */
    @Test
    void oneThatFailsForAMomentWhileItIsOpenedIsRefusedAndHasAllWhenItIsBack() {
        int refused = 0;
        boolean opened = false;
        while (!opened) {
            try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512)) {
                StoreClient client = filled(harness);
                harness.powerCut();
                String what = "failed at request " + refused;
                openFailingAt(harness, refused);
                opened = harness.isOpen();
                if (opened) {
                    assertFalse(harness.store().parts().lost.any(), what);
                } else {
                    refused++;
                }
                harness.powerCutAndOpen();
                assertEquals(PAGES, client.attach(), what);
                for (int lpa = 0; lpa < PAGES; lpa++) {
                    assertEquals(1 + lpa, client.readVersion(lpa, 31), what);
                }
            }
        }
        assertTrue(refused > PAGES + 5, refused + " moments");
    }

    private static void openFailingAt(StoreHarness harness, int request) {
        int[] left = {request};
        harness.disk.observe((DiskObserver.Kind kind, long offset, long length) -> {
            if (left[0]-- == 0) {
                harness.disk.faults().failEverything();
                harness.simulation().after(MOMENT_NS, harness.disk.faults()::clear);
            }
        });
        harness.beginOpen();
        harness.engine.runUntil(() -> harness.isOpen() || harness.refusal != null);
        harness.disk.observe(null);
        harness.runUntilIdle();
    }

    private static StoreClient filled(StoreHarness harness) {
        StoreClient client = new StoreClient(harness, VUID, 4096);
        client.attach();
        for (int lpa = 0; lpa < PAGES; lpa++) {
            assertEquals(IoStatus.OK, client.write(lpa, 0, 32, 1 + lpa));
        }
        assertEquals(IoStatus.OK, client.commit(PAGES));
        harness.runUntilIdle();
        return client;
    }
}
