package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.store.StoreHarness.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/** A host discards a great many pages while a slot is behind: none of them may go. */
class ManyTombstonesTest {
    private static final int PAGES = 3 * Merger.DEAD_LOOKED_AT_PER_POLL;
    private static final int AT_A_TIME = 64;

    @Test
    void aPollLooksAtSomeOfThePagesThatHoldNothing() {
        try (StoreHarness harness = StoreHarness.formatted(1, 2L << 30, 512)) {
            StoreClient client = new StoreClient(harness, 7, 4096);
            client.allInSync = false;
            client.attach();
            forAllPages(harness, lpa -> client.writeCall(lpa, 0, 1, lpa + 1));
            forAllPages(harness, lpa -> client.unmapCall(lpa, 0, 1, PAGES + lpa + 1));
            assertEquals(IoStatus.OK, client.commit(2 * PAGES));
            harness.runUntilIdle();
            assertEquals(PAGES, harness.store().stats().pagesUsed());

            assertEquals(IoStatus.OK, client.write(0, 1, 1, 2 * PAGES + 1));
            assertEquals(IoStatus.OK, client.commit(2 * PAGES + 1));
            int[] polls = {0};
            long before = harness.store().stats().mergeRounds();
            ChunkStore store = harness.store();
            harness.engine.drive(nowNs -> {
                polls[0]++;
                return harness.engine.poll() + store.poll(nowNs);
            });
            harness.runUntilIdle();
            long rounds = store.stats().mergeRounds() - before;
            assertTrue(rounds > 0 && polls[0] >= 3 * rounds, rounds + " in " + polls[0]);

            client.allInSync = true;
            assertEquals(IoStatus.OK, client.commit(2 * PAGES + 1));
            harness.runUntilIdle();
            harness.runUntilIdle();
            assertEquals(1, store.stats().pagesUsed());
        }
    }

    private static void forAllPages(StoreHarness harness, IntFunction<Call> begin) {
        for (int lpa = 0; lpa < PAGES; lpa += AT_A_TIME) {
            List<Call> calls = new ArrayList<>();
            for (int i = lpa; i < lpa + AT_A_TIME; i++) {
                calls.add(harness.submit(begin.apply(i)));
            }
            calls.forEach(call -> assertEquals(IoStatus.OK, harness.finish(call)));
        }
    }
}
