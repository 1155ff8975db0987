package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.sim.DiskObserver;
import org.junit.jupiter.api.Test;

/** The power goes while a volume is deleted: its deletion is the last thing the journal says. */
class InterruptedDeletionTest {
    private static final long DEVICE_BYTES = 16 << 20;

    @Test
    void whatOtherVolumesHaveOnlyInTheJournalStaysThere() {
        for (int seed = 1; seed <= 60; seed++) {
            try (StoreHarness harness = StoreHarness.formatted(seed, DEVICE_BYTES, 512)) {
                deleteAndCutPower(harness, seed % 15);
                assertRecovered(harness, "seed " + seed);
            }
        }
    }

    private static void deleteAndCutPower(StoreHarness harness, int requestsUntilCut) {
        StoreClient deleted = new StoreClient(harness, 7, 512);
        StoreClient other = new StoreClient(harness, 8, 512);
        deleted.attach();
        other.attach();
        for (int lpa = 0; lpa < 10; lpa++) {
            deleted.write(lpa, 0, 1, lpa + 1);
        }
        deleted.commit(10);
        other.write(1, 0, other.fragments(), 1);
        other.commit(1);
        harness.runUntilIdle();
        other.write(1, 5, 1, 2);
        harness.submit(deleted.call(FragmentOp.DELETE, 0, 0, 0));
        cutPowerAt(harness, requestsUntilCut);
    }

    private static void assertRecovered(StoreHarness harness, String seed) {
        harness.restartHost();
        harness.open();
        StoreClient other = new StoreClient(harness, 8, 512);
        other.attach();
        assertEquals(2, other.readVersion(1, 5), seed);
        StoreClient deleted = new StoreClient(harness, 7, 512);
        deleted.attach();
        for (int i = 0; i < 40; i++) {
            assertEquals(IoStatus.OK, deleted.write(i % 7, i, 1, 100 + i), seed);
        }
        harness.runUntilIdle();
        harness.powerCutAndOpen();
        other.attach();
        assertEquals(2, other.readVersion(1, 5), seed);
        assertEquals(1, version(other), seed);
    }

    private static long version(StoreClient client) {
        return StoreClient.checked(client.readAt(1, 5, 1, 1), 0, client.address(1, 5));
    }

    private static void cutPowerAt(StoreHarness harness, int requests) {
        int[] left = {requests};
        boolean[] cut = {false};
        harness.disk.observe((DiskObserver.Kind kind, long offset, long length) -> {
            if (left[0]-- == 0) {
                cut[0] = true;
                harness.host.powerCut();
            }
        });
        harness.simulation().runUntil(() -> cut[0], 1_000_000_000L);
        harness.disk.observe(null);
        if (!cut[0]) {
            harness.host.powerCut();
        }
    }
}
