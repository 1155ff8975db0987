package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.store.StoreHarness.Call;
import org.junit.jupiter.api.Test;

/** The record of a deletion is durable, and then the device fails: nothing is wiped any more. */
class FailedDeletionTest {
    private static final long DEVICE_BYTES = 16 << 20;
    private static final long SECOND_NS = 1_000_000_000L;

    @Test
    void isAnsweredAndTheStoreCanBeClosed() {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512)) {
            StoreClient client = new StoreClient(harness, 7, 4096);
            client.attach();
            for (int lpa = 0; lpa < 10; lpa++) {
                assertEquals(IoStatus.OK, client.write(lpa, 0, 32, 1 + lpa));
            }
            assertEquals(IoStatus.OK, client.commit(10));
            harness.runUntilIdle();
            failWritesToPages(harness);
            Call call = harness.submit(client.call(FragmentOp.DELETE, 0, 0, 0));
            harness.runUntilIdle();
            assertNotNull(harness.store().failure());
            assertTrue(call.isDone(), "the command waits for ever");
            assertEquals(IoStatus.MEDIA_ERROR, call.status);
            boolean[] closed = {false};
            harness.store().close(() -> closed[0] = true);
            harness.simulation().runFor(SECOND_NS);
            assertTrue(closed[0]);

            harness.disk.faults().clear();
            harness.powerCutAndOpen();
            client.attach();
            assertEquals(0, client.readVersion(3, 0), "it goes on with the next start");
        }
    }

    private static void failWritesToPages(StoreHarness harness) {
        Layout layout = Layout.plan(DEVICE_BYTES, 512, 8, StoreConfig.defaults().ringBytesMax());
        harness.disk.faults().failWrites(layout.pagesOffset(), DEVICE_BYTES - layout.pagesOffset());
    }
}
