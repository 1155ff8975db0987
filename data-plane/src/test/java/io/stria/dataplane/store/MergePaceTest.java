package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.IoStatus;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Merging goes on beside writes, a little with each of them. */
class MergePaceTest {
    private static final int VUID = 7;
    private static final int FRAGMENT_BYTES = 1024;
    private static final int PAGES = 64;
    private static final int WRITES = 20_000;

    /** A page's worth, and what one write may ask for. */
    private static final int MOVED_MAX = 2 * (128 << 10) / FRAGMENT_BYTES;

    @Test
    void aWriteMeetsAPagesWorthOfMergingAtMost() {
        StoreConfig config = StoreConfig.defaults().withRingBytesMax(4 << 20);
        try (StoreHarness harness = StoreHarness.formatted(1, 1 << 30, 512, config)) {
            StoreClient client = new StoreClient(harness, VUID, FRAGMENT_BYTES);
            client.attach();
            SplittableRandom random = new SplittableRandom(1);
            StoreStats before = harness.store().stats();
            long mostMoved = 0;
            long mostUsed = 0;
            for (int i = 1; i <= WRITES; i++) {
                int fragment = random.nextInt(client.fragments());
                assertEquals(IoStatus.OK, client.write(random.nextInt(PAGES), fragment, 1, i));
                client.watermark = i;
                StoreStats now = harness.store().stats();
                mostMoved = Math.max(mostMoved, moved(now) - moved(before));
                mostUsed = Math.max(mostUsed, now.ringBytesUsed());
                before = now;
            }
            assertTrue(moved(before) > WRITES / 2, moved(before) + " moved in all");
            assertTrue(mostMoved <= MOVED_MAX, mostMoved + " moved beside one write");
            assertTrue(mostUsed < 3 << 20, mostUsed + " bytes of the ring used");
        }
    }

    private static long moved(StoreStats stats) {
        return stats.mergedFragments() + stats.droppedFragments();
    }
}
