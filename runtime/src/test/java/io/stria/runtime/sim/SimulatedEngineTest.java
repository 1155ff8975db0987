package io.stria.runtime.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.runtime.BlockFile;
import io.stria.runtime.Timers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimulatedEngineTest {
    private static final long SECOND_NS = 1_000_000_000L;

    @Test
    void timersFireAtTheirTimeUnlessCancelled() {
        SimulatedEngine engine = SimulatedEngine.forTest(1);
        long startNs = engine.clock().nowNs();
        List<Long> fired = new ArrayList<>();
        engine.timers().schedule(30, () -> fired.add(engine.clock().nowNs() - startNs));
        engine.timers().schedule(10, () -> fired.add(engine.clock().nowNs() - startNs));
        Timers.Timer cancelled = engine.timers().schedule(20, () -> fired.add(-1L));
        cancelled.cancel();
        engine.runUntil(() -> fired.size() == 2);
        assertEquals(List.of(10L, 30L), fired);
    }

    @Test
    void timersFollowTheClockOfTheirHost() {
        for (long ppm : new long[] {-100_000, -500, 0, 500, 100_000}) {
            SimulatedEngine engine = SimulatedEngine.forTest(1);
            engine.host().clockDriftPpm(ppm);
            long deadlineNs = engine.clock().nowNs() + SECOND_NS;
            List<Long> fired = new ArrayList<>();
            engine.timers().schedule(SECOND_NS, () -> fired.add(engine.clock().nowNs()));
            engine.runUntil(() -> !fired.isEmpty());
            long lateNs = fired.getFirst() - deadlineNs;
            assertTrue(lateNs >= 0 && lateNs < SECOND_NS / 50, ppm + " ppm: " + lateNs);
            double factor = engine.simulation().nowNs() / (double) SECOND_NS;
            assertEquals(1 - ppm / 1e6, factor, 0.02);
        }
    }

    @Test
    void drivenPollerIsSteppedUntilItIdlesAndAtItsDeadline() {
        SimulatedEngine engine = SimulatedEngine.forTest(1);
        long startNs = engine.clock().nowNs();
        List<Long> polls = new ArrayList<>();
        int[] work = {3};
        engine.drive(
                nowNs -> {
                    polls.add(nowNs - startNs);
                    return engine.poll() + (work[0] > 0 ? work[0]-- : 0);
                },
                () -> polls.size() < 6 ? startNs + 500 * polls.size() : Long.MAX_VALUE);
        engine.simulation().runFor(SECOND_NS);
        assertEquals(List.of(0L, 0L, 0L, 0L, 2000L, 2500L), polls);
    }

    @Test
    void idleEngineCostsNoEvents() {
        SimulatedEngine engine = SimulatedEngine.forTest(1);
        engine.drive(_ -> engine.poll());
        engine.simulation().runFor(3600 * SECOND_NS);
        assertEquals(0, engine.simulation().eventCount());
    }

    @Test
    void awaitInsideTheSimulationAsksForTheNextStep() {
        SimulatedEngine engine = SimulatedEngine.forTest(1);
        int[] polls = {0};
        engine.drive(_ -> {
            polls[0]++;
            engine.await(SECOND_NS);
            return 0;
        });
        engine.simulation().runFor(10 * SECOND_NS);
        assertEquals(11, polls[0]);
    }

    @Test
    void handPolledEngineDeliversFromPollWhatAwaitWaitedFor() {
        SimulatedEngine engine = SimulatedEngine.forTest(1);
        int[] fired = {0};
        engine.timers().schedule(SECOND_NS, () -> fired[0]++);
        engine.await(SECOND_NS / 2);
        assertEquals(0, engine.poll());
        engine.await(SECOND_NS);
        assertEquals(0, fired[0]);
        assertEquals(1, engine.poll());
        assertEquals(1, fired[0]);
    }

    @Test
    void deadEngineNeverCallsBackWhateverIsCalled() throws IOException {
        SimulatedEngine engine = SimulatedEngine.forTest(1);
        Path path = Path.of("disk");
        BlockFile file = engine.openFile(path, new BlockFile.Options(1 << 20, 512, true));
        DiskBench.Pending before = new DiskBench.Pending();
        DiskBench.Pending after = new DiskBench.Pending();
        int[] fired = {0};
        engine.timers().schedule(10, () -> fired[0]++);
        file.flush(before, 0);
        engine.host().kill();
        file.flush(after, 0);
        file.write(0, DiskBench.filled(512, 1), 0, 512, true, after, 0);
        engine.timers().schedule(10, () -> fired[0]++);
        engine.wake();
        engine.poll();
        engine.simulation().runFor(SECOND_NS);
        engine.poll();
        assertEquals(0, before.completions + after.completions + fired[0]);
        assertEquals(0, engine.host().disk(path).peek(0, 1)[0]);
        assertThrows(
                IOException.class,
                () -> engine.openFile(path, new BlockFile.Options(0, 512, false)));
        engine.host().start().openFile(path, new BlockFile.Options(0, 512, true)).close();
    }

    @Test
    void crashInsideACallbackIsTheLastThingThatIsDelivered() {
        SimulatedEngine engine = SimulatedEngine.forTest(1);
        int[] fired = {0};
        for (int i = 0; i < 5; i++) {
            engine.timers()
                    .schedule(
                            10,
                            () -> {
                                fired[0]++;
                                engine.host().kill();
                            });
        }
        engine.simulation().runFor(SECOND_NS);
        assertEquals(1, fired[0]);
    }

    @Test
    void pausedHostRunsNothingUntilItIsResumed() {
        SimulatedEngine engine = SimulatedEngine.forTest(1);
        int[] fired = {0};
        engine.timers().schedule(SECOND_NS, () -> fired[0]++);
        engine.host().pause();
        engine.simulation().runFor(10 * SECOND_NS);
        assertEquals(0, fired[0]);
        engine.host().resume();
        engine.simulation().runFor(1);
        assertEquals(1, fired[0]);
    }

    @Test
    void clockOfAHostBeginsAnewAtAPowerCutOnly() {
        SimulatedEngine engine = SimulatedEngine.forTest(1);
        engine.simulation().runFor(SECOND_NS);
        long beforeNs = engine.clock().nowNs();
        engine.host().kill();
        assertEquals(beforeNs, engine.host().start().clock().nowNs());
        engine.host().powerCut();
        assertTrue(engine.host().start().clock().nowNs() != beforeNs);
    }

    @Test
    void slowReactionMakesOneBatchOfWhatCameMeanwhile() {
        SimulatedEngine engine = SimulatedEngine.forTest(1);
        engine.host().reactionTime(Latency.fixed(100));
        List<Integer> batches = new ArrayList<>();
        engine.drive(_ -> {
            int count = engine.poll();
            batches.add(count);
            return count;
        });
        for (int i = 0; i < 5; i++) {
            engine.timers().schedule(1000 + i * 10, () -> {});
        }
        engine.simulation().runFor(SECOND_NS);
        assertTrue(batches.contains(5), "" + batches);
    }

    @Test
    void secondProcessOfAHostIsRefused() {
        SimulatedEngine engine = SimulatedEngine.forTest(1);
        assertThrows(IllegalStateException.class, () -> engine.host().start());
        engine.close();
        engine.host().start();
    }

    @Test
    void conditionThatNeverComesTrueFailsWithTheSeed() {
        AssertionError error =
                assertThrows(
                        AssertionError.class,
                        () -> SimulatedEngine.forTest(4711).runUntil(() -> false));
        assertTrue(String.valueOf(error.getMessage()).contains("seed 4711"));
    }
}
