package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.device.Version;
import io.stria.dataplane.store.StoreHarness.Call;
import java.util.ArrayDeque;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Hosts discard a volume while a slot of it catches up: the store keeps the watermark with which it
 * came back, and of what it has been filled with nothing but tombstones may be left.
 */
class DiscardWhileBehindTest {
    private static final int PAGES = 512;
    private static final int IN_FLIGHT = 32;
    private static final int FRAGMENT = 512;
    private static final long SOON_NS = 50_000_000L;

    private final ArrayDeque<Call> inFlight = new ArrayDeque<>();

    /**
     * @param epoch of the volume, above that of the watermark or not
     */
    @ParameterizedTest
    @CsvSource({"512, 1", "512, 3", "4096, 3"})
    void tombstonesGoHomeOverDataAndNobodyWaitsForThem(int block, int epoch) {
        try (StoreHarness harness = StoreHarness.formatted(1, 128L << 20, block)) {
            StoreClient behind = new StoreClient(harness, 7, FRAGMENT);
            int all = behind.fragments();
            behind.allInSync = false;
            behind.attach();
            assertEquals(IoStatus.OK, behind.write(0, 0, 1, Version.of(1, 1)));
            assertEquals(IoStatus.OK, behind.commit(Version.of(1, 1)));
            behind.epoch = epoch;
            behind.attach();
            StoreClient other = new StoreClient(harness, 8, FRAGMENT);
            other.attach();
            for (int lpa = 0; lpa < PAGES; lpa++) {
                long version = Version.of(epoch, 2 + lpa);
                assertEquals(IoStatus.OK, behind.replace(lpa, 0, all, version, 0));
            }
            JournalEntries entries = harness.store().parts().entries;
            int planned = entries.capacity();

            assertTrue(PAGES * all > planned, "all of them find room");
            for (int lpa = 0; lpa < PAGES; lpa++) {
                Call call = behind.unmapCall(lpa, 0, all, discarded(epoch, lpa));
                call.request.dropsOthers = true;
                inFlight.add(harness.submit(call));
                while (inFlight.size() > (lpa == PAGES - 1 ? 0 : IN_FLIGHT)) {
                    assertEquals(IoStatus.OK, harness.finish(inFlight.remove()));
                }
                if (lpa % 64 == 0) {
                    expectSoon(harness, other.writeCall(0, 0, 8, lpa + 1));
                }
            }
            harness.runUntilIdle();
            assertEquals(planned, entries.capacity());
            assertTrue(entries.count() < 100, entries.count() + " versions stay in the journal");
            expectTombstones(behind);

            harness.powerCutAndOpen();
            behind.attach();
            expectTombstones(behind);
            behind.allInSync = true;
            assertEquals(IoStatus.OK, behind.commit(discarded(epoch, PAGES)));
            harness.runUntilIdle();
            harness.runUntilIdle();
            assertEquals(1, harness.store().stats().pagesUsed(), "that of the other volume");
        }
    }

    /** Its page would hold nothing but tombstones, and be kept until all slots are in sync. */
    @ParameterizedTest
    @CsvSource({"512", "4096"})
    void aChunkOfWhichNothingIsHereTakesNoPage(int block) {
        try (StoreHarness harness = StoreHarness.formatted(1, 16L << 20, block)) {
            StoreClient behind = new StoreClient(harness, 7, FRAGMENT);
            behind.allInSync = false;
            behind.attach();
            Call never = behind.unmapCall(5000, 0, behind.fragments(), Version.of(1, 1));
            never.request.dropsOthers = true;
            expectSoon(harness, never, IoStatus.OK);
            assertEquals(0, harness.store().stats().pagesUsed());
            int pages = 0;
            while (behind.replace(pages, 0, behind.fragments(), Version.of(1, pages + 1), 0)
                    == IoStatus.OK) {
                pages++;
            }
            Call call = behind.unmapCall(pages + 1, 0, behind.fragments(), Version.of(1, 1000));
            call.request.dropsOthers = true;
            expectSoon(harness, call, IoStatus.OK);
            assertEquals(0, behind.list(Version.of(1, 999), 1000).size());
            Call there = behind.unmapCall(0, 0, behind.fragments(), Version.of(1, 1001));
            there.request.dropsOthers = true;
            expectSoon(harness, there, IoStatus.OK);
            assertEquals(StoreClient.tombstone(Version.of(1, 1001)), behind.readVersion(0, 0));
        }
    }

    private static long discarded(int epoch, int lpa) {
        return Version.of(epoch, 2 + PAGES + lpa);
    }

    private static void expectSoon(StoreHarness harness, Call call) {
        expectSoon(harness, call, IoStatus.OK);
    }

    private static void expectSoon(StoreHarness harness, Call call, IoStatus status) {
        harness.submit(call);
        assertTrue(harness.simulation().runUntil(call::isDone, SOON_NS), "it waits");
        assertEquals(status, call.status);
    }

    private static void expectTombstones(StoreClient client) {
        int last = client.fragments() - 1;
        for (int lpa = 0; lpa < PAGES; lpa++) {
            long version = discarded(client.epoch, lpa);
            assertEquals(StoreClient.tombstone(version), client.readVersion(lpa, 0));
            assertEquals(StoreClient.tombstone(version), client.readVersion(lpa, last));
        }
        assertEquals(PAGES * client.fragments(), client.list(Version.of(1, 1), 1000).size());
    }
}
