package io.stria.control.consensus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ReconnectionsTest {
    private final Reconnections reconnections = new Reconnections();
    private final Semaphore done = new Semaphore(0);

    private void awaitOne() throws InterruptedException {
        assertTrue(done.tryAcquire(60, TimeUnit.SECONDS));
    }

    /** A thread that has done its work still lives for a moment. */
    private void awaitStart(int nodeId, long nowNs) throws InterruptedException {
        long endNs = System.nanoTime() + 60_000_000_000L;
        long laterNs = nowNs;
        while (!reconnections.start(nodeId, laterNs, done::release)) {
            assertTrue(System.nanoTime() < endNs);
            laterNs += Reconnections.GAP_NS;
            Thread.sleep(1);
        }
        awaitOne();
    }

    @Test
    void afterOneToTheSameVoterThereIsNoneForASecond() throws InterruptedException {
        assertTrue(reconnections.start(2, 0, done::release));
        awaitOne();
        assertFalse(reconnections.start(2, Reconnections.GAP_NS - 1, done::release));
        assertTrue(reconnections.start(3, 1, done::release));
        awaitOne();
        awaitStart(2, 2 * Reconnections.GAP_NS);
        assertEquals(0, done.availablePermits());
    }

    @Test
    void whileOneIsUnderWayThereIsNoneHoweverLongItTakes() throws InterruptedException {
        CountDownLatch held = new CountDownLatch(1);
        assertTrue(
                reconnections.start(
                        2,
                        0,
                        () -> {
                            try {
                                held.await();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                            done.release();
                        }));
        assertFalse(reconnections.start(2, 5 * Reconnections.GAP_NS, done::release));
        held.countDown();
        awaitOne();
        assertFalse(reconnections.start(2, 6 * Reconnections.GAP_NS - 1, done::release));
        awaitStart(2, 8 * Reconnections.GAP_NS);
    }
}
