package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.store.StoreHarness.Call;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Discards of chunks that were never written leave nothing in a store where all are in sync, but
 * their records stay in the ring as long as something else holds its tail: more of them than the
 * store has pages, and than its index was made for.
 */
class DiscardedRingTest {
    private static final long DEVICE_BYTES = 16 << 20;
    private static final int KEYS = 500;
    private static final int AT_A_TIME = 100;
    private static final int ROUNDS = 3;
    private static final int FRAGMENTS = 7;

    /** More pages than a round of merging takes, with headers of so many bytes in memory. */
    private static final int WAITING = 12;

    private static final int HEADERS_BYTES = 1 << 16;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void isReplayedHoweverManyChunksItNames(boolean allInSync) {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512)) {
            StoreClient holder = holderOfTheTail(harness);
            StoreClient client = new StoreClient(harness, 6, 4096);
            client.attach();
            assertEquals(IoStatus.OK, client.write(0, 0, 32, 1));
            discardAll(client, 1);
            assertEquals(2, harness.store().parts().index.count(), "all else was dropped");

            for (int opened = 0; opened < 3; opened++) {
                harness.powerCutAndOpen();
                assertEquals(1, holder.attach());
                assertEquals(2, holder.readVersion(0, 0));
                assertEquals(client.watermark, client.attach());
                client.allInSync = allInSync;
                assertEquals(1, client.readVersion(0, 31));
                harness.runUntilIdle();
                assertEquals(2, harness.store().parts().index.count(), "dropped as before");
            }
            client.allInSync = true;
            assertEquals(IoStatus.OK, client.commit(client.watermark + 1));
            harness.runUntilIdle();
            assertEquals(2, harness.store().parts().index.count());
            assertEquals(2, harness.store().stats().pagesUsed());
            assertEquals(0, client.readVersion(1, 0));
            for (int lpa = 1; lpa < 50; lpa++) {
                assertEquals(IoStatus.OK, client.write(lpa, 0, 32, client.watermark + lpa));
            }
        }
    }

    /** A record of 32 bytes is of as many versions as a chunk has fragments. */
    @ParameterizedTest
    @ValueSource(ints = {0, WAITING})
    void isReplayedInTheMemoryOfTheStoreThatRan(int waiting) {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512)) {
            StoreClient holder = holderOfTheTail(harness);
            waitInFreshPages(holder, waiting);
            StoreClient client = new StoreClient(harness, 6, 4096);
            client.attach();
            assertEquals(IoStatus.OK, client.write(0, 0, 32, 1));
            discardAll(client, FRAGMENTS);
            int capacity = harness.store().parts().entries.capacity();
            assertTrue(capacity < ROUNDS * KEYS * FRAGMENTS);
            harness.config = withHeaderCacheBytes(harness.config, HEADERS_BYTES);
            harness.powerCutAndOpen();
            assertEquals(capacity, harness.store().parts().entries.capacity());
            assertEquals(1, holder.attach());
            assertEquals(2, holder.readVersion(0, 0));
        }
    }

    /**
     * Its records would be dropped by nobody else; it must not be forgotten that they were there.
     */
    @ParameterizedTest
    @ValueSource(ints = {3, 40})
    void isReplayedWithADeletionUnderWay(int requestsUntilCut) {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512)) {
            StoreClient deleted = holderOfTheTail(harness);
            StoreClient client = new StoreClient(harness, 6, 4096);
            client.attach();
            assertEquals(IoStatus.OK, client.write(0, 0, 32, 1));
            discardAll(client, 1);
            harness.submit(deleted.call(FragmentOp.DELETE, 0, 0, 0));
            harness.simulation().runFor(requestsUntilCut * 10_000L);
            harness.powerCutAndOpen();
            client.attach();
            assertEquals(1, client.readVersion(0, 31));
            assertEquals(IoStatus.OK, client.write(70, 0, 1, client.watermark + 1));
        }
    }

    /** Two versions above the watermark of each wait in the journal, and nothing is at home. */
    private static void waitInFreshPages(StoreClient client, int pages) {
        for (int version = 3; version <= 4; version++) {
            for (int lpa = 1; lpa <= pages; lpa++) {
                assertEquals(IoStatus.OK, client.write(lpa, 0, 1, version));
            }
        }
    }

    private static StoreConfig withHeaderCacheBytes(StoreConfig config, int bytes) {
        return new StoreConfig(
                config.ringBytesMax(),
                bytes,
                config.mergeBufferBytes(),
                config.readBufferBytes(),
                config.entriesMax(),
                config.bypassBytesMin(),
                config.mergePercent(),
                config.idleMergeNs());
    }

    /** A version above the watermark over one that is at home waits in the journal. */
    private static StoreClient holderOfTheTail(StoreHarness harness) {
        StoreClient holder = new StoreClient(harness, 5, 4096);
        holder.attach();
        assertEquals(IoStatus.OK, holder.write(0, 0, 1, 1));
        assertEquals(IoStatus.OK, holder.commit(1));
        harness.runUntilIdle();
        assertEquals(IoStatus.OK, holder.write(0, 0, 1, 2));
        return holder;
    }

    private static void discardAll(StoreClient client, int fragments) {
        long version = 1;
        for (int round = 0; round < ROUNDS; round++) {
            for (int from = 0; from < KEYS; from += AT_A_TIME) {
                List<Call> calls = new ArrayList<>();
                for (int i = 0; i < AT_A_TIME; i++) {
                    long lpa = 1000L + round * KEYS + from + i;
                    calls.add(
                            client.harness.submit(client.unmapCall(lpa, 0, fragments, ++version)));
                }
                for (Call call : calls) {
                    assertEquals(IoStatus.OK, client.harness.finish(call));
                }
            }
            assertEquals(IoStatus.OK, client.commit(version));
            client.harness.runUntilIdle();
        }
        assertTrue(client.harness.store().stats().pagesTotal() < KEYS);
    }
}
