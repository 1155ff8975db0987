package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.BlockFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The device says that it has wiped the header of a page which held nothing any more, and has not;
 * then the page has another owner. Nobody may be robbed of it by what stands in the header yet.
 */
class LostWipeTest {
    private static final long DEVICE_BYTES = 16 << 20;
    private static final int OLD = 7;
    private static final int NEW = 8;
    private static final long ABSENT = 0;
    private static final long BAD = -2;

    private static final Layout LAYOUT =
            Layout.plan(DEVICE_BYTES, 512, 8, StoreConfig.defaults().ringBytesMax());

    private static final int BYTES = LAYOUT.headerBytes();

    /** Its page is given out again, and the power goes before the new owner's header is written. */
    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void theOwnerThatTheJournalNamesHasThePage(int oldFragmentBytes) {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512)) {
            StoreClient old = new StoreClient(harness, OLD, oldFragmentBytes);
            int page = freedPageOf(old);
            StoreClient client = new StoreClient(harness, NEW, 4096);
            client.attach();
            long lpa = writeUntilGivenOut(client, page);
            for (int opened = 0; opened < 2; opened++) {
                harness.powerCutAndOpen();
                assertEquals(0, client.attach());
                assertEquals(page, pageOf(harness, NEW, lpa));
                assertEquals(1, client.readVersion(lpa, 0));
                assertEquals(ABSENT, client.readVersion(lpa, 1));
                old.attach();
                assertEquals(ABSENT, old.readVersion(3, 0));
            }
            assertEquals(IoStatus.OK, client.commit(1));
            harness.runUntilIdle();
            assertEquals(1, client.readVersion(lpa, 0));
            assertEquals(ABSENT, client.readVersion(lpa, 31));
        }
    }

    /** Its first sector, which is all of the new owner's header, was wiped; the others were not. */
    @Test
    void aHeaderThatNamesTwoOwnersIsADamagedOne() {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512)) {
            StoreClient old = new StoreClient(harness, OLD, 512);
            int page = freedPageOf(old);
            StoreClient client = new StoreClient(harness, NEW, 4096);
            client.attach();
            long lpa = writeUntilGivenOut(client, page);
            moveOn(client, 1);
            harness.powerCutAndOpen();
            assertEquals(FragmentFormat.FORGETFUL, client.attach());
            client.allInSync = false;
            assertEquals(BAD, client.readVersion(lpa, 0), "not absent: it may be there");
            assertTrue(harness.store().parts().lost.contains(page));

            assertEquals(IoStatus.OK, client.replace(lpa, 0, 1, 1, 0));
            client.allInSync = true;
            assertEquals(IoStatus.OK, client.commit(1000));
            old.attach();
            assertEquals(IoStatus.OK, old.commit(1000));
            harness.runUntilIdle();
            harness.powerCutAndOpen();
            assertEquals(1000, client.attach());
            assertEquals(1, client.readVersion(lpa, 0));
            assertEquals(ABSENT, client.readVersion(lpa, 1));
        }
    }

    /** Writes and unmaps a chunk, until the page it had is free, with the header it had before. */
    private static int freedPageOf(StoreClient old) {
        StoreHarness harness = old.harness;
        old.attach();
        old.allInSync = false;
        assertEquals(IoStatus.OK, old.write(50, 0, 1, 9)); // what moves on needs no other page
        assertEquals(IoStatus.OK, old.write(3, 0, old.fragments(), 10));
        assertEquals(IoStatus.OK, old.commit(10));
        harness.runUntilIdle();
        assertEquals(IoStatus.OK, old.unmap(3, 0, old.fragments(), 11));
        assertEquals(IoStatus.OK, old.commit(11));
        harness.runUntilIdle();
        int page = pageOf(harness, OLD, 3);
        MemorySegment header = Arena.ofAuto().allocate(BYTES, 4096);
        access(
                harness,
                (file, done) -> file.read(LAYOUT.headerOffset(page), header, 0, BYTES, done, 0));
        old.allInSync = true;
        moveOn(old, 12);
        assertEquals(1, harness.store().stats().pagesFreed());
        access(
                harness,
                (file, done) ->
                        file.write(LAYOUT.headerOffset(page), header, 0, BYTES, true, done, 0));
        return page;
    }

    /** The tail of the journal leaves everything behind that is at home. */
    private static void moveOn(StoreClient client, long version) {
        client.commit(version);
        client.harness.runUntilIdle();
        for (int i = 1; i <= 200; i++) {
            assertEquals(IoStatus.OK, client.write(50, 0, 1, version + i));
            assertEquals(IoStatus.OK, client.commit(version + i));
            client.harness.runUntilIdle();
        }
    }

    private static void access(
            StoreHarness harness, BiConsumer<BlockFile, BlockFile.Completion> request) {
        boolean[] done = {false};
        request.accept(harness.store().parts().file, (token, result) -> done[0] = result == BYTES);
        harness.simulation().runUntil(() -> done[0], 1_000_000_000L);
        assertTrue(done[0]);
    }

    private static long writeUntilGivenOut(StoreClient client, int page) {
        long lpa = 0;
        do {
            assertEquals(IoStatus.OK, client.write(++lpa, 0, 1, 1));
        } while (pageOf(client.harness, NEW, lpa) != page);
        return lpa;
    }

    private static int pageOf(StoreHarness harness, int vuid, long lpa) {
        PageIndex index = harness.store().parts().index;
        return index.page(index.find((long) vuid << DeviceAddress.VUID_SHIFT | lpa));
    }
}
