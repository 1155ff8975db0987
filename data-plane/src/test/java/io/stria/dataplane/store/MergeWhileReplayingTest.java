package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.IoStatus;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The journal holds an older version of a fragment, then what made its place void, then the record
 * of what was put straight home there. A deletion between them has the replay merge before it comes
 * to that record.
 */
class MergeWhileReplayingTest {
    private static final long DEVICE_BYTES = 16 << 20;

    /** As a chunk that has moved away and back. */
    @ParameterizedTest
    @CsvSource({"512, 4096", "512, 512", "4096, 4096", "4096, 512"})
    void leavesWhatWasPutHomeOnceTheChunkWasFree(int block, int fragment) {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, block)) {
            StoreClient holder = holderOfTheTail(harness);
            StoreClient client = new StoreClient(harness, 6, fragment);
            client.attach();
            assertEquals(IoStatus.OK, client.write(0, 3, 1, 1));
            commitAndMerge(client, 1);
            deleteAnother(harness);
            assertEquals(IoStatus.OK, client.free(0, 0, client.fragments()));
            commitAndMerge(client, 2);
            putHome(client, 3);

            assertFoundAgain(harness, holder, client, 3);
        }
    }

    /** As a fragment that was repaired, and then discarded by its host. */
    @ParameterizedTest
    @CsvSource({"512, 4096", "512, 512", "4096, 4096", "4096, 512"})
    void leavesWhatWasPutHomeOnceTheRepairedFragmentWasUnmapped(int block, int fragment) {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, block)) {
            StoreClient holder = holderOfTheTail(harness);
            StoreClient client = new StoreClient(harness, 6, fragment);
            client.attach();
            assertEquals(IoStatus.OK, client.replace(0, 3, 1, 1, 0));
            commitAndMerge(client, 1);
            deleteAnother(harness);
            assertEquals(IoStatus.OK, client.unmap(0, 0, client.fragments(), 2));
            commitAndMerge(client, 2);
            putHome(client, 3);

            assertFoundAgain(harness, holder, client, 3);
        }
    }

    /** A version above the watermark over one that is at home waits in the journal. */
    private static StoreClient holderOfTheTail(StoreHarness harness) {
        StoreClient holder = new StoreClient(harness, 5, 4096);
        holder.attach();
        assertEquals(IoStatus.OK, holder.write(0, 0, 1, 1));
        commitAndMerge(holder, 1);
        assertEquals(IoStatus.OK, holder.write(0, 0, 1, 2));
        return holder;
    }

    private static void deleteAnother(StoreHarness harness) {
        StoreClient other = new StoreClient(harness, 7, 4096);
        other.attach();
        assertEquals(IoStatus.OK, other.write(0, 0, 1, 1));
        assertEquals(IoStatus.OK, other.delete());
    }

    private static void commitAndMerge(StoreClient client, long version) {
        assertEquals(IoStatus.OK, client.commit(version));
        client.harness.runUntilIdle();
    }

    private static void putHome(StoreClient client, long version) {
        long before = client.harness.store().stats().bypassedBytes();
        assertEquals(IoStatus.OK, client.write(0, 0, client.fragments(), version));
        assertTrue(client.harness.store().stats().bypassedBytes() > before);
    }

    private static void assertFoundAgain(
            StoreHarness harness, StoreClient holder, StoreClient client, long version) {
        for (int opened = 0; opened < 3; opened++) {
            harness.powerCutAndOpen();
            holder.attach();
            assertEquals(2, holder.readVersion(0, 0));
            client.attach();
            for (int i = 0; i < client.fragments(); i++) {
                assertEquals(version, client.readVersion(0, i), "fragment " + i);
            }
        }
    }
}
