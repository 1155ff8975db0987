package io.stria.runtime.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkRingTest {
    @Test
    void handsOutInOrderAndRefusesWhatHasNoRoom() {
        WorkRing<Integer> ring = new WorkRing<>(2);
        assertTrue(ring.isEmpty());
        assertTrue(ring.offer(1) && ring.offer(2));
        assertFalse(ring.offer(3));
        assertEquals(1, ring.poll());
        assertTrue(ring.offer(3));
        assertEquals(2, ring.poll());
        assertEquals(3, ring.poll());
        assertNull(ring.poll());
        assertTrue(ring.isEmpty());
    }

    /** A ring of one is full after each piece: its threads wait for each other every time. */
    @ParameterizedTest
    @CsvSource({"1, 20000", "4, 200000", "1024, 200000"})
    void givesEveryPieceToExactlyOneOfManyThreads(int capacity, int pieces)
            throws InterruptedException {
        WorkRing<Integer> ring = new WorkRing<>(capacity);
        AtomicIntegerArray taken = new AtomicIntegerArray(pieces);
        AtomicBoolean finished = new AtomicBoolean();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            threads.add(Thread.ofPlatform().start(() -> take(ring, taken, finished)));
        }
        for (int i = 0; i < pieces; i++) {
            while (!ring.offer(i)) {
                Thread.yield();
            }
        }
        finished.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        for (int i = 0; i < pieces; i++) {
            assertEquals(1, taken.get(i), "piece " + i);
        }
    }

    private static void take(
            WorkRing<Integer> ring, AtomicIntegerArray taken, AtomicBoolean finished) {
        while (!finished.get() || !ring.isEmpty()) {
            Integer piece = ring.poll();
            if (piece == null) {
                Thread.yield();
            } else {
                taken.incrementAndGet(piece);
            }
        }
    }
}
