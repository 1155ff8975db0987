package io.stria.dataplane.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A movement beside hosts keeps to its {@link Throttle}, and arrives. */
class PacedMovementTest {
    private static final long READ_EVERY_NS = 3_000_000;
    private static final long BLOCKS = 6_000;

    private final OwnerScenario world = new OwnerScenario(2, BLOCKS);
    private long copied;
    private long lastNs;
    private long longestPauseNs;

    @BeforeEach
    void fill() {
        for (long block = 0; block + 32 <= BLOCKS; block += 32) {
            assertEquals(IoStatus.OK, world.write(block, 32, block + 1));
        }
    }

    private void move(int slots, Integer... removed) {
        world.moving(slots, removed);
        for (MemoryStore.Client client : world.clients) {
            client.hang(request -> {
                if (request.op == FragmentOp.REPLACE) {
                    long nowNs = world.world.nowNs();
                    longestPauseNs = Math.max(longestPauseNs, lastNs == 0 ? 0 : nowNs - lastNs);
                    lastNs = nowNs;
                    copied += (long) request.count * request.fragmentBytes;
                }
                return false;
            });
        }
    }

    /** Returns how long it took. */
    private long arriveBesideReads() {
        long fromNs = world.world.nowNs();
        while (world.placing.isMoving()) {
            assertEquals(1, world.read(0));
            world.runFor(READ_EVERY_NS);
        }
        return world.world.nowNs() - fromNs;
    }

    private void lose(int slot) {
        world.stores.get(slot).setUp(false);
        world.runUntil(() -> world.behind.containsKey(slot));
    }

    private static void assertAbout(long expected, double rate) {
        assertTrue(rate <= 1.2 * expected, "faster than its rate: " + rate);
        assertTrue(rate >= 0.7 * expected, "slower than its floor: " + rate);
    }

    @Test
    void besideHostsItKeepsToItsRateAndRestsInBetween() {
        move(5, 1);
        long tookNs = arriveBesideReads();
        assertTrue(copied > 5 << 20, "copied: " + copied);
        assertAbout(Throttle.FLOOR, copied * 1e9 / tookNs);
        assertTrue(longestPauseNs >= Throttle.REST_NS, "never rests: " + longestPauseNs);
    }

    @Test
    void withOneDeviceMissingItIsFaster() {
        lose(1);
        move(5, 1);
        long tookNs = arriveBesideReads();
        assertAbout(Throttle.FLOOR_ONE_MISSING, copied * 1e9 / tookNs);
    }

    @Test
    void withTwoDevicesMissingNothingRests() {
        lose(1);
        lose(2);
        move(6, 1, 2);
        long tookNs = arriveBesideReads();
        double rate = copied * 1e9 / tookNs;
        assertTrue(rate > 2 * Throttle.FLOOR_ONE_MISSING, "held back: " + rate);
        assertTrue(longestPauseNs < Throttle.REST_NS, "rests: " + longestPauseNs);
    }

    @Test
    void whenHostsHaveGoneNothingHoldsItBack() {
        move(5, 1);
        while (copied < 2 << 20) {
            assertEquals(1, world.read(0));
            world.runFor(READ_EVERY_NS);
        }
        long fromNs = world.world.nowNs();
        world.runUntil(() -> !world.placing.isMoving());
        long tookNs = world.world.nowNs() - fromNs;
        assertTrue(tookNs <= 2 * Pace.ABSENT_NS, "took so long: " + tookNs);
    }
}
