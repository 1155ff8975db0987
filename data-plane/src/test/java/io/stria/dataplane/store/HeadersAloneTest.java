package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.device.Version;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A fresh device that was catching up: no watermark of the volume was ever durable there, what it
 * got has gone home, and other volumes have moved the journal's tail past the last record of it.
 */
class HeadersAloneTest {
    private static final int PAGES = 5;
    private static final int VUID = 7;
    private static final int OTHER = 8;

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void aVolumeOfWhichOnlyHeadersTellIsHeardOfAndCanBeDeleted(int block) {
        try (StoreHarness harness = StoreHarness.formatted(1, 64L << 20, block)) {
            StoreClient client = new StoreClient(harness, VUID, 4096);
            client.attach();
            for (int lpa = 0; lpa < PAGES; lpa++) {
                long version = Version.of(3, lpa + 1);
                assertEquals(IoStatus.OK, client.replace(lpa, 0, client.fragments(), version, 0));
            }
            long lastOfIt = harness.store().parts().ring.headSequence();
            StoreClient other = new StoreClient(harness, OTHER, 4096);
            other.attach();
            for (int version = 1;
                    harness.store().parts().ring.tailSequence() <= lastOfIt;
                    version++) {
                assertTrue(version < 10_000, "the tail stays");
                assertEquals(IoStatus.OK, other.write(0, version % 8, 1, version));
                other.commit(version);
            }
            harness.runUntilIdle();
            assertEquals(IoStatus.OK, other.write(0, 0, 1, 20_000));

            harness.powerCutAndOpen();
            Set<Integer> heardOf = new HashSet<>();
            harness.store().forEachVolume(heardOf::add);
            assertEquals(Set.of(VUID, OTHER), heardOf);
            client.attach();
            assertEquals(IoStatus.OK, client.delete());
            harness.runUntilIdle();
            assertEquals(1, harness.store().stats().pagesUsed());
        }
    }
}
