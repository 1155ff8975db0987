package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.IoStatus;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A journal of which the device reads nothing, or not all, is not an empty one. */
class UnreadableRingTest {
    private static final long DEVICE_BYTES = 16 << 20;
    private static final int PAGES = 20;

    private static Layout layout(int block) {
        return Layout.plan(DEVICE_BYTES, block, 8, StoreConfig.defaults().ringBytesMax());
    }

    /** Pages at home, and a version that only the journal has. */
    private static StoreClient written(StoreHarness harness) {
        StoreClient client = new StoreClient(harness, 7, 4096);
        client.attach();
        for (int lpa = 0; lpa < PAGES; lpa++) {
            assertEquals(IoStatus.OK, client.write(lpa, 0, 32, 1 + lpa));
        }
        assertEquals(IoStatus.OK, client.commit(PAGES));
        harness.runUntilIdle();
        assertEquals(IoStatus.OK, client.write(3, 5, 1, 100));
        return client;
    }

    private static String refusal(StoreHarness harness) {
        harness.beginOpen();
        harness.simulation()
                .runUntil(() -> harness.isOpen() || harness.refusal != null, 60_000_000_000L);
        harness.runUntilIdle();
        return String.valueOf(harness.refusal);
    }

    private static byte[] headers(StoreHarness harness, Layout layout) {
        byte[] all = new byte[PAGES * layout.headerBytes()];
        for (int page = 0; page < PAGES; page++) {
            byte[] one = harness.disk.peek(layout.headerOffset(page), layout.headerBytes());
            System.arraycopy(one, 0, all, page * one.length, one.length);
        }
        return all;
    }

    private static void assertAllThere(StoreHarness harness, StoreClient client) {
        harness.open();
        client.attach();
        for (int lpa = 0; lpa < PAGES; lpa++) {
            for (int i = 0; i < 32; i++) {
                assertEquals(lpa == 3 && i == 5 ? 100 : 1 + lpa, client.readVersion(lpa, i));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void aDeviceThatReadsNothingOfItIsRefusedAndKeepsAll(int block) {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, block)) {
            Layout layout = layout(block);
            StoreClient client = written(harness);
            harness.powerCut();
            byte[] before = headers(harness, layout);
            harness.disk.faults().failReads(layout.ringOffset(), layout.ringBytes());
            String refusal = refusal(harness);
            assertArrayEquals(before, headers(harness, layout));
            assertTrue(refusal.startsWith("the journal cannot be read"), refusal);
            harness.disk.faults().clear();
            harness.powerCut();
            assertAllThere(harness, client);
        }
    }

    /** As when the ring was given back to a file system by mistake. */
    @Test
    void aDeviceThatHasPagesAndNoJournalIsRefused() {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512)) {
            Layout layout = layout(512);
            StoreClient client = written(harness);
            harness.powerCut();
            byte[] before = headers(harness, layout);
            byte[] ring = harness.disk.peek(layout.ringOffset(), layout.ringBytes());
            harness.disk.poke(layout.ringOffset(), new byte[ring.length]);
            String refusal = refusal(harness);
            assertArrayEquals(before, headers(harness, layout));
            assertEquals("the journal is empty, and the device has pages", refusal);
            harness.disk.poke(layout.ringOffset(), ring);
            harness.powerCut();
            assertAllThere(harness, client);
        }
    }

    /** Nothing was ever written there, or nothing that is needed. */
    @Test
    void aDeviceWithABadSectorInTheRestOfItIsOpened() {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512)) {
            Layout layout = layout(512);
            StoreClient client = written(harness);
            harness.powerCut();
            harness.disk.faults().failReads(layout.ringOffset() + layout.ringBytes() - 4096, 512);
            assertAllThere(harness, client);
        }
    }

    @Test
    void aDeviceThatWasOnlyFormattedIsOpenedWithABadSectorInItsRing() {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512)) {
            Layout layout = layout(512);
            harness.powerCut();
            harness.disk.faults().failReads(layout.ringOffset() + 8192, 4096);
            harness.open();
            harness.disk.faults().clear();
            StoreClient client = new StoreClient(harness, 7, 4096);
            assertEquals(0, client.attach());
            assertEquals(IoStatus.OK, client.write(3, 5, 1, 300));
            assertEquals(300, client.readVersion(3, 5));
        }
    }

    /** The pages that the device held before are of another format, and nothing to this one. */
    @Test
    void aDeviceThatWasFormattedAnewIsOpened() {
        assertEquals("null", openedWithAHeaderOf(StoreHarness.FORMAT_ID + 1));
        assertEquals(
                "the journal is empty, and the device has pages",
                openedWithAHeaderOf(StoreHarness.FORMAT_ID));
    }

    private static String openedWithAHeaderOf(long formatId) {
        try (StoreHarness harness = new StoreHarness(1, DEVICE_BYTES, 512, StoreConfig.defaults());
                Arena arena = Arena.ofConfined()) {
            Area header = new Area(arena, PageHeader.SECTOR_BYTES);
            PageHeader.clear(header, 0, formatId, 7L << 39, 0, 0, 12);
            PageHeader.seal(header, 0);
            harness.disk.poke(
                    layout(512).headerOffset(0), header.segment().toArray(ValueLayout.JAVA_BYTE));
            harness.format();
            return refusal(harness);
        }
    }

    /** The newest batch may have been answered: its owner has to compare. */
    @Test
    void whereTheNewestBatchCannotBeReadTheStoreHasForgotten() {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512)) {
            StoreClient client = written(harness);
            JournalRing ring = harness.store().parts().ring;
            long newest = layout(512).ringOffset() + ring.offsetOf(ring.headSequence());
            harness.powerCut();
            harness.disk.faults().failReads(newest, 512);
            harness.open();
            assertEquals(FragmentFormat.FORGETFUL, client.attach());
            harness.disk.faults().clear();
            client.allInSync = true;
            assertEquals(IoStatus.OK, client.commit(200));
            assertEquals(200, client.attach());
            assertEquals(IoStatus.OK, client.write(3, 5, 1, 300));
            harness.powerCutAndOpen();
            assertEquals(200, client.attach());
            assertEquals(300, client.readVersion(3, 5));
        }
    }
}
