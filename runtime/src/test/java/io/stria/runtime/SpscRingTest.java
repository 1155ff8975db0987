package io.stria.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpscRingTest {
    @Test
    void keepsOrderAndRefusesWhenFull() {
        SpscRing<Integer> ring = new SpscRing<>(4);
        for (int round = 0; round < 10; round++) {
            for (int i = 0; i < 4; i++) {
                assertTrue(ring.offer(i));
            }
            assertFalse(ring.offer(99));
            for (int i = 0; i < 4; i++) {
                assertEquals(i, ring.poll());
            }
            assertNull(ring.poll());
        }
    }

    @Test
    void drainsWhatIsThereAndNoMoreThanItsCapacityAtATime() {
        SpscRing<Integer> ring = new SpscRing<>(2);
        ring.offer(1);
        ring.offer(2);
        List<Integer> drained = new ArrayList<>();
        int count =
                ring.drain(message -> {
                    drained.add(message);
                    ring.offer(message + 10);
                });
        assertEquals(2, count);
        assertEquals(List.of(1, 2), drained);
        assertEquals(11, ring.poll());
    }

    @Test
    void refusesACapacityThatIsNoPowerOfTwo() {
        assertThrows(IllegalArgumentException.class, () -> new SpscRing<>(3));
        assertThrows(IllegalArgumentException.class, () -> new SpscRing<>(0));
    }

    /**
     * Messages carry plain fields that the producer writes just before it offers them and reuses
     * when they come back: a missing fence would show as a stale or a torn message.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 64, 1024})
    void showsEveryMessageWholeAndOnceUnderTwoThreads(int capacity) throws Exception {
        int messages = Math.min(1_000_000, 20_000 * capacity);
        SpscRing<Message> forth = new SpscRing<>(Math.max(1, capacity / 2));
        SpscRing<Message> back = new SpscRing<>(capacity);
        for (int i = 0; i < capacity; i++) {
            back.offer(new Message());
        }
        Thread producer = Thread.ofPlatform().start(() -> produce(messages, forth, back));
        for (long expected = 0; expected < messages; expected++) {
            Message message = next(forth);
            assertEquals(expected, message.sequence);
            assertEquals(~expected, message.complement);
            message.sequence = -1;
            assertTrue(back.offer(message));
        }
        producer.join();
        assertNull(forth.poll());
    }

    private static void produce(int messages, SpscRing<Message> forth, SpscRing<Message> back) {
        for (long sequence = 0; sequence < messages; sequence++) {
            Message message = next(back);
            assert message.sequence == -1 : "came back before it was read";
            message.sequence = sequence;
            message.complement = ~sequence;
            while (!forth.offer(message)) {
                Thread.yield();
            }
        }
    }

    private static Message next(SpscRing<Message> ring) {
        for (int spins = 0; ; spins++) {
            Message message = ring.poll();
            if (message != null) {
                return message;
            }
            if (spins > 1000) {
                Thread.yield();
            }
        }
    }

    private static final class Message {
        long sequence = -1;
        long complement;
    }
}
