package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.BlockFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A header that is damaged or cannot be read when the device is opened: what it told of is lost,
 * and must be called so (BAD), not absent: "absent" says that it was never written, and with 1+2
 * one such answer would be a whole read of zeros.
 */
class LostHeaderTest {
    private static final long DEVICE_BYTES = 16 << 20;
    private static final int VUID = 7;
    private static final long ABSENT = 0;
    private static final long BAD = -2;

    /** Page 3 is at home and the journal knows nothing of it; page 5 is what was written since. */
    private static StoreClient written(StoreHarness harness) {
        StoreClient client = new StoreClient(harness, VUID, 4096); // 1+2: 32 fragments a chunk
        client.attach();
        assertEquals(IoStatus.OK, client.write(3, 0, 32, 10));
        moveOn(harness, client, 10);
        return client;
    }

    /** The tail of the journal leaves everything behind that is at home. */
    private static void moveOn(StoreHarness harness, StoreClient client, long version) {
        client.commit(version);
        harness.runUntilIdle();
        for (int i = 1; i <= 200; i++) {
            assertEquals(IoStatus.OK, client.write(5, 0, 1, version + i));
            assertEquals(IoStatus.OK, client.commit(version + i));
            harness.runUntilIdle();
        }
    }

    private static int pageOf(StoreHarness harness, long lpa) {
        PageIndex index = harness.store().parts().index;
        return index.page(index.find((long) VUID << DeviceAddress.VUID_SHIFT | lpa));
    }

    private static Layout layout() {
        return Layout.plan(DEVICE_BYTES, 512, 8, StoreConfig.defaults().ringBytesMax());
    }

