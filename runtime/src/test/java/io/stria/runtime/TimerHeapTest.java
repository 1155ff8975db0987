package io.stria.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TimerHeapTest {
    private final TimerHeap heap = new TimerHeap();
    private final List<Integer> ran = new ArrayList<>();

    @Test
    void runsTimersOfOneDeadlineInTheOrderOfScheduling() {
        for (int i = 0; i < 100; i++) {
            int id = i;
            heap.add(7, () -> ran.add(id));
        }
        assertEquals(100, heap.runDue(7));
        assertEquals(java.util.stream.IntStream.range(0, 100).boxed().toList(), ran);
    }

    @Test
    void leavesWhatIsNotDue() {
        heap.add(10, () -> ran.add(10));
        heap.add(11, () -> ran.add(11));
        assertEquals(1, heap.runDue(10));
        assertEquals(List.of(10), ran);
        assertEquals(11, heap.nextDeadlineNs());
    }

    @Test
    void makesATimerAddedByACallbackWaitForTheNextCall() {
        heap.add(1, () -> heap.add(1, () -> ran.add(2)));
        assertEquals(1, heap.runDue(5));
        assertTrue(ran.isEmpty());
        assertEquals(1, heap.runDue(5));
        assertEquals(List.of(2), ran);
    }

    @Test
    void lettingATimerCancelItselfOrOneThatRanDoesNothing() {
        Timers.Timer[] self = new Timers.Timer[1];
        self[0] = heap.add(1, () -> self[0].cancel());
        heap.add(2, () -> ran.add(2));
        heap.runDue(1);
        self[0].cancel();
        heap.runDue(2);
        assertEquals(List.of(2), ran);
        assertEquals(0, heap.pending());
    }

    @Test
    void agreesWithASortedListUnderRandomSchedulesAndCancellations() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        record Expected(long deadlineNs, int id) {}
        List<Expected> expected = new ArrayList<>();
        List<Timers.Timer> handles = new ArrayList<>();
        List<Expected> all = new ArrayList<>();
        for (int id = 0; id < 2000; id++) {
            long deadlineNs = random.nextInt(500);
            int timerId = id;
            handles.add(heap.add(deadlineNs, () -> ran.add(timerId)));
            all.add(new Expected(deadlineNs, id));
            expected.add(all.getLast());
            if (random.nextInt(3) == 0) {
                int victim = random.nextInt(handles.size());
                handles.get(victim).cancel();
                expected.remove(all.get(victim));
            }
        }
        expected.sort(Comparator.comparingLong(Expected::deadlineNs).thenComparing(Expected::id));
        for (long nowNs = 0; nowNs < 500; nowNs += 1 + random.nextInt(20)) {
            heap.runDue(nowNs);
        }
        heap.runDue(500);
        assertEquals(expected.stream().map(Expected::id).toList(), ran, "seed " + seed);
    }
}
