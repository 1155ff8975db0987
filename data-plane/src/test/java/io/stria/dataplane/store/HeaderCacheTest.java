package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.IoStatus;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A cache with room for sixteen of the largest headers. */
class HeaderCacheTest {
    private static final int BLOCK = 512;
    private static final int GROUP_BYTES = 4096;
    private static final int GROUPS = 16;
    private static final StoreConfig CONFIG =
            StoreConfig.defaults()
                    .withHeaderCacheBytes(GROUPS * GROUP_BYTES)
                    .withRingBytesMax(1 << 20)
                    .withMerging(10, 1_000_000L);

    @Test
    void aSmallHeaderTakesNoMoreRoomThanItNeeds() {
        try (StoreHarness harness = StoreHarness.formatted(1, 64L << 20, BLOCK, CONFIG)) {
            StoreClient client = new StoreClient(harness, 5, 4096);
            client.attach();
            int pages = GROUPS * GROUP_BYTES / PageHeader.SECTOR_BYTES;
            for (int lpa = 0; lpa < pages; lpa++) {
                assertEquals(IoStatus.OK, client.write(lpa, 0, 8, 1 + lpa));
            }
            assertEquals(IoStatus.OK, client.commit(pages));
            harness.runUntilIdle();
            long before = harness.store().stats().headerReads();
            for (int lpa = 0; lpa < pages; lpa++) {
                assertEquals(1 + lpa, client.readVersion(lpa, 3));
            }
            assertEquals(before, harness.store().stats().headerReads());
        }
    }

    @Test
    void headersOfAllSizesShareIt() {
        long seed = Long.getLong("stria.store.seed", 7);
        SplittableRandom random = new SplittableRandom(seed);
        try (StoreHarness harness = StoreHarness.formatted(seed, 64L << 20, BLOCK, CONFIG)) {
            StoreClient[] clients = new StoreClient[4];
            for (int i = 0; i < clients.length; i++) {
                clients[i] = new StoreClient(harness, 5 + i, 4096 >> i);
                clients[i].attach();
            }
            Map<String, Long> written = new HashMap<>();
            for (int version = 1; version <= 2000; version++) {
                int i = random.nextInt(clients.length);
                int lpa = random.nextInt(60);
                boolean whole = random.nextInt(8) == 0;
                int count = whole ? clients[i].fragments() : 1;
                int first = whole ? 0 : random.nextInt(clients[i].fragments());
                String seen = "seed %d, version %d".formatted(seed, version);
                assertEquals(IoStatus.OK, clients[i].write(lpa, first, count, version), seen);
                clients[i].watermark = version;
                for (int f = first; f < first + count; f++) {
                    written.put(i + " " + lpa + " " + f, (long) version);
                }
            }
            for (StoreClient client : clients) {
                assertEquals(IoStatus.OK, client.commit(client.watermark));
            }
            harness.runUntilIdle();
            assertTrue(harness.store().stats().headerReads() > 0, "none was ever evicted");
            written.forEach((where, version) -> {
                String[] at = where.split(" ");
                assertEquals(
                        version,
                        clients[Integer.parseInt(at[0])].readVersion(
                                Integer.parseInt(at[1]), Integer.parseInt(at[2])),
                        where + ", seed " + seed);
            });
        }
    }
}
