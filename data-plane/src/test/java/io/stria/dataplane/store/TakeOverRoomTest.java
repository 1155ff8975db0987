package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.device.Version;
import io.stria.dataplane.store.StoreHarness.Call;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A write is stuck somewhere else, so the watermark stands still while overwrites fill the journal;
 * then owner after owner dies in its take-over. Each writes every candidate again.
 */
class TakeOverRoomTest {
    private static final long DEVICE_BYTES = 512 << 20;
    private static final StoreConfig CONFIG = StoreConfig.defaults().withRingBytesMax(1 << 20);
    private static final int PAGES = 40;
    private static final int TAKE_OVERS = 5;
    private static final int OTHER_WATERMARKS = 500;

    @ParameterizedTest
    @CsvSource({"512, 4096, false", "4096, 4096, false", "4096, 2048, true", "512, 1024, true"})
    void everyTakeOverFindsRoomForWhatItWritesAgain(int block, int fragment, boolean powerCuts) {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, block, CONFIG)) {
            StoreClient client = clientWithAllPages(harness, fragment);

            int filled = overwriteUntilOneWaits(client);
            assertTrue(filled < PAGES, "the journal took everything");
            for (int epoch = 2; epoch < 2 + TAKE_OVERS; epoch++) {
                if (powerCuts) {
                    harness.powerCutAndOpen();
                }
                client.epoch = epoch;
                assertEquals(Version.of(1, PAGES), client.attach());
                for (int page = 0; page < filled; page++) {
                    write(client, page, page + 1);
                }
            }
            assertTrue(harness.store().stats().shadowsUsed() > 0);
            checkAllVersions(client, filled);

            client.commit(Version.of(1 + TAKE_OVERS, filled));
            harness.runUntilIdle();
            assertEquals(0, harness.store().stats().shadowsUsed());
            assertEquals(0, harness.store().stats().journalEntries());
            harness.powerCutAndOpen();
            client.attach();
            for (int page = 0; page < PAGES; page++) {
                long version =
                        page < filled
                                ? Version.of(1 + TAKE_OVERS, page + 1)
                                : Version.of(1, page + 1);
                assertEquals(version, client.readVersion(page, client.fragments() - 1));
            }
        }
    }

    /** Nobody needs at once what FREE gives back: it takes nothing that take-overs need. */
    @ParameterizedTest
    @CsvSource({"512, 512", "4096, 4096"})
    void aFullJournalFreesNothingUntilItHasRoom(int block, int fragment) {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, block, CONFIG)) {
            StoreClient client = clientWithAllPages(harness, fragment);
            int filled = overwriteUntilOneWaits(client);

            int refused = PAGES - 1;
            while (client.free(refused, 0, client.fragments()) == IoStatus.OK) {
                refused--;
            }
            assertTrue(refused > filled, "the journal took everything");
            client.epoch = 2;
            client.attach();
            for (int page = 0; page < filled; page++) {
                write(client, page, page + 1);
            }

            client.commit(Version.of(2, filled));
            harness.runUntilIdle();
            assertEquals(IoStatus.OK, client.free(refused, 0, client.fragments()));
            assertEquals(0, client.readVersion(refused, 0));
            assertEquals(Version.of(2, filled), client.readVersion(filled - 1, 0));
        }
    }

    /**
     * The ring is full of versions of a volume whose watermark stands still; that of another one
     * goes on rising. It must not take the room in which the first one's will be recorded.
     */
    @ParameterizedTest
    @CsvSource({"512, 4096", "4096, 4096"})
    void theLastRoomIsForTheWatermarkThatFreesTheTail(int block, int fragment) {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, block, CONFIG)) {
            StoreClient client = clientWithAllPages(harness, fragment);
            int filled = overwriteUntilOneWaits(client);
            StoreClient other = new StoreClient(harness, 8, fragment);
            other.attach();
            Call last = null;
            for (int watermark = 1; watermark <= OTHER_WATERMARKS; watermark++) {
                other.watermark = watermark;
                last = harness.submit(other.call(FragmentOp.COMMIT, 0, 0, 0));
                harness.simulation().runFor(10_000_000);
            }

            assertEquals(IoStatus.OK, client.commit(Version.of(1, PAGES + filled)));
            assertEquals(IoStatus.OK, harness.finish(Objects.requireNonNull(last)));
            write(client, 0, PAGES + PAGES + 1);
        }
    }

    private static StoreClient clientWithAllPages(StoreHarness harness, int fragment) {
        StoreClient client = new StoreClient(harness, 7, fragment);
        client.attach();
        for (int page = 0; page < PAGES; page++) {
            write(client, page, page + 1);
        }
        client.commit(Version.of(1, PAGES));
        harness.runUntilIdle();
        return client;
    }

    private static void write(StoreClient client, int page, int sequence) {
        long version = Version.of(client.epoch, sequence);
        assertEquals(IoStatus.OK, client.write(page, 0, client.fragments(), version));
    }

    /** How many whole pages found room. */
    private static int overwriteUntilOneWaits(StoreClient client) {
        for (int page = 0; page < PAGES; page++) {
            Call call =
                    client.writeCall(page, 0, client.fragments(), Version.of(1, PAGES + 1 + page));
            client.harness.submit(call);
            client.harness.runUntilIdle();
            if (!call.isDone()) {
                return page;
            }
        }
        return PAGES;
    }

    private static void checkAllVersions(StoreClient client, int filled) {
        for (int page = 0; page < filled; page++) {
            assertVersion(client, page, Version.of(1, PAGES), Version.of(1, page + 1));
            assertVersion(client, page, Version.of(2, 0), Version.of(1, PAGES + 1 + page));
            for (int epoch = 2; epoch < 2 + TAKE_OVERS; epoch++) {
                long version = Version.of(epoch, page + 1);
                assertVersion(client, page, version, version);
            }
        }
        assertFalse(client.list(Version.of(1, PAGES), 1000).isEmpty());
    }

    private static void assertVersion(StoreClient client, int page, long at, long expected) {
        Call call = client.readAt(page, 3, 1, at);
        assertEquals(expected, StoreClient.checked(call, 0, client.address(page, 3)));
    }
}
