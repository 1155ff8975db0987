package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.BlockFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A device has lost the last write of a page's header, though it said that it was durable. The one
 * before it is whole, and what it says of is there: only how often it was written tells them apart.
 */
class StaleHeaderTest {
    private static final long DEVICE_BYTES = 64 << 20;
    private static final StoreConfig CONFIG =
            StoreConfig.defaults().withHeaderCacheBytes(16 * 4096);
    private static final Layout LAYOUT = Layout.plan(DEVICE_BYTES, 512, 8, CONFIG.ringBytesMax());
    private static final int BYTES = LAYOUT.headerBytes();
    private static final long BAD = -2;
    private static final long PAGE = 3;
    private static final int OTHERS = 200;

    @ParameterizedTest
    @ValueSource(ints = {512, 4096})
    void whatWasUnmappedDoesNotComeBack(int fragmentBytes) {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512, CONFIG)) {
            StoreClient client = new StoreClient(harness, 7, fragmentBytes);
            client.attach();
            client.allInSync = false;
            writeOthers(client);
            assertEquals(IoStatus.OK, client.write(PAGE, 0, client.fragments(), 10));
            merge(client, 10);
            assertEquals(10, client.readVersion(PAGE, 0));
            MemorySegment before = header(harness);
            assertEquals(IoStatus.OK, client.unmap(PAGE, 0, 1, 11));
            merge(client, 11);
            long reads = harness.store().stats().headerReads();
            readOthers(client);
            assertEquals(StoreClient.tombstone(11), client.readVersion(PAGE, 0));
            assertTrue(harness.store().stats().headerReads() > reads, "it had not been evicted");

            access(harness, before, true);
            readOthers(client);
            assertEquals(BAD, client.readVersion(PAGE, 0));
            readOthers(client);
            assertEquals(BAD, client.readVersion(PAGE, 0), "nothing has mended it");
            assertEquals(IoStatus.OK, client.replace(PAGE, 0, 1, 12, FragmentFormat.TOMBSTONE));
            merge(client, 12);
            readOthers(client);
            assertEquals(StoreClient.tombstone(12), client.readVersion(PAGE, 0));
            assertEquals(BAD, client.readVersion(PAGE, client.fragments() - 1));
            harness.powerCutAndOpen();
            client.attach();
            assertEquals(StoreClient.tombstone(12), client.readVersion(PAGE, 0));
            assertEquals(BAD, client.readVersion(PAGE, client.fragments() - 1));
        }
    }

    /** It is as it was written, and was only not read once, as a whole or one sector of it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatCouldNotBeReadForAWhileIsNotTakenForStale(boolean rewritten) {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512, CONFIG)) {
            StoreClient client = new StoreClient(harness, 7, 512);
            client.attach();
            client.allInSync = false;
            writeOthers(client);
            assertEquals(IoStatus.OK, client.write(PAGE, 0, client.fragments(), 10));
            merge(client, 10);
            readOthers(client);
            int page = pageOf(harness);
            harness.disk.faults().failReads(LAYOUT.headerOffset(page) + 512, 512);
            assertEquals(BAD, client.readVersion(PAGE, 40));
            if (rewritten) {
                assertEquals(IoStatus.OK, client.write(PAGE, 40, 1, 11));
                merge(client, 11);
            }
            harness.disk.faults().clear();
            readOthers(client);
            assertEquals(rewritten ? 11 : 10, client.readVersion(PAGE, 40));
            assertEquals(10, client.readVersion(PAGE, 0));
            readOthers(client);
            assertEquals(10, client.readVersion(PAGE, client.fragments() - 1));
        }
    }

    private static void writeOthers(StoreClient client) {
        for (long lpa = 100; lpa < 100 + OTHERS; lpa++) {
            assertEquals(IoStatus.OK, client.write(lpa, 0, 1, 9));
        }
        merge(client, 9);
    }

    /** Reads headers of so many other pages that it leaves the memory. */
    private static void readOthers(StoreClient client) {
        for (long lpa = 100; lpa < 100 + OTHERS; lpa++) {
            assertEquals(9, client.readVersion(lpa, 0));
        }
    }

    private static void merge(StoreClient client, long version) {
        assertEquals(IoStatus.OK, client.commit(version));
        client.harness.runUntilIdle();
    }

    private static MemorySegment header(StoreHarness harness) {
        MemorySegment header = Arena.ofAuto().allocate(BYTES, 4096);
        access(harness, header, false);
        return header;
    }

    private static void access(StoreHarness harness, MemorySegment header, boolean write) {
        int page = pageOf(harness);
        boolean[] done = {false};
        BlockFile.Completion completion = (token, result) -> done[0] = result == BYTES;
        BlockFile file = harness.store().parts().file;
        if (write) {
            file.write(LAYOUT.headerOffset(page), header, 0, BYTES, true, completion, 0);
        } else {
            file.read(LAYOUT.headerOffset(page), header, 0, BYTES, completion, 0);
        }
        harness.simulation().runUntil(() -> done[0], 1_000_000_000L);
        assertTrue(done[0]);
    }

    private static int pageOf(StoreHarness harness) {
        PageIndex index = harness.store().parts().index;
        return index.page(index.find(7L << DeviceAddress.VUID_SHIFT | PAGE));
    }
}
