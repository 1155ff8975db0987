package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.store.StoreHarness.Call;
import org.junit.jupiter.api.Test;

/** A watermark that is heard of with the command that deletes its volume, or beside it. */
class DeletedWatermarkTest {
    private static final long DEVICE_BYTES = 16 << 20;

    private static StoreClient written(StoreHarness harness) {
        StoreClient client = new StoreClient(harness, 7, 4096);
        client.attach();
        assertEquals(IoStatus.OK, client.write(0, 0, 1, 10));
        client.watermark = 10;
        return client;
    }

    @Test
    void isGoneWithIt() {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512)) {
            StoreClient client = written(harness);
            assertEquals(IoStatus.OK, client.delete());
            assertEquals(0, client.attach());
            harness.powerCutAndOpen();
            assertEquals(0, client.attach());
        }
    }

    @Test
    void isNotWaitedFor() {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512)) {
            StoreClient client = written(harness);
            Call delete = harness.submit(client.call(FragmentOp.DELETE, 0, 0, 0));
            Call commit = harness.submit(client.call(FragmentOp.COMMIT, 0, 0, 0));
            assertEquals(IoStatus.OK, harness.finish(delete));
            assertEquals(IoStatus.ABORTED, harness.finish(commit));
        }
    }
}
