package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.store.StoreHarness.Call;
import java.util.ArrayList;
import java.util.List;
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

    /** Of those between them nothing is read either. */
    @ParameterizedTest
    @ValueSource(ints = {5, 2 * PAGES})
    void chunksThatAreAskedForInGroupsAreListedAlone(int bufferEntries) {
        try (StoreHarness harness = withPages(1024)) {
            StoreClient client = attached(harness);
            long before = harness.store().stats().headerReads();
            List<Long> lpas = new ArrayList<>();
            client.listGroups(9, bufferEntries, 7, 4, 0b1000000000100101L)
                    .forEach(one -> lpas.add(DeviceAddress.lpa(one.address(), 8)));
            // Groups from 7, 15, 27 and 67 on; what is older than 10 and beyond 63 is not there.
            assertEquals(List.of(9L, 10L, 15L, 16L, 17L, 18L, 27L, 28L, 29L, 30L), lpas);
            assertEquals(10, harness.store().stats().headerReads() - before);
        }
    }

    /** A store looks so many up in one go. */
    @Test
    void groupsHaveABound() {
        try (StoreHarness harness = withPages(16)) {
            StoreClient client = attached(harness);
            for (int chunks : new int[] {0, FragmentRequest.GROUP_CHUNKS_MAX + 1}) {
                Call call = client.listCall(client.address(0, 0), 0, 100);
                call.request.groups = 1;
                call.request.count = chunks;
                assertEquals(IoStatus.INVALID, harness.run(call));
            }
            assertEquals(PAGES, client.listGroups(0, 100, 0, 16, -1L).size());
        }
    }

    /** They are looked for anew, from the next one on. */
    @Test
    void groupsOfMoreChunksThanAreLookedForAtATimeAreListedWhole() {
        try (StoreHarness harness = withPages(1024, 600)) {
            StoreClient client = attached(harness);
            assertEquals(600, client.listGroups(0, 1000, 0, 16, -1L).size());
        }
    }

    @Test
    void aStoreIsNotClosedWhileHeadersAreRead() {
        try (StoreHarness harness = withPages(1024)) {
            StoreClient client = attached(harness);
            harness.run(client.listCall(client.address(0, 0), 0, 1));
            harness.runUntilIdle();
            // The pages that are listed now are known, and those that come next are not.
            Call call = harness.submit(client.listCall(client.address(0, 0), 0, 10));
            int[] inFlightWhenClosed = {-1};
            harness.store().close(() -> inFlightWhenClosed[0] = harness.disk.inFlight());
            harness.runUntilIdle();
            assertTrue(call.isDone());
            assertEquals(0, inFlightWhenClosed[0]);
        }
    }

    /** One fragment of each page, at home. */
    private static StoreHarness withPages(int groups) {
        return withPages(groups, PAGES);
    }

    private static StoreHarness withPages(int groups, int pages) {
        StoreConfig config = StoreConfig.defaults().withHeaderCacheBytes(groups * 4096);
        StoreHarness harness = StoreHarness.formatted(1, 128L * MIB, 512, config);
        StoreClient client = attached(harness);
        for (int lpa = 0; lpa < pages; lpa++) {
            assertEquals(IoStatus.OK, client.write(lpa, 0, 1, 1 + lpa));
        }
        assertEquals(IoStatus.OK, client.commit(pages));
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
