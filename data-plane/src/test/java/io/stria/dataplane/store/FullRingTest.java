package io.stria.dataplane.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.store.StoreHarness.Call;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

/**
 * A volume whose watermark does not rise has filled the journal with versions of one page, the room
 * beside it too. What waits then is dropped in time.
 */
class FullRingTest {
    private static final long DEVICE_BYTES = 16 << 20;
    private static final int FRAGMENT = 4096;
    private static final int FRAGMENTS = 8;
    private static final int WRITES_MAX = 5_000;

    private final StoreHarness harness = StoreHarness.formatted(1, DEVICE_BYTES, 512);
    private final StoreClient stuck = new StoreClient(harness, 5, FRAGMENT);
    private final StoreClient other = new StoreClient(harness, 6, FRAGMENT);
    private int nextEmpty;

    /** Returns the write that finds no room, and is the first in line. */
    private Call fill() {
        stuck.attach();
        other.attach();
        assertEquals(IoStatus.OK, stuck.write(0, 0, stuck.fragments(), 1));
        assertEquals(IoStatus.OK, stuck.commit(1));
        harness.runUntilIdle();
        return firstThatWaits(version -> stuck.writeCall(0, 0, FRAGMENTS, version));
    }

    private Call firstThatWaits(LongFunction<Call> write) {
        for (int version = 2; version < WRITES_MAX; version++) {
            Call call = harness.submit(write.apply(version));
            harness.runUntilIdle();
            if (!call.isDone()) {
                return call;
            }
            assertEquals(IoStatus.OK, call.status);
        }
        throw new AssertionError("there is always room");
    }

    private void fence(StoreClient client) {
        client.epoch++;
        client.attach();
    }

    /** The end of the first is the end of the barrier behind it, which the next stands behind. */
    @Test
    void whatStandsBehindABarrierIsFencedWithWhatStandsBeforeIt() {
        try (harness) {
            Call waits = fill();
            Call before = harness.submit(other.writeCall(0, 0, 1, 1));
            boolean[] applied = new boolean[1];
            harness.store().onVolumeEpoch(other.vuid, other.epoch, () -> applied[0] = true);
            Call behind = harness.submit(other.writeCall(1, 0, 1, 2));
            harness.runUntilIdle();
            assertFalse(before.isDone() || applied[0] || behind.isDone() || waits.isDone());

            fence(other);

            harness.runUntilIdle();
            assertTrue(applied[0]);
            assertEquals(IoStatus.FENCED, before.status);
            assertEquals(IoStatus.FENCED, behind.status);
            assertFalse(waits.isDone());
        }
    }

    private Call writeToEmpty(long version) {
        int perPage = other.fragments() / FRAGMENTS;
        int fragment = nextEmpty % perPage * FRAGMENTS;
        return other.writeCall(nextEmpty++ / perPage, fragment, FRAGMENTS, version);
    }

    /** Its data is at home when nobody waits in line any more, and there is no room to say so. */
    @Test
    void aWriteThatIsOnItsWayHomeDoesNotKeepTheStoreOpen() {
        try (harness) {
            Call waits = fill();
            fence(stuck);
            assertEquals(IoStatus.FENCED, waits.status);
            firstThatWaits(this::writeToEmpty);
            fence(other);
            Call last = harness.submit(writeToEmpty(WRITES_MAX));
            boolean[] closed = new boolean[1];
            harness.store().close(() -> closed[0] = true);
            assertFalse(last.isDone());

            harness.runUntilIdle();

            assertTrue(closed[0]);
            assertEquals(IoStatus.NOT_SERVING, last.status);
        }
    }
}
