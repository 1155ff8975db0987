package io.stria.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.runtime.ffm.BootClock;
import io.stria.runtime.ffm.Linux;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ReactorTest {
    private final ManualClock clock = new ManualClock(1_000);
    private final QuietEngine engine = new QuietEngine(clock);
    private final Reactor reactor = new Reactor(config(), engine);
    private final List<String> seen = new ArrayList<>();

    private static ReactorConfig config() {
        return ReactorConfig.named("test").failingTo(FailureHandler.rethrow());
    }

    @Test
    void showsEverybodyTheTimeAtWhichTheLoopBegan() {
        reactor.addPoller(nowNs -> {
            seen.add("poller " + nowNs);
            clock.advance(5);
            seen.add("timers " + reactor.timers().nowNs());
            return 0;
        });
        reactor.step();
        assertEquals(List.of("poller 1000", "timers 1000"), seen);
        assertEquals(1005, reactor.timers().nowNs());
    }

    @Test
    void runsATimerWhenItsTimeHasComeAndNotBefore() {
        reactor.timers().schedule(100, () -> seen.add("ran"));
        clock.advance(99);
        assertEquals(0, reactor.step());
        assertEquals(1_100, reactor.nextDeadlineNs());
        clock.advance(1);
        assertEquals(1, reactor.step());
        assertEquals(List.of("ran"), seen);
        assertEquals(Long.MAX_VALUE, reactor.nextDeadlineNs());
    }

    @Test
    void acceptsATimerThatIsNeverDue() {
        reactor.timers().schedule(Long.MAX_VALUE, () -> seen.add("never"));
        clock.advance(1L << 60);
        reactor.step();
        assertTrue(seen.isEmpty());
    }

    @Test
    void runsCommandsInTheirOrderAndThoseTheySendInALaterLoopAtTheLatest() {
        reactor.execute(() -> seen.add("first"));
        reactor.execute(() -> reactor.execute(() -> seen.add("third")));
        reactor.execute(() -> seen.add("second"));
        assertEquals(4, reactor.step());
        assertEquals(List.of("first", "second", "third"), seen);
    }

    @Test
    void doesNotStarvePollersWhenCommandsSendCommands() {
        Runnable[] endless = new Runnable[1];
        endless[0] = () -> reactor.execute(endless[0]);
        reactor.execute(endless[0]);
        reactor.addPoller(nowNs -> {
            seen.add("polled");
            return 0;
        });
        reactor.step();
        assertEquals(List.of("polled"), seen);
    }

    @Test
    void letsAPollerRemoveItself() {
        Poller[] self = new Poller[1];
        self[0] =
                nowNs -> {
                    reactor.removePoller(self[0]);
                    return 3;
                };
        reactor.addPoller(self[0]);
        reactor.addPoller(nowNs -> 4);
        assertEquals(7, reactor.step());
        assertEquals(4, reactor.step());
    }

    @Test
    void handsAFailureToItsHandlerAndGoesOnWhenThatReturns() {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Reactor forgiving =
                new Reactor(config().failingTo((name, thrown) -> failure.set(thrown)), engine);
        forgiving.execute(() -> {
            throw new IllegalStateException("planted");
        });
        forgiving.execute(() -> seen.add("later"));
        forgiving.step();
        forgiving.step();
        assertTrue(String.valueOf(failure.get()).endsWith("planted"), () -> "saw " + failure.get());
        assertEquals(List.of("later"), seen);
    }

    @Test
    void throwsAFailureAtWhoeverStepsItWhenToldTo() {
        reactor.addPoller(nowNs -> {
            throw new AssertionError("planted");
        });
        assertThrows(AssertionError.class, reactor::step);
    }

    @Test
    void countsTimeByWhetherTheLoopDidWork() {
        int[] work = {1};
        reactor.addPoller(nowNs -> {
            clock.advance(10);
            return work[0];
        });
        reactor.step();
        work[0] = 0;
        reactor.step();
        reactor.step();
        assertEquals(10, reactor.counters().busyNs());
        assertEquals(10, reactor.counters().idleNs());
        assertEquals(1, reactor.counters().work());
    }

    @Test
    void closesItsEngineAfterTheLastCommandAndRefusesMore() {
        reactor.execute(() -> seen.add("open: " + !engine.closed));
        reactor.close();
        assertEquals(List.of("open: true"), seen);
        assertTrue(engine.closed);
        assertThrows(RejectedExecutionException.class, () -> reactor.execute(() -> {}));
        reactor.close();
    }

    @Test
    void runsCommandsAndTimersOnAThreadOfItsOwnThatSleepsInBetween() throws Exception {
        QuietEngine ownEngine = new QuietEngine(new BootClock());
        try (Reactor threaded = new Reactor(config(), ownEngine)) {
            threaded.start();
            assertFalse(threaded.isOwnThread());
            // Again and again: a thread that gets no core in time finds its timer due at once.
            long deadlineNs = System.nanoTime() + 30_000_000_000L;
            while (threaded.counters().sleeps() == 0) {
                assertTrue(System.nanoTime() < deadlineNs, "it never sleeps");
                CompletableFuture<String> ran = new CompletableFuture<>();
                threaded.execute(() ->
                        threaded.timers()
                                .schedule(
                                        1_000_000,
                                        () -> ran.complete(Thread.currentThread().getName())));
                assertEquals("test", ran.get(60, TimeUnit.SECONDS));
            }
        }
        assertTrue(ownEngine.closed);
    }

    @Test
    void canBeClosedFromItsOwnThread() throws Exception {
        QuietEngine ownEngine = new QuietEngine(new BootClock());
        Reactor threaded = new Reactor(config(), ownEngine);
        threaded.start();
        threaded.execute(threaded::close);
        threaded.close();
        assertTrue(ownEngine.closed);
    }

    @Test
    void staysOnTheCpuItIsPinnedTo() throws Exception {
        int cpu = Linux.currentThreadCpus().nextSetBit(0);
        CompletableFuture<BitSet> cpus = new CompletableFuture<>();
        try (Reactor pinned = new Reactor(config().pinnedTo(cpu), engine)) {
            pinned.start();
            pinned.execute(() -> cpus.complete(ownCpus()));
            BitSet expected = new BitSet();
            expected.set(cpu);
            assertEquals(expected, cpus.get(60, TimeUnit.SECONDS));
        }
    }

    @Test
    void saysWhichCpuItCannotHave() {
        Reactor misplaced = new Reactor(config().pinnedTo(65_535), engine);
        UncheckedIOException refusal = assertThrows(UncheckedIOException.class, misplaced::start);
        assertTrue(String.valueOf(refusal.getMessage()).contains("CPU 65535"), refusal::toString);
        assertTrue(engine.closed);
    }

    @Test
    void spinsOnlyForAWhileAfterWork() {
        IdleStrategy strategy = IdleStrategy.spinThenSleep(50);
        assertEquals(0, strategy.sleepNs(49, 1000, 9999));
        assertEquals(1000, strategy.sleepNs(50, 1000, 0));
        assertEquals(1000, IdleStrategy.sleep().sleepNs(0, 1000, 0));
        assertEquals(0, IdleStrategy.busyPoll().sleepNs(1 << 30, 1000, 0));
    }

    @Test
    void spinsOnlyAsLongAsWorkComesFast() {
        IdleStrategy strategy = IdleStrategy.spinWhileBusy(50);
        assertEquals(0, strategy.sleepNs(49, 1000, 49));
        assertEquals(1000, strategy.sleepNs(50, 1000, 49));
        assertEquals(1000, strategy.sleepNs(0, 1000, 50));
    }

    @Test
    void tellsHowLongThePauseBeforeTheLastWorkWas() throws Exception {
        long pauseNs = 20_000_000;
        AtomicReference<Long> told = new AtomicReference<>(0L);
        IdleStrategy listening =
                (idleNs, untilTimerNs, lastPauseNs) -> {
                    told.set(lastPauseNs);
                    return untilTimerNs;
                };
        try (Reactor own =
                new Reactor(config().idling(listening), new QuietEngine(new BootClock()))) {
            // Again and again: a thread that gets no core in time finds its timer due at once.
            own.timers().schedule(0, () -> again(own.timers(), pauseNs));
            own.start();
            long deadlineNs = System.nanoTime() + 60_000_000_000L;
            while (told.get() < pauseNs / 2 && System.nanoTime() < deadlineNs) {
                Thread.onSpinWait();
            }
            assertTrue(told.get() >= pauseNs / 2, "told " + told.get() + " ns");
        }
    }

    private static void again(Timers timers, long pauseNs) {
        timers.schedule(pauseNs, () -> again(timers, pauseNs));
    }

    private static BitSet ownCpus() {
        try {
            return Linux.currentThreadCpus();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