    private static void reopenWithoutHeaderOf(StoreHarness harness, long lpa, boolean damaged) {
        long header = layout().headerOffset(pageOf(harness, lpa));
        harness.powerCut();
        if (damaged) {
            harness.disk.corrupt(header);
        } else {
            harness.disk.faults().failReads(header, 512);
        }
        harness.open();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatItHeldIsBadAndItsPageIsNotFree(boolean damaged) {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512)) {
            StoreClient client = written(harness);
            int page = pageOf(harness, 3);
            reopenWithoutHeaderOf(harness, 3, damaged);
            assertEquals(FragmentFormat.FORGETFUL, client.attach());
            client.allInSync = false;
            assertEquals(BAD, client.readVersion(3, 0));
            assertEquals(210, client.readVersion(5, 0), "what it knows, it shows");
            assertEquals(BAD, client.readVersion(9, 0), "nobody can tell what was there");
            for (int lpa = 10; lpa < 20; lpa++) {
                assertEquals(IoStatus.OK, client.write(lpa, 0, 1, 300 + lpa));
                assertNotEquals(page, pageOf(harness, lpa));
                assertEquals(300 + lpa, client.readVersion(lpa, 0));
                assertEquals(BAD, client.readVersion(lpa, 1));
            }
            harness.powerCutAndOpen();
            assertEquals(FragmentFormat.FORGETFUL, client.attach());
            assertEquals(310, client.readVersion(10, 0));
            assertEquals(BAD, client.readVersion(10, 1), "a page of its own does not tell");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void afterAllWasBroughtBackThePageIsFreeAndTheWatermarkHolds(boolean damaged) {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512)) {
            StoreClient client = written(harness);
            int page = pageOf(harness, 3);
            reopenWithoutHeaderOf(harness, 3, damaged);
            assertEquals(FragmentFormat.FORGETFUL, client.attach());
            client.allInSync = false;
            assertEquals(IoStatus.OK, client.replace(3, 0, 16, 10, 0));
            assertEquals(10, client.readVersion(3, 0));
            assertEquals(BAD, client.readVersion(3, 16));

            harness.powerCutAndOpen(); // in the middle of it: all begins anew
            assertEquals(FragmentFormat.FORGETFUL, client.attach());
            assertEquals(10, client.readVersion(3, 0));
            assertEquals(BAD, client.readVersion(3, 16));
            assertEquals(IoStatus.OK, client.replace(3, 0, 32, 10, 0));
            assertEquals(IoStatus.OK, client.replace(3, 31, 1, 0, FragmentFormat.ABSENT));
            assertTrue(harness.store().parts().lost.contains(page));

            client.allInSync = true;
            assertEquals(IoStatus.OK, client.commit(210));
            harness.runUntilIdle();
            assertFalse(harness.store().parts().lost.any());
            assertEquals(ABSENT, client.readVersion(9, 0));
            assertEquals(10, client.readVersion(3, 30));
            assertEquals(ABSENT, client.readVersion(3, 31));
            harness.disk.faults().clear();
            harness.powerCutAndOpen();
            assertEquals(210, client.attach());
            assertEquals(10, client.readVersion(3, 0));
            assertEquals(210, client.readVersion(5, 0));
            assertEquals(ABSENT, client.readVersion(9, 0));
        }
    }

    /** Also after a restart, when nothing is lost any more. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatWasNeverWrittenInAPageBegunMeanwhileIsAbsentInTheEnd(boolean merged) {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512)) {
            StoreClient client = written(harness);
            reopenWithoutHeaderOf(harness, 3, true);
            assertEquals(FragmentFormat.FORGETFUL, client.attach());
            client.allInSync = false;
            assertEquals(IoStatus.OK, client.replace(3, 0, 32, 10, 0));
            assertEquals(IoStatus.OK, client.write(10, 0, 1, 300));
            if (merged) {
                moveOn(harness, client, 300);
            }
            assertEquals(BAD, client.readVersion(10, 1));
            client.allInSync = true;
            assertEquals(IoStatus.OK, client.commit(500));
            harness.runUntilIdle();
            assertEquals(ABSENT, client.readVersion(10, 1));
            assertEquals(300, client.readVersion(10, 0));
            harness.powerCutAndOpen();
            assertEquals(500, client.attach());
            assertEquals(ABSENT, client.readVersion(10, 1));
            assertEquals(300, client.readVersion(10, 0));
        }
    }

    @Test
    void aVuidThatHasNotBeenBroughtBackKeepsThePageLost() {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512)) {
            StoreClient client = written(harness);
            StoreClient other = new StoreClient(harness, VUID + 1, 4096);
            other.attach();
            assertEquals(IoStatus.OK, other.write(3, 0, 1, 10));
            harness.runUntilIdle();
            reopenWithoutHeaderOf(harness, 3, true);
            assertEquals(FragmentFormat.FORGETFUL, client.attach());
            assertEquals(FragmentFormat.FORGETFUL, other.attach());
            other.allInSync = false;
            assertEquals(IoStatus.OK, client.commit(210));
            assertEquals(ABSENT, client.readVersion(9, 0));
            assertEquals(BAD, other.readVersion(9, 0));
            harness.runUntilIdle();
            assertTrue(harness.store().parts().lost.any());
            assertEquals(IoStatus.OK, other.delete());
            harness.runUntilIdle();
            assertFalse(harness.store().parts().lost.any());
        }
    }

    /** Its page was not lost after all, and what came meanwhile is in the journal. */
    @Test
    void aHeaderThatCanBeReadAgainCountsAsLongAsNothingElseIsAtHome() {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512)) {
            StoreClient client = written(harness);
            replaceWhileUnreadable(harness, client);
            harness.powerCutAndOpen();
            assertEquals(210, client.attach());
            assertEquals(250, client.readVersion(3, 0));
            assertEquals(10, client.readVersion(3, 31));
        }
    }

    @Test
    void aHeaderThatCanBeReadAgainDoesNotStandAgainstThePageThatTheJournalNames() {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512)) {
            StoreClient client = written(harness);
            int old = pageOf(harness, 3);
            client.write(5, 0, 1, 230); // not committed: it holds the tail of the journal
            replaceWhileUnreadable(harness, client);
            harness.runUntilIdle();
            assertNotEquals(old, pageOf(harness, 3));
            harness.powerCutAndOpen();
            assertEquals(FragmentFormat.FORGETFUL, client.attach());
            assertNotEquals(old, pageOf(harness, 3));
            assertEquals(250, client.readVersion(3, 0));
            assertEquals(BAD, client.readVersion(3, 31));
        }
    }

    @Test
    void twoPagesThatNobodyCanTellApartAreLost() {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512)) {
            StoreClient client = written(harness);
            replaceWhileUnreadable(harness, client);
            moveOn(harness, client, 300);
            harness.powerCutAndOpen();
            assertEquals(FragmentFormat.FORGETFUL, client.attach());
            assertEquals(2, harness.store().parts().lost.count());
            assertEquals(BAD, client.readVersion(3, 0));
            assertEquals(500, client.readVersion(5, 0));
        }
    }

    private static void replaceWhileUnreadable(StoreHarness harness, StoreClient client) {
        reopenWithoutHeaderOf(harness, 3, false);
        client.attach();
        client.allInSync = false;
        assertEquals(IoStatus.OK, client.replace(3, 0, 16, 250, 0));
        harness.disk.faults().clear();
    }

    @Test
    void aDamagedHeaderOfAPageThatTheJournalNamesIsNotALostOne() {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512)) {
            StoreClient client = written(harness);
            assertEquals(IoStatus.OK, client.write(3, 7, 1, 300));
            reopenWithoutHeaderOf(harness, 3, true);
            assertEquals(210, client.attach());
            assertEquals(BAD, client.readVersion(3, 0));
            assertEquals(300, client.readVersion(3, 7));
            assertEquals(ABSENT, client.readVersion(9, 0));
        }
    }

    /** A device that was used for something else before: its old content is no damage. */
    @Test
    void whatTheDeviceHeldBeforeIsNotTakenForDamage() {
        try (StoreHarness harness =
                new StoreHarness(1, DEVICE_BYTES, 512, StoreConfig.defaults())) {
            scribble(harness);
            harness.format();
            harness.open();
            StoreClient client = new StoreClient(harness, VUID, 4096);
            client.attach();
            for (int lpa = 0; lpa < 40; lpa++) {
                assertEquals(IoStatus.OK, client.write(lpa, 0, 32, 1 + lpa));
                if (lpa % 10 == 9) {
                    harness.submit(client.writeCall(100 + lpa, 0, 32, 100 + lpa));
                    harness.simulation().runFor(20_000);
                    harness.powerCutAndOpen();
                    assertEquals(0, client.attach());
                    assertEquals(ABSENT, client.readVersion(99, 0));
                    assertEquals(1 + lpa, client.readVersion(lpa, 31));
                }
            }
        }
    }

    private static void scribble(StoreHarness harness) {
        BlockFile file = harness.file();
        MemorySegment noise = Arena.ofAuto().allocate(1 << 20, 4096);
        SplittableRandom random = new SplittableRandom(1);
        for (long at = 0; at < noise.byteSize(); at += 8) {
            noise.set(java.lang.foreign.ValueLayout.JAVA_LONG, at, random.nextLong());
        }
        int[] left = {(int) (DEVICE_BYTES / noise.byteSize())};
        for (long at = 0; at < DEVICE_BYTES; at += noise.byteSize()) {
            file.write(at, noise, 0, (int) noise.byteSize(), true, (token, result) -> left[0]--, 0);
        }
        harness.engine.runUntil(() -> left[0] == 0);
        file.close();
    }
}
