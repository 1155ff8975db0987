package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.store.StoreHarness.Call;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All headers in memory are dirty, and what is to be merged first is of a page with none there. */
class HeaderShortageTest {
    private static final int GROUPS = 16;
    private static final int FAR = 100;
    private static final int MIB = 1 << 20;

    @Test
    void mergingBeginsWithThePagesWhoseHeadersAreThere() {
        try (StoreHarness harness = formatted(GROUPS)) {
            StoreClient client = overwrittenPage(harness);
            dirtyHeaders(client, GROUPS);
            assertEquals(IoStatus.OK, client.commit(2 + GROUPS));
            harness.runUntilIdle();
            assertEquals(0, harness.store().stats().dirtyHeaders());
            assertEquals(0, harness.store().stats().journalEntries());
            assertEquals(2, client.readVersion(FAR, 0));
        }
    }

    /** A store that is opened with less memory than it had. */
    @ParameterizedTest
    @ValueSource(ints = {GROUPS, GROUPS + 4})
    void theJournalIsReplayed(int pages) {
        try (StoreHarness harness = formatted(4 * GROUPS)) {
            StoreClient client = overwrittenPage(harness);
            dirtyHeaders(client, pages);
            assertEquals(pages, harness.store().stats().dirtyHeaders());
            harness.config = config(GROUPS);
            harness.powerCutAndOpen();
            assertReadable(client, pages);
        }
    }

    @Test
    void aDeletionIsReplayed() {
        try (StoreHarness harness = formatted(4 * GROUPS)) {
            StoreClient deleted = new StoreClient(harness, 7, 512);
            deleted.attach();
            assertEquals(IoStatus.OK, deleted.write(0, 0, 1, 1));
            assertEquals(IoStatus.OK, deleted.commit(1));
            harness.runUntilIdle();
            StoreClient client = overwrittenPage(harness);
            dirtyHeaders(client, GROUPS);
            harness.submit(deleted.call(FragmentOp.DELETE, 0, 0, 0));
            Deletions deletions = harness.store().parts().deletions;
            assertTrue(harness.simulation().runUntil(() -> !deletions.isEmpty(), 1_000_000_000L));
            assertEquals(GROUPS, harness.store().stats().dirtyHeaders());
            harness.config = config(GROUPS);
            harness.powerCutAndOpen();
            assertReadable(client, GROUPS);
            deleted.attach();
            assertEquals(0, deleted.readVersion(0, 0));
        }
    }

    private static StoreHarness formatted(int groups) {
        return StoreHarness.formatted(1, 128L * MIB, 512, config(groups));
    }

    private static StoreConfig config(int groups) {
        return new StoreConfig(
                32 * MIB, groups * 4096, 2 * MIB, 32 * MIB, 96 << 10, 16384, 50, 100_000_000L);
    }

    /** Its header is the first to leave the memory again. */
    private static StoreClient overwrittenPage(StoreHarness harness) {
        StoreClient client = new StoreClient(harness, 6, 512);
        client.attach();
        assertEquals(IoStatus.OK, client.write(FAR, 0, 1, 1));
        assertEquals(IoStatus.OK, client.commit(1));
        harness.runUntilIdle();
        assertEquals(IoStatus.OK, client.write(FAR, 0, 1, 2));
        return client;
    }

    private static void dirtyHeaders(StoreClient client, int pages) {
        client.watermark = 2;
        List<Call> calls = new ArrayList<>();
        for (int lpa = 0; lpa < pages; lpa++) {
            calls.add(client.writeCall(lpa, 0, client.fragments(), 3 + lpa));
        }
        calls.forEach(client.harness::submit);
        for (Call call : calls) {
            assertEquals(IoStatus.OK, client.harness.finish(call));
        }
    }

    private static void assertReadable(StoreClient client, int pages) {
        client.attach();
        for (int lpa = 0; lpa < pages; lpa++) {
            assertEquals(3 + lpa, client.readVersion(lpa, 255));
        }
        assertEquals(2, client.readVersion(FAR, 0));
    }
}
