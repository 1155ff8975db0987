package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.store.StoreClient.Listed;
import io.stria.dataplane.store.StoreHarness.Call;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each command answers, before and after merging and restarts. */
class ChunkStoreTest {
    private static final long DEVICE_BYTES = 16 << 20;

    private static StoreClient client(StoreHarness harness, int fragmentBytes) {
        StoreClient client = new StoreClient(harness, 7, fragmentBytes);
        client.attach();
        return client;
    }

    @ParameterizedTest
    @CsvSource({"512, 512", "512, 4096", "4096, 512", "4096, 1024", "4096, 2048", "4096, 4096"})
    void returnsWhatWasWrittenBeforeAndAfterMergingAndAPowerCut(int block, int fragment) {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, block)) {
            StoreClient client = client(harness, fragment);
            int last = client.fragments() - 1;
            assertEquals(IoStatus.OK, client.write(3, 0, 1, 10));
            assertEquals(IoStatus.OK, client.write(3, last, 1, 11));
            assertEquals(IoStatus.OK, client.write(9, 5, 3, 12));
            for (int round = 0; round < 4; round++) {
                assertEquals(10, client.readVersion(3, 0));
                assertEquals(0, client.readVersion(3, 1));
                assertEquals(11, client.readVersion(3, last));
                assertEquals(12, client.readVersion(9, 5));
                assertEquals(12, client.readVersion(9, 7));
                assertEquals(0, client.readVersion(9, 8));
                assertEquals(0, client.readVersion(4, 0));
                switch (round) {
                    case 0 -> assertEquals(IoStatus.OK, client.commit(12));
                    case 1 -> {
                        harness.runUntilIdle();
                        assertEquals(0, harness.store().stats().journalEntries());
                    }
                    default -> {
                        harness.powerCutAndOpen();
                        assertEquals(12, client.attach());
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"512, 512", "4096, 512", "4096, 4096"})
    void aChunkIsFreedWholeWhateverVersionsItHasAndItsPageComesFree(int block, int fragment) {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, block)) {
            StoreClient client = client(harness, fragment);
            int all = client.fragments();
            assertEquals(IoStatus.OK, client.write(3, 0, all, 10));
            assertEquals(IoStatus.OK, client.write(4, 0, 1, 11));
            assertEquals(IoStatus.OK, client.commit(11));
            harness.runUntilIdle();
            assertEquals(IoStatus.OK, client.write(3, 1, 1, 12)); // above the watermark
            int used = harness.store().stats().pagesUsed();
            assertEquals(IoStatus.OK, client.free(3, 0, all));
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < all; i++) {
                    assertEquals(0, client.readVersion(3, i), "fragment " + i);
                }
                assertEquals(11, client.readVersion(4, 0));
                if (round == 0) {
                    harness.powerCutAndOpen();
                    client.attach();
                } else {
                    assertEquals(IoStatus.OK, client.commit(12));
                    harness.runUntilIdle();
                }
            }
            assertTrue(harness.store().stats().pagesUsed() < used, "its page is free");
            assertEquals(IoStatus.OK, client.free(3, 0, all), "there is nothing to free");
            assertEquals(IoStatus.OK, client.write(3, 2, 1, 13));
            assertEquals(13, client.readVersion(3, 2));
            assertEquals(0, client.readVersion(3, 1));
        }
    }

    /** What a chunk that moves is filled with, fragments of several versions. */
    @ParameterizedTest
    @CsvSource({"512, 512", "4096, 512", "4096, 4096"})
    void whatReplacesNothingGoesHomeWithoutTheJournal(int block, int fragment) {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, block)) {
            StoreClient client = client(harness, fragment);
            int all = client.fragments();
            assertEquals(IoStatus.OK, replaceInThreeVersions(client, 3));
            long bypassed = harness.store().stats().bypassedBytes();
            assertEquals((long) all * fragment, bypassed);
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < all; i++) {
                    assertEquals(versionOfThree(i, all), client.readVersion(3, i), "of " + i);
                }
                if (round == 0) {
                    harness.powerCutAndOpen();
                    client.attach();
                } else {
                    assertEquals(IoStatus.OK, client.commit(12));
                    harness.runUntilIdle();
                }
            }
            // Where there is something, newer or older, it goes for good: through the journal.
            assertEquals(IoStatus.OK, client.write(4, 0, all, 70));
            bypassed = harness.store().stats().bypassedBytes();
            assertEquals(IoStatus.OK, replaceInThreeVersions(client, 4));
            assertEquals(bypassed, harness.store().stats().bypassedBytes());
            assertEquals(10, client.readVersion(4, 0));
            assertEquals(12, client.readVersion(4, all - 1));
        }
    }

    private static long versionOfThree(int i, int all) {
        return 10 + 3L * i / all;
    }

    private static IoStatus replaceInThreeVersions(StoreClient client, long lpa) {
        int all = client.fragments();
        StoreHarness.Call call = client.replaceCall(lpa, 0, all);
        for (int i = 0; i < all; i++) {
            client.put(call, i, client.address(lpa, i), versionOfThree(i, all), 0);
        }
        return client.harness.run(call);
    }

    @ParameterizedTest
    @CsvSource({"512, 512", "4096, 512", "4096, 4096"})
    void keepsEveryVersionAboveTheWatermarkAndTheNewestBelow(int block, int fragment) {
        try (StoreHarness harness = StoreHarness.formatted(2, DEVICE_BYTES, block)) {
            StoreClient client = client(harness, fragment);
            client.write(1, 4, 1, 5);
            client.write(1, 4, 1, 8);
            client.commit(8);
            client.write(1, 4, 1, 20);
            client.unmap(1, 4, 1, 25);
            client.write(1, 4, 1, 30);
            client.write(1, 5, 1, 31);
            for (int round = 0; round < 3; round++) {
                assertEquals(30, client.readVersion(1, 4));
                assertEquals(8, version(client.readAt(1, 4, 1, 19), client));
                assertEquals(20, version(client.readAt(1, 4, 1, 24), client));
                assertEquals(
                        StoreClient.tombstone(25), version(client.readAt(1, 4, 1, 29), client));
                assertEquals(
                        List.of(
                                new Listed(client.address(1, 4), 20, false),
                                new Listed(client.address(1, 4), 25, true),
                                new Listed(client.address(1, 4), 30, false),
                                new Listed(client.address(1, 5), 31, false)),
                        client.list(8, 100));
                for (int entries : new int[] {1, 2, 3}) {
                    assertEquals(client.list(8, 100), client.list(8, entries));
                }
                if (round == 0) {
                    harness.runUntilIdle();
                } else {
                    harness.powerCutAndOpen();
                    assertEquals(8, client.attach());
                }
            }
            client.commit(31);
            harness.runUntilIdle();
            assertEquals(30, client.readVersion(1, 4));
            assertEquals(List.of(), client.list(31, 100));
            assertEquals(
                    List.of(
                            new Listed(client.address(1, 4), 30, false),
                            new Listed(client.address(1, 5), 31, false)),
                    client.list(0, 100));
        }
    }

    private static long version(Call call, StoreClient client) {
        return StoreClient.checked(call, 0, client.address(1, 4));
    }

    @ParameterizedTest
    @CsvSource({"512, 512", "4096, 512", "4096, 4096"})
    void replacesExactlyWhateverWasThere(int block, int fragment) {
        try (StoreHarness harness = StoreHarness.formatted(3, DEVICE_BYTES, block)) {
            StoreClient client = client(harness, fragment);
            client.write(1, 0, 4, 50);
            client.commit(40);
            harness.runUntilIdle();
            client.write(1, 0, 4, 60);
            assertEquals(IoStatus.OK, client.replace(1, 0, 1, 45, 0));
            assertEquals(IoStatus.OK, client.replace(1, 1, 1, 46, FragmentFormat.TOMBSTONE));
            assertEquals(IoStatus.OK, client.replace(1, 2, 1, 0, FragmentFormat.ABSENT));
            for (int round = 0; round < 4; round++) {
                assertEquals(45, client.readVersion(1, 0));
                assertEquals(StoreClient.tombstone(46), client.readVersion(1, 1));
                assertEquals(0, client.readVersion(1, 2));
                assertEquals(60, client.readVersion(1, 3));
                assertEquals(5, client.list(40, 100).size() + 1);
                if (round == 1) {
                    harness.runUntilIdle();
                } else {
                    harness.powerCutAndOpen();
                    client.attach();
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"512, 512", "4096, 512", "4096, 4096"})
    void whatIsReplacedAsBadStaysBadUntilItIsWrittenAgain(int block, int fragment) {
        try (StoreHarness harness = StoreHarness.formatted(3, DEVICE_BYTES, block)) {
            StoreClient client = client(harness, fragment);
            client.write(1, 0, 4, 50);
            assertEquals(IoStatus.OK, client.replace(1, 1, 2, 45, FragmentFormat.BAD));
            for (int round = 0; round < 4; round++) {
                assertEquals(50, client.readVersion(1, 0));
                assertEquals(-2, client.readVersion(1, 1));
                assertEquals(45, client.read(1, 2, 1).version(0), "it says what was there");
                assertEquals(FragmentFormat.BAD, client.read(1, 2, 1).flags(0));
                if (round == 1) {
                    harness.runUntilIdle();
                } else {
                    harness.powerCutAndOpen();
                    client.attach();
                }
            }
            assertEquals(IoStatus.OK, client.write(1, 1, 1, 60));
            assertEquals(60, client.readVersion(1, 1));
        }
    }

    @Test
    void putsGoodDataStraightToWhereItIsAskedFor() {
        try (StoreHarness harness = StoreHarness.formatted(7, DEVICE_BYTES, 4096)) {
            StoreClient client = client(harness, 512);
            client.attach();
            assertEquals(IoStatus.OK, client.write(1, 0, 3, 1L << 40 | 1));
            Call call = client.readCall(FragmentOp.READ, 1, 0, 4, 0);
            call.request.direct = Arena.ofAuto().allocate(4 * 4096, 8).fill((byte) 1);
            call.request.directOffset = 512;
            call.request.directStride = 4096;
            assertEquals(IoStatus.OK, harness.run(call));
            assertEquals(0b0111, call.request.directDone, "the last one was never written");
            Call usual = client.read(1, 0, 4);
            assertEquals(0, usual.request.directDone);
            for (int i = 0; i < 3; i++) {
                MemorySegment found = call.request.direct.asSlice(512 + i * 4096L, 512);
                assertEquals(-1, found.mismatch(usual.data(i)), "fragment " + i);
                assertEquals(
                        FragmentFormat.version(usual.request.buffer, i * 528L + 512),
                        FragmentFormat.version(call.request.buffer, i * 528L + 512));
                assertEquals(1, call.request.direct.get(ValueLayout.JAVA_BYTE, i * 4096L + 1024));
            }
        }
    }

    @Test
    void tombstonesStayUntilEveryLocationIsInSync() {
        try (StoreHarness harness = StoreHarness.formatted(5, DEVICE_BYTES, 4096)) {
            StoreClient client = client(harness, 512);
            assertEquals(IoStatus.OK, client.write(1, 0, client.fragments(), 1));
            client.watermark = 1;
            client.allInSync = false;
            assertEquals(IoStatus.OK, client.unmap(1, 0, client.fragments(), 2));
            assertEquals(IoStatus.OK, client.unmap(2, 0, client.fragments(), 3));
            client.commit(3);
            harness.runUntilIdle();
            assertEquals(-12, client.readVersion(1, 0), "who missed the unmap must hear of it");
            assertEquals(-13, client.readVersion(2, 0));
            client.allInSync = true;
            client.commit(3);
            harness.runUntilIdle();
            assertEquals(0, harness.store().stats().pagesUsed());
            assertEquals(0, client.readVersion(1, 0));
        }
    }

    /** The second time the halves are merged together, while the watermark lies between them. */
    @Test
    void aPageThatIsUnmappedTwiceComesFree() {
        try (StoreHarness harness = StoreHarness.formatted(5, DEVICE_BYTES, 512)) {
            StoreClient client = client(harness, 4096);
            client.allInSync = false;
            assertEquals(IoStatus.OK, client.write(1, 0, 32, 1));
            assertEquals(IoStatus.OK, client.unmap(1, 0, 32, 2));
            client.commit(2);
            harness.runUntilIdle();
            assertEquals(IoStatus.OK, client.unmap(1, 0, 16, 3));
            assertEquals(IoStatus.OK, client.unmap(1, 16, 16, 4));
            client.commit(3);
            harness.runUntilIdle();
            client.allInSync = true;
            client.commit(4);
            harness.runUntilIdle();
            assertEquals(0, harness.store().stats().journalEntries());
            assertEquals(0, harness.store().stats().pagesUsed());
        }
    }

    @ParameterizedTest
    @CsvSource({"512, 512", "4096, 512", "4096, 4096"})
    void unmappedPagesComeBackAsFreeSpace(int block, int fragment) {
        try (StoreHarness harness = StoreHarness.formatted(4, DEVICE_BYTES, block)) {
            StoreClient client = client(harness, fragment);
            int pages = harness.store().stats().pagesTotal();
            long version = 0;
            for (int lap = 0; lap < 4; lap++) {
                for (int lpa = 0; lpa < pages; lpa++) {
                    assertEquals(
                            IoStatus.OK,
                            client.write(1000 * lap + lpa, 0, client.fragments(), ++version),
                            "lap " + lap + " lpa " + lpa);
                    client.watermark = version;
                }
                assertEquals(IoStatus.NO_SPACE, client.write(5000, 0, 1, ++version));
                assertEquals(version - 1, client.readVersion(1000 * lap + pages - 1, 0));
                for (int lpa = 0; lpa < pages; lpa++) {
                    assertEquals(
                            IoStatus.OK,
                            client.unmap(1000 * lap + lpa, 0, client.fragments(), ++version));
                    client.watermark = version;
                }
            }
            client.commit(version);
            harness.runUntilIdle();
            assertEquals(0, harness.store().stats().pagesUsed());
            harness.powerCutAndOpen();
            assertEquals(0, harness.store().stats().pagesUsed());
        }
    }

    @ParameterizedTest
    @CsvSource({"512, 512", "4096, 512", "4096, 4096"})
    void deletesAWholeAddressSpaceAndNoOther(int block, int fragment) {
        try (StoreHarness harness = StoreHarness.formatted(5, DEVICE_BYTES, block)) {
            StoreClient client = client(harness, fragment);
            StoreClient other = new StoreClient(harness, 8, 1024);
            other.attach();
            for (int lpa = 0; lpa < 20; lpa++) {
                client.write(lpa, 0, lpa % 2 == 0 ? 1 : client.fragments(), lpa + 1);
                other.write(lpa, 3, 2, lpa + 1);
            }
            client.commit(10);
            assertEquals(IoStatus.OK, client.delete());
            assertEquals(20, harness.store().stats().pagesUsed());
            for (int round = 0; round < 2; round++) {
                assertEquals(List.of(), client.list(0, 100));
                assertEquals(0, client.readVersion(3, 0));
                assertEquals(4, other.readVersion(3, 4));
                harness.powerCutAndOpen();
                assertEquals(0, client.attach());
                other.attach();
            }
            assertEquals(IoStatus.OK, client.write(3, 0, 1, 1));
            assertEquals(1, client.readVersion(3, 0));
        }
    }

    @Test
    void aDeviceThatFailedAWriteRefusesToAttach() {
        try (StoreHarness harness = StoreHarness.formatted(6, DEVICE_BYTES, 4096)) {
            StoreClient client = client(harness, 512);
            assertEquals(IoStatus.OK, client.write(1, 0, 1, 1));
            harness.disk.faults().failWrites(0, DEVICE_BYTES);
            assertEquals(IoStatus.MEDIA_ERROR, client.write(1, 0, 1, 2));
            Call attach = client.call(FragmentOp.ATTACH, 0, 0, 0);
            attach.request.association = 99;
            assertEquals(IoStatus.MEDIA_ERROR, harness.run(attach));
            harness.disk.faults().clear();
        }
    }

    @Test
    void aDeviceThatFailedIsClosedThoughTheNextBatchWasBegun() {
        try (StoreHarness harness = StoreHarness.formatted(6, DEVICE_BYTES, 4096)) {
            StoreClient client = client(harness, 512);
            assertEquals(IoStatus.OK, client.write(1, 0, 1, 1));
            harness.disk.faults().failWrites(0, DEVICE_BYTES);
            List<Call> calls = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                calls.add(harness.submit(client.writeCall(1, 0, 1, 2 + i)));
                harness.simulation().runFor(1_000);
            }
            calls.forEach(call -> assertEquals(IoStatus.MEDIA_ERROR, harness.finish(call)));
            boolean[] closed = {false};
            harness.store().close(() -> closed[0] = true);
            harness.runUntilIdle();
            assertTrue(closed[0]);
        }
    }

    @ParameterizedTest
    @CsvSource({"512", "4096"})
    void aNewAssociationFencesTheOlderOnes(int block) {
        try (StoreHarness harness = StoreHarness.formatted(6, DEVICE_BYTES, block)) {
            StoreClient client = client(harness, 512);
            client.write(1, 0, 1, 1);
            Call late = harness.submit(client.writeCall(1, 0, 1, 2));
            Call attach = client.call(FragmentOp.ATTACH, 0, 0, 0);
            attach.request.association = 99;
            attach.request.epoch = 2;
            harness.submit(attach);
            assertEquals(IoStatus.OK, harness.finish(attach));
            assertTrue(late.isDone());
            assertEquals(IoStatus.FENCED, client.write(1, 0, 1, 3));
            client.association = 99;
            assertEquals(IoStatus.FENCED, client.write(1, 0, 1, 3));
            client.epoch = 2;
            assertEquals(IoStatus.OK, client.write(1, 0, 1, 4));
            boolean[] applied = {false};
            harness.store().onVolumeEpoch(7, 3, () -> applied[0] = true);
            assertEquals(IoStatus.FENCED, client.write(1, 0, 1, 5));
            assertTrue(applied[0]);
            harness.store().serving(false);
            assertEquals(IoStatus.NOT_SERVING, client.write(1, 0, 1, 6));
        }
    }

    private static IoStatus attach(StoreHarness harness, StoreClient client, long association) {
        Call attach = client.call(FragmentOp.ATTACH, 0, 0, 0);
        attach.request.association = association;
        return harness.run(attach);
    }

    /** A network may hold it back for longer than its connection lives. */
    @Test
    void anAttachThatANewerOneHasOvertakenTakesNothingFromThat() {
        try (StoreHarness harness = StoreHarness.formatted(6, DEVICE_BYTES, 512)) {
            StoreClient client = client(harness, 512);
            assertEquals(IoStatus.OK, attach(harness, client, 5));
            assertEquals(IoStatus.OK, attach(harness, client, 7));
            assertEquals(IoStatus.FENCED, attach(harness, client, 5));
            client.association = 7;
            assertEquals(IoStatus.OK, client.write(1, 0, 1, 1));
        }
    }

    /** The connections of different nodes to a store were made in any order. */
    @Test
    void theNextOwnerAttachesOverAnOlderConnectionThanTheLastOne() {
        try (StoreHarness harness = StoreHarness.formatted(6, DEVICE_BYTES, 512)) {
            StoreClient client = client(harness, 512);
            assertEquals(IoStatus.OK, attach(harness, client, 7));
            harness.store().onVolumeEpoch(client.vuid, 2, () -> {});
            client.epoch = 2;
            assertEquals(IoStatus.OK, attach(harness, client, 5));
            client.association = 5;
            assertEquals(IoStatus.OK, client.write(1, 0, 1, 1));
        }
    }
}
