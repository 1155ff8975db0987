package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.BlockFile;
import java.lang.foreign.Arena;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What cannot be, though every checksum is right: the device is refused, and its node goes on. */
class ContradictionTest {
    private static final long DEVICE_BYTES = 16 << 20;
    private static final long FORMAT_ID = 0x1234_5678_9abcL;

    private static final Layout LAYOUT =
            Layout.plan(DEVICE_BYTES, 512, 8, StoreConfig.defaults().ringBytesMax());

    @ParameterizedTest
    @CsvSource({
        "0, page 0 of the device has two owners",
        "100000, the journal names a page that the device has not: 100000",
        "-2, the journal names a page that the device has not: -2"
    })
    void aDeviceWhoseJournalNamesSuchAPageIsRefused(int page, String reason) {
        try (StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512)) {
            StoreClient client = new StoreClient(harness, 7, 4096);
            client.attach();
            assertEquals(IoStatus.OK, client.write(1, 0, 1, 1));
            assertEquals(IoStatus.OK, client.write(2, 0, 1, 2));
            harness.powerCut();
            namePage(harness, 7L << DeviceAddress.VUID_SHIFT | 2, page);
            harness.beginOpen();
            harness.engine.runUntil(() -> harness.isOpen() || harness.refusal != null);
            assertFalse(harness.isOpen());
            assertEquals(reason, harness.refusal);
        }
    }

    private static void namePage(StoreHarness harness, long key, int page) {
        Area ring = new Area(Arena.ofAuto(), LAYOUT.ringBytes());
        boolean[] done = {false};
        BlockFile file = harness.file();
        BlockFile.Completion completion = (token, result) -> done[0] = result == LAYOUT.ringBytes();
        file.read(LAYOUT.ringOffset(), ring.segment(), 0, LAYOUT.ringBytes(), completion, 0);
        harness.engine.runUntil(() -> done[0]);
        for (int at = 0; at < LAYOUT.ringBytes(); at += LAYOUT.blockBytes()) {
            if (BatchHead.isValid(ring, at, FORMAT_ID, LAYOUT.ringBytes() - at)) {
                namePage(ring, at, key, page);
            }
        }
        done[0] = false;
        file.write(LAYOUT.ringOffset(), ring.segment(), 0, LAYOUT.ringBytes(), true, completion, 0);
        harness.engine.runUntil(() -> done[0]);
        file.close();
    }

    private static void namePage(Area ring, int batch, long key, int page) {
        int record = batch + BatchHead.BYTES;
        for (int i = BatchHead.records(ring, batch); i > 0; i--) {
            if (JournalRecord.key(ring, record) == key) {
                ring.putInt(record + 24, page);
                JournalRecord.seal(ring, record);
            }
            record += JournalRecord.bytes(ring, record);
        }
        BatchHead.put(
                ring,
                batch,
                FORMAT_ID,
                BatchHead.sequence(ring, batch),
                BatchHead.tail(ring, batch),
                BatchHead.position(ring, batch),
                BatchHead.bytes(ring, batch),
                BatchHead.records(ring, batch),
                BatchHead.highWater(ring, batch),
                new Area(Arena.ofAuto(), 4096));
    }
}
