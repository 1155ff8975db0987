package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.device.Version;
import io.stria.dataplane.store.StoreHarness.Call;
import org.junit.jupiter.api.Test;

/**
 * While the watermark of a volume stands still one of its blocks is overwritten again and again:
 * all these versions together are more than a batch takes.
 */
class HotBlockTest {
    private static final long DEVICE_BYTES = 512 << 20;
    private static final StoreConfig CONFIG = StoreConfig.defaults().withRingBytesMax(8 << 20);
    private static final int FRAGMENT = 4096;
    private static final int PAGES = 100;
    private static final int VERSIONS = 330;
    private static final int OTHER_VERSIONS = 100;

    @Test
    void aTakeOverFindsRoomThen() {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512, CONFIG)) {
            StoreClient hot = new StoreClient(harness, 7, FRAGMENT);
            hot.attach();
            for (int page = 0; page < PAGES; page++) {
                assertEquals(IoStatus.OK, hot.write(page, 0, hot.fragments(), 1));
            }
            assertEquals(IoStatus.OK, hot.commit(1));
            harness.runUntilIdle();
            for (int version = 2; version <= VERSIONS; version++) {
                assertEquals(IoStatus.OK, hot.write(0, 0, 1, version));
            }

            overwriteBeside(harness);
            int filled = overwriteUntilOneWaits(hot);
            assertTrue(filled > 10 && filled < PAGES - 1, filled + " pages found room");
            hot.epoch = 2;
            assertEquals(1, hot.attach());
            for (int page = 0; page <= filled; page++) {
                int fragments = page == 0 ? 1 : hot.fragments();
                long version = Version.of(2, page + 1);
                assertEquals(IoStatus.OK, hot.write(page, 0, fragments, version));
            }

            assertTrue(harness.store().stats().shadowsUsed() > 0);
            for (int version = 2; version <= VERSIONS; version++) {
                Call read = hot.readAt(0, 0, 1, version);
                assertEquals(version, StoreClient.checked(read, 0, hot.address(0, 0)));
            }

            assertEquals(IoStatus.OK, hot.commit(Version.of(2, filled + 1)));
            harness.runUntilIdle();
            assertEquals(0, harness.store().stats().shadowsUsed());
            assertEquals(0, harness.store().stats().journalEntries());
            harness.powerCutAndOpen();
            hot.attach();
            for (int page = 0; page < PAGES; page++) {
                long version = page <= filled ? Version.of(2, page + 1) : 1;
                assertEquals(version, hot.readVersion(page, 0), "page " + page);
            }
        }
    }

    /** Another volume that goes on: most of what the journal holds is at home. */
    private static void overwriteBeside(StoreHarness harness) {
        StoreClient other = new StoreClient(harness, 8, FRAGMENT);
        other.attach();
        assertEquals(IoStatus.OK, other.write(0, 0, other.fragments(), 1));
        for (int version = 2; version <= OTHER_VERSIONS && !isCopied(harness); version++) {
            assertEquals(IoStatus.OK, other.write(0, 0, 8, version));
            assertEquals(IoStatus.OK, other.commit(version));
            harness.runUntilIdle();
        }
    }

    private static boolean isCopied(StoreHarness harness) {
        return harness.store().stats().reappendedFragments() >= VERSIONS - 1;
    }

    /** How many whole pages found room, of those behind the first. */
    private static int overwriteUntilOneWaits(StoreClient client) {
        for (int page = 1; page < PAGES; page++) {
            Call call = client.writeCall(page, 0, client.fragments(), VERSIONS + page);
            client.harness.submit(call);
            client.harness.runUntilIdle();
            if (!call.isDone()) {
                return page - 1;
            }
        }
        return PAGES - 1;
    }
}
