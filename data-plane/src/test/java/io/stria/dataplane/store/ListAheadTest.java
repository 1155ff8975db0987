package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.store.StoreHarness.Call;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages are listed of whose headers none is in memory. */
class ListAheadTest {
    private static final int PAGES = 64;
    private static final int MIB = 1 << 20;

    private int inFlightMax;

    @Test
    void headersAreReadBesideEachOther() {
        try (StoreHarness harness = withPages(1024)) {
            StoreClient client = attached(harness);
            harness.simulation().runUntil(() -> harness.disk.inFlight() == 0, 1_000_000_000L);
            harness.disk.observe((kind, offset, length) ->
                    inFlightMax = Math.max(inFlightMax, harness.disk.inFlight()));
            assertEquals(PAGES, client.list(0, 2 * PAGES).size());
            assertTrue(inFlightMax >= 8, "at a time: " + inFlightMax);
            assertEquals(PAGES, harness.store().stats().headerReads());
        }
    }

    /** What is read ahead leaves room for others, and is read again if it had to go. */
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 2 * PAGES})
    void allIsListedWithHardlyAnyHeadersInMemory(int bufferEntries) {
        try (StoreHarness harness = withPages(16)) {
            assertEquals(PAGES, attached(harness).list(0, bufferEntries).size());
        }
    }

    @Test
    void aStoreIsNotClosedWhileHeadersAreRead() {
        try (StoreHarness harness = withPages(1024)) {
            StoreClient client = attached(harness);
            harness.run(listCall(client, 1));
            harness.runUntilIdle();
            // The pages that are listed now are known, and those that come next are not.
            Call call = harness.submit(listCall(client, 10));
            int[] inFlightWhenClosed = {-1};
            harness.store().close(() -> inFlightWhenClosed[0] = harness.disk.inFlight());
            harness.runUntilIdle();
            assertTrue(call.isDone());
            assertEquals(0, inFlightWhenClosed[0]);
        }
    }

    private static Call listCall(StoreClient client, int bufferEntries) {
        Call call = client.call(FragmentOp.LIST, 0, 0, 0);
        call.request.bufferBytes = bufferEntries * FragmentFormat.LIST_ENTRY_BYTES;
        call.request.buffer = Arena.ofAuto().allocate(call.request.bufferBytes, 8);
        return call;
    }

    /** One fragment of each page, at home. */
    private static StoreHarness withPages(int groups) {
        StoreConfig config = StoreConfig.defaults().withHeaderCacheBytes(groups * 4096);
        StoreHarness harness = StoreHarness.formatted(1, 128L * MIB, 512, config);
        StoreClient client = attached(harness);
        for (int lpa = 0; lpa < PAGES; lpa++) {
            assertEquals(IoStatus.OK, client.write(lpa, 0, 1, 1 + lpa));
        }
        assertEquals(IoStatus.OK, client.commit(PAGES));
        harness.runUntilIdle();
        harness.powerCutAndOpen();
        return harness;
    }

    private static StoreClient attached(StoreHarness harness) {
        StoreClient client = new StoreClient(harness, 6, 512);
        client.attach();
        return client;
    }
}
