package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.dataplane.device.IoStatus;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A store that is behind hears of no newer watermark, so what it is sent stays in its journal. It
 * may copy that to make room, but once, and not over and over because what it has just copied takes
 * twice its room until the next batch.
 */
class StuckVersionsTest {
    private static final int FRAGMENTS = 28;
    private static final long SECOND_NS = 1_000_000_000L;

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void areNotCopiedForEver(int block) {
        StoreConfig config = StoreConfig.defaults().withMerging(5, 3_000_000L);
        try (StoreHarness harness = StoreHarness.formatted(1, 4L << 20, block, config)) {
            StoreClient stuck = new StoreClient(harness, 5, 1024);
            stuck.attach();
            assertEquals(IoStatus.OK, stuck.write(0, 0, FRAGMENTS, 1));
            assertEquals(IoStatus.OK, stuck.commit(1));
            harness.runUntilIdle();
            assertEquals(IoStatus.OK, stuck.write(0, 0, FRAGMENTS, 2));
            StoreClient other = new StoreClient(harness, 6, 4096);
            other.attach();
            for (int version = 1; version <= 20; version++) {
                assertEquals(IoStatus.OK, other.write(0, 0, 1, version));
                assertEquals(IoStatus.OK, other.commit(version));
            }
            harness.runUntilIdle();
            long before = harness.store().stats().journalBytesWritten();
            harness.simulation().runFor(SECOND_NS);
            long written = harness.store().stats().journalBytesWritten() - before;
            assertEquals(0, written, "bytes that an idle store wrote to its journal");
            assertEquals(2, stuck.readVersion(0, FRAGMENTS - 1));
        }
    }
}
