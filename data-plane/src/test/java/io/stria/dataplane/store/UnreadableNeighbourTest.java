package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.IoStatus;
import org.junit.jupiter.api.Test;

/**
 * Blocks of 4096 bytes hold several fragments each. Of adjacent blocks that are merged together one
 * cannot be read: what else lies in the others is there yet.
 */
class UnreadableNeighbourTest {
    private static final long DEVICE_BYTES = 16 << 20;
    private static final int VUID = 7;
    private static final int BLOCK = 4096;
    private static final int PER_BLOCK = 8;
    private static final int BLOCKS = 4;
    private static final int UNREADABLE = 2;

    @Test
    void onlyWhatCannotBeReadIsLost() {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, BLOCK)) {
            StoreClient client = new StoreClient(harness, VUID, BLOCK / PER_BLOCK);
            client.attach();
            assertEquals(IoStatus.OK, client.write(0, 0, client.fragments(), 10));
            assertEquals(IoStatus.OK, client.commit(10));
            harness.runUntilIdle();
            harness.powerCutAndOpen();
            client.attach();
            for (int block = 0; block < BLOCKS; block++) {
                assertEquals(IoStatus.OK, client.write(0, block * PER_BLOCK, 1, 20));
            }
            assertEquals(IoStatus.OK, client.commit(20));
            harness.disk.faults().failReads(dataOffset(harness) + UNREADABLE * BLOCK, BLOCK);
            harness.runUntilIdle();
            assertEquals(BLOCKS, harness.store().stats().mergedFragments());
            long readErrors = harness.store().stats().readErrors();
            harness.disk.faults().clear();

            for (int i = 0; i < client.fragments(); i++) {
                long found = client.readVersion(0, i);
                if (i < BLOCKS * PER_BLOCK && i % PER_BLOCK == 0) {
                    assertEquals(20, found, "fragment " + i);
                } else {
                    assertEquals(i / PER_BLOCK == UNREADABLE ? -2 : 10, found, "fragment " + i);
                }
            }
            assertEquals(2, readErrors, "all four blocks at once, and the one");
        }
    }

    /** Of a long read it is only one block of many that the device cannot give. */
    @Test
    void aReadOfManyBlocksLosesOnlyTheOneThatCannotBeRead() {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, BLOCK)) {
            StoreClient client = new StoreClient(harness, VUID, BLOCK / PER_BLOCK);
            client.attach();
            assertEquals(IoStatus.OK, client.write(0, 0, client.fragments(), 10));
            assertEquals(IoStatus.OK, client.commit(10));
            harness.runUntilIdle();
            harness.powerCutAndOpen();
            client.attach();
            int count = BLOCKS * PER_BLOCK;
            harness.disk.faults().failReads(dataOffset(harness) + UNREADABLE * BLOCK, BLOCK);
            StoreHarness.Call call = client.read(0, 0, count);
            for (int i = 0; i < count; i++) {
                long found = StoreClient.checked(call, i, client.address(0, i));
                assertEquals(i / PER_BLOCK == UNREADABLE ? -2 : 10, found, "fragment " + i);
            }
            assertEquals(2, harness.store().stats().readErrors(), "all at once, and the one");
            assertNull(harness.store().failure());
        }
    }

    private static long dataOffset(StoreHarness harness) {
        PageIndex index = harness.store().parts().index;
        int page = index.page(index.find((long) VUID << DeviceAddress.VUID_SHIFT));
        return Layout.plan(DEVICE_BYTES, BLOCK, 8, StoreConfig.defaults().ringBytesMax())
                .dataOffset(page);
    }
}
