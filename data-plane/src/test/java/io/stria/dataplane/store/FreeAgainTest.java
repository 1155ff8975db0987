package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.IoStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds tombstones alone is free again some time after the last command, and not in use. */
class FreeAgainTest {
    private static final int PAGES = 12;

    /** More often than a store needs to be idle. */
    private static final int IO_EVERY_MS = 40;

    /** All that the device has. */
    private static final long SMALL_DEVICE_BYTES = 2_949_120;

    /** A store that is not asked for anything has merged all that it may by then. */
    private static final long MERGES_NS = 2_000_000_000L;

    private long version;

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void aVolumeThatWasDiscardedTakesNoPage(int block) {
        try (StoreHarness harness = StoreHarness.formatted(1, 64L << 20, block)) {
            StoreClient client = new StoreClient(harness, 7, 2048);
            client.attach();
            for (int lpa = 0; lpa < PAGES; lpa++) {
                assertEquals(IoStatus.OK, client.write(lpa, 0, client.fragments(), ++version));
            }
            client.commit(version);
            for (int lpa = 0; lpa < PAGES; lpa++) {
                assertEquals(IoStatus.OK, client.unmap(lpa, 0, client.fragments(), ++version));
            }
            client.commit(version);
            expectAllFree(harness);
        }
    }

    /**
     * Tombstones of chunks that never had a page need one to go home, and there is none: it is
     * those of other chunks that hold all, and are not wiped before the tail has passed the first.
     */
    @Test
    void aFullDeviceThatWasDiscardedTakesNoPage() {
        try (StoreHarness harness = StoreHarness.formatted(1, SMALL_DEVICE_BYTES, 4096)) {
            StoreClient client = new StoreClient(harness, 7, 2048);
            client.attach();
            int pages = fill(client);
            client.commit(version);
            int quarter = client.fragments() / 4;
            for (int lpa = 0; lpa < 2 * pages; lpa++) {
                for (int first = 0; first < client.fragments(); first += quarter) {
                    assertEquals(IoStatus.OK, client.unmap(lpa, first, quarter, ++version));
                }
            }
            client.commit(version);
            expectAllFree(harness);
        }
    }

    /** Whoever reads all the time keeps the store from being idle, and brings no batch. */
    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void whatWasDiscardedIsFreeAlthoughHostsReadAllTheTime(int block) {
        try (StoreHarness harness = StoreHarness.formatted(1, 64L << 20, block)) {
            StoreClient client = discardedButOnePage(harness);
            expectOnePageInUseAfter(30, harness, () -> client.read(PAGES, 0, 1));
        }
    }

    /** The ring hardly fills, and what was discarded pins its tail. */
    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void whatWasDiscardedIsFreeAlthoughHostsWriteNowAndThen(int block) {
        try (StoreHarness harness = StoreHarness.formatted(1, 64L << 20, block)) {
            StoreClient client = discardedButOnePage(harness);
            expectOnePageInUseAfter(
                    30,
                    harness,
                    () -> {
                        assertEquals(IoStatus.OK, client.write(PAGES, 0, 1, ++version));
                        client.watermark = version;
                    });
        }
    }

    /** A tombstone above the watermark and the write that it hides stay in the journal together. */
    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void whatWasWrittenAndDiscardedAtOnceTakesNoPage(int block) {
        try (StoreHarness harness = StoreHarness.formatted(1, 64L << 20, block)) {
            StoreClient client = new StoreClient(harness, 7, 2048);
            client.attach();
            assertEquals(IoStatus.OK, client.write(0, 0, 1, 1));
            client.commit(1);
            assertEquals(IoStatus.OK, client.unmap(0, 0, 1, 2));
            assertEquals(IoStatus.OK, client.write(0, 0, 1, 3));
            assertEquals(IoStatus.OK, client.unmap(0, 0, 1, 4));
            harness.simulation().runFor(MERGES_NS);
            client.commit(2);
            harness.simulation().runFor(MERGES_NS);
            assertEquals(IoStatus.OK, client.unmap(0, 1, 1, 5)); // brings the page's next merge
            harness.simulation().runFor(MERGES_NS);
            assertEquals(2, harness.store().stats().journalEntries());
            client.commit(5);
            expectAllFree(harness);
        }
    }

    /** Its journal names a page for the chunk, and then says that nothing of it is there. */
    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void aChunkThatWasFreedBeforeItWentHomeTakesNoPageAfterAPowerCut(int block) {
        try (StoreHarness harness = StoreHarness.formatted(1, 64L << 20, block)) {
            StoreClient client = new StoreClient(harness, 7, 2048);
            client.attach();
            for (int lpa = 0; lpa < PAGES; lpa++) {
                assertEquals(IoStatus.OK, client.write(lpa, 0, 1, ++version));
                assertEquals(IoStatus.OK, client.free(lpa, 0, client.fragments()));
            }
            harness.powerCutAndOpen();
            client.attach();
            client.commit(version);
            expectAllFree(harness);
        }
    }

    private StoreClient discardedButOnePage(StoreHarness harness) {
        StoreClient client = new StoreClient(harness, 7, 2048);
        client.attach();
        for (int lpa = 0; lpa <= PAGES; lpa++) {
            assertEquals(IoStatus.OK, client.write(lpa, 0, client.fragments(), ++version));
        }
        client.commit(version);
        for (int lpa = 0; lpa < PAGES; lpa++) {
            assertEquals(IoStatus.OK, client.unmap(lpa, 0, client.fragments(), ++version));
        }
        client.commit(version);
        return client;
    }

    private static void expectOnePageInUseAfter(int seconds, StoreHarness harness, Runnable io) {
        for (int i = 0; i < seconds * 1_000 / IO_EVERY_MS; i++) {
            io.run();
            harness.simulation().runFor(IO_EVERY_MS * 1_000_000L);
        }
        StoreStats stats = harness.store().stats();
        assertEquals(1, stats.pagesUsed(), stats.toString());
        assertEquals(0, stats.pagesQuarantined(), stats.toString());
    }

    private int fill(StoreClient client) {
        int pages = 0;
        while (client.write(pages, 0, client.fragments(), ++version) == IoStatus.OK) {
            client.watermark = version;
            pages++;
        }
        assertTrue(pages > 2, "pages on the device: " + pages);
        return pages;
    }

    private static void expectAllFree(StoreHarness harness) {
        harness.runUntilIdle();
        StoreStats stats = harness.store().stats();
        assertEquals(0, stats.pagesUsed(), stats.toString());
        assertEquals(0, stats.pagesQuarantined(), stats.toString());
        assertEquals(0, stats.journalEntries(), stats.toString());
    }
}
