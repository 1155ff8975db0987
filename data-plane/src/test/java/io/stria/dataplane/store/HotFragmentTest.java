package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.store.StoreClient.Listed;
import io.stria.dataplane.store.StoreHarness.Call;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One fragment has a great many versions in the journal. */
class HotFragmentTest {
    private static final int FRAGMENT = 512;
    private static final int VERSIONS = 20_000;
    private static final int AT_A_TIME = 25;

    /** Far more than is needed, and far less than if each version were compared with each. */
    private static final long CPU_NS_MAX = 300_000_000L;

    @Test
    void whatDoesNotFitIntoAnAnswerIsAskedForNext() {
        try (StoreHarness harness = StoreHarness.formatted(1, 128 << 20, 512)) {
            StoreClient client = new StoreClient(harness, 7, FRAGMENT);
            client.attach();
            List<Listed> expected = new ArrayList<>();
            for (int version = 1; version <= 12; version++) {
                assertEquals(IoStatus.OK, client.write(0, 3, 1, version));
                expected.add(new Listed(client.address(0, 3), version, false));
            }
            assertEquals(IoStatus.OK, client.unmap(0, 3, 1, 13));
            expected.add(new Listed(client.address(0, 3), 13, true));
            assertEquals(expected, client.list(0, 8), "without any behind it");
            assertEquals(IoStatus.OK, client.write(0, 4, 1, 14));
            expected.add(new Listed(client.address(0, 4), 14, false));
            for (int entries : new int[] {1, 2, 8, 13, 14, 100}) {
                assertEquals(expected, client.list(0, entries), entries + " at a time");
            }
        }
    }

    @Test
    void noneOfThemIsComparedWithEachOther() {
        try (StoreHarness harness = StoreHarness.formatted(1, 4L << 30, 512)) {
            StoreClient client = new StoreClient(harness, 7, FRAGMENT);
            client.attach();
            assertEquals(IoStatus.OK, client.write(0, 0, 32, 1));
            assertEquals(IoStatus.OK, client.commit(1));
            harness.runUntilIdle();
            overwrite(client);

            assertIsQuick("merging while the watermark stands", harness::runUntilIdle);
            assertEquals(VERSIONS, harness.store().stats().journalEntries());
            assertIsQuick("LIST", () -> assertEquals(VERSIONS, client.list(1, VERSIONS).size()));
            assertIsQuick("merging half of them", () -> commit(client, VERSIONS / 2));
            assertEquals(VERSIONS / 2 + 1, harness.store().stats().journalEntries());
            assertIsQuick("merging all of them", () -> commit(client, VERSIONS + 1));
            assertEquals(0, harness.store().stats().journalEntries());
            assertEquals(VERSIONS + 1, client.readVersion(0, 0));
            assertEquals(1, client.readVersion(0, 1));
        }
    }

    private static void overwrite(StoreClient client) {
        for (int version = 1; version <= VERSIONS; version += AT_A_TIME) {
            List<Call> calls = new ArrayList<>();
            for (int i = 1; i <= AT_A_TIME; i++) {
                calls.add(client.harness.submit(client.writeCall(0, 0, 1, version + i)));
            }
            calls.forEach(call -> assertEquals(IoStatus.OK, client.harness.finish(call)));
        }
    }

    private static void commit(StoreClient client, int version) {
        assertEquals(IoStatus.OK, client.commit(version));
        client.harness.runUntilIdle();
    }

    private static void assertIsQuick(String what, Runnable action) {
        long beganNs = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        action.run();
        long ns = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - beganNs;
        assertTrue(ns < CPU_NS_MAX, what + " took " + ns + " ns of processor time");
    }
}
