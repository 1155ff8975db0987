package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.store.StoreHarness.Call;
import java.util.ArrayDeque;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A file system is made on a fresh volume: all of it is discarded, then written here and there. */
class DiscardTest {
    private static final int IN_FLIGHT = 8;

    private final ArrayDeque<Call> inFlight = new ArrayDeque<>();
    private long version;

    @ParameterizedTest
    @CsvSource({"512, 2048", "4096, 2048", "4096, 512"})
    void everyCommandEndsWhileTheWatermarkFollowsALittleBehind(int block, int fragment) {
        try (StoreHarness harness = StoreHarness.formatted(1, 768L << 20, block)) {
            StoreClient client = new StoreClient(harness, 7, fragment);
            client.attach();
            for (int lpa = 0; lpa < 4096; lpa++) {
                unmap(client, lpa);
            }
            for (int lpa = 0; lpa < 4096; lpa += 50) {
                write(client, lpa, 3, 1);
                write(client, lpa, 8, Math.min(32, client.fragments() - 8));
            }
            for (int lpa = 1000; lpa < 1512; lpa++) {
                unmap(client, lpa);
            }
            for (int lpa = 1000; lpa < 1100; lpa++) {
                write(client, lpa, 0, 1);
            }
            while (!inFlight.isEmpty()) {
                finishOldest(client);
            }
            assertEquals(IoStatus.OK, client.commit(version));
            assertEquals(version, client.readVersion(1099, 0));
            assertEquals(0, client.readVersion(999, 0));
        }
    }

    private void unmap(StoreClient client, int lpa) {
        submit(client, client.unmapCall(lpa, 0, client.fragments(), ++version));
    }

    private void write(StoreClient client, int lpa, int fragment, int count) {
        submit(client, client.writeCall(lpa, fragment, count, ++version));
    }

    private void submit(StoreClient client, Call call) {
        if (inFlight.size() == IN_FLIGHT) {
            finishOldest(client);
        }
        client.harness.submit(call);
        inFlight.add(call);
    }

    private void finishOldest(StoreClient client) {
        Call call = inFlight.remove();
        assertEquals(IoStatus.OK, client.harness.finish(call));
        if (call.request.version != 0) {
            client.watermark = call.request.version;
        }
    }
}
