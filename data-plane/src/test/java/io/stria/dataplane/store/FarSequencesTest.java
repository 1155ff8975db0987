package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.BlockFile;
import java.lang.foreign.Arena;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches are counted in 64 bits; where the low half of the number is kept, it must be enough. */
class FarSequencesTest {
    private static final long DEVICE_BYTES = 16 << 20;
    private static final long FORMAT_ID = 0x1234_5678_9abcL;
    private static final int PAGES = 10;

    private static final Layout LAYOUT =
            Layout.plan(DEVICE_BYTES, 512, 8, StoreConfig.defaults().ringBytesMax());

    /**
     * Nothing touches such a page any more, so nothing says anew when it was last written about.
     */
    @ParameterizedTest
    @ValueSource(longs = {0, (1L << 31) + 5, (1L << 32) - 1, 1L << 40})
    void pagesThatWereDeadAtARestartAreFreed(long batchesBefore) {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512)) {
            StoreClient client = withDeadPages(harness);
            for (int i = 1; i <= 100; i++) { // the tail leaves behind what is at home
                assertEquals(IoStatus.OK, client.write(50, 0, 1, 200 + i));
                commitAndMerge(client, 200 + i);
            }

            harness.powerCut();
            countOn(harness, batchesBefore);
            harness.open();
            client.attach();
            client.allInSync = true;
            commitAndMerge(client, 400);
            assertEquals(PAGES, harness.store().stats().pagesFreed());
        }
    }

    /** They wait for a slot that is away, and while it is, others are written all the time. */
    @ParameterizedTest
    @ValueSource(longs = {1 << 20, (1L << 31) - 50, (1L << 31) + 5, (1L << 32) - 1000})
    void pagesThatWereDeadForManyBatchesAreFreed(long batches) {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512)) {
            StoreClient client = withDeadPages(harness);
            assertEquals(0, harness.store().stats().pagesFreed());
            PageIndex index = harness.store().parts().index;
            for (int id = 0; id < index.highId(); id++) {
                if (index.isUsed(id)) {
                    index.lastBatch(id, index.lastBatch(id) - (int) batches);
                }
            }
            client.allInSync = true;
            commitAndMerge(client, 201);
            assertEquals(PAGES, harness.store().stats().pagesFreed());
        }
    }

    /** They hold tombstones alone, which a slot that is not in sync may still need. */
    private static StoreClient withDeadPages(StoreHarness harness) {
        StoreClient client = new StoreClient(harness, 7, 4096);
        client.allInSync = false;
        client.attach();
        for (int lpa = 0; lpa < PAGES; lpa++) {
            assertEquals(IoStatus.OK, client.write(lpa, 0, 32, 1 + lpa));
            assertEquals(IoStatus.OK, client.unmap(lpa, 0, 32, 100 + lpa));
        }
        commitAndMerge(client, 200);
        return client;
    }

    private static void commitAndMerge(StoreClient client, long version) {
        assertEquals(IoStatus.OK, client.commit(version));
        client.harness.runUntilIdle();
    }

    /** Makes of the ring one to which so many more batches were written before. */
    private static void countOn(StoreHarness harness, long batches) {
        Area ring = new Area(Arena.ofAuto(), LAYOUT.ringBytes());
        Area scratch = new Area(Arena.ofAuto(), 4096);
        boolean[] done = {false};
        BlockFile file = harness.file();
        BlockFile.Completion completion = (token, result) -> done[0] = result == LAYOUT.ringBytes();
        file.read(LAYOUT.ringOffset(), ring.segment(), 0, LAYOUT.ringBytes(), completion, 0);
        harness.engine.runUntil(() -> done[0]);
        for (int at = 0; at < LAYOUT.ringBytes(); at += LAYOUT.blockBytes()) {
            if (BatchHead.isValid(ring, at, FORMAT_ID, LAYOUT.ringBytes() - at)) {
                BatchHead.put(
                        ring,
                        at,
                        FORMAT_ID,
                        BatchHead.sequence(ring, at) + batches,
                        BatchHead.tail(ring, at) + batches,
                        BatchHead.position(ring, at),
                        BatchHead.bytes(ring, at),
                        BatchHead.records(ring, at),
                        BatchHead.highWater(ring, at),
                        scratch);
            }
        }
        done[0] = false;
        file.write(LAYOUT.ringOffset(), ring.segment(), 0, LAYOUT.ringBytes(), true, completion, 0);
        harness.engine.runUntil(() -> done[0]);
        file.close();
    }
}
