package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.BlockFile;
import io.stria.runtime.sim.DiskCounters;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A device that hangs while its store is opened, at every moment of that. */
class HungOpeningTest {
    private static final long DEVICE_BYTES = 64L << 20;
    private static final long SECOND_NS = 1_000_000_000L;
    private static final int PAGES = 80;

    private final Arena arena = Arena.ofAuto();
    private @Nullable String refusal;
    private boolean opened;

    private void open(StoreHarness harness) {
        refusal = null;
        opened = false;
        BlockFile file = harness.file();
        ChunkStore.open(
                file,
                harness.identity,
                harness.config,
                harness.engine.timers(),
                arena,
                new ChunkStore.OpenListener() {
                    @Override
                    public void onOpen(ChunkStore store) {
                        opened = true;
                    }

                    @Override
                    public void onRefused(String reason) {
                        assertNull(refusal, "refused twice");
                        refusal = reason;
                        file.close();
                    }
                });
    }

    /**
     * Writes in the journal, of which a replay has to bring some home before it has read all; long
     * ones have been home at first, in more pages than there are headers in memory.
     */
    private static StoreHarness filled(int count) {
        StoreConfig few =
                new StoreConfig(1 << 20, 1 << 16, 1 << 18, 1 << 18, 64, 16384, 30, 50_000_000L);
        StoreHarness harness = StoreHarness.formatted(7, DEVICE_BYTES, 4096);
        StoreClient client = new StoreClient(harness, 5, 4096);
        client.attach();
        for (int version = 1; version <= 3; version++) {
            for (int lpa = 0; lpa < PAGES; lpa++) {
                assertEquals(IoStatus.OK, client.write(lpa, 3, version == 1 ? count : 1, version));
            }
        }
        harness.kill();
        harness.config = few;
        return harness;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8})
    void itIsRefusedAfterHalfAMinuteAndNothingIsWrittenToItAfterThat(int count) {
        int refused = 0;
        boolean through = false;
        for (long atNs = 0; !through; atNs += 100_000) {
            try (StoreHarness harness = filled(count)) {
                open(harness);
                harness.simulation().runFor(atNs);
                through = opened;
                harness.disk.hang();
                long hungNs = harness.simulation().nowNs();
                if (!through) {
                    harness.simulation().runUntil(() -> refusal != null, 60 * SECOND_NS);
                    assertEquals("it has not answered for 30 s", refusal);
                    long waitedNs = harness.simulation().nowNs() - hungNs;
                    assertTrue(waitedNs >= 29 * SECOND_NS, waitedNs + " ns");
                    assertTrue(waitedNs <= 32 * SECOND_NS, waitedNs + " ns");
                    refused++;
                }
                harness.disk.resume();
                harness.simulation().runFor(SECOND_NS);
                DiskCounters before = harness.disk.counters();
                harness.simulation().runFor(5 * SECOND_NS);
                assertEquals(through, opened);
                if (!through) {
                    assertEquals(before, harness.disk.counters(), "nothing more is asked of it");
                    open(harness); // its lock is free
                    harness.simulation().runFor(5 * SECOND_NS);
                    assertTrue(opened, String.valueOf(refusal));
                }
            }
        }
        assertTrue(refused > 5, refused + " moments");
    }

    @Test
    void oneThatIsOnlySlowIsOpened() {
        try (StoreHarness harness = filled(1)) {
            open(harness);
            for (int pause = 0; pause < 20 && !opened; pause++) {
                harness.disk.hang();
                harness.simulation().runFor(20 * SECOND_NS);
                harness.disk.resume();
                harness.simulation().runFor(300_000);
            }
            harness.simulation().runFor(SECOND_NS);
            assertTrue(opened, String.valueOf(refusal));
        }
    }
}
