package io.stria.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ControlLoopTest {
    private final CountDownLatch halted = new CountDownLatch(1);
    private final AtomicInteger polls = new AtomicInteger();

    private ControlLoop loop(LongSupplier poll) {
        return new ControlLoop(
                "loop",
                () -> {
                    polls.incrementAndGet();
                    return poll.getAsLong();
                },
                halted::countDown);
    }

    /** The thread ended without a word, and its voter went on leading. */
    @Test
    void anErrorInAPollEndsTheProcess() throws InterruptedException {
        try (ControlLoop loop =
                loop(() -> {
                    throw new NoClassDefFoundError("torn jar");
                })) {
            loop.start();
            assertTrue(halted.await(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void anErrorInATaskEndsTheProcess() throws InterruptedException {
        try (ControlLoop loop = loop(() -> 1_000_000)) {
            loop.start();
            loop.execute(() -> {
                throw new StackOverflowError();
            });
            assertTrue(halted.await(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void aBrokenInvariantDoesNotEndTheThread() throws InterruptedException {
        CountDownLatch ran = new CountDownLatch(1);
        try (ControlLoop loop =
                loop(() -> {
                    if (polls.get() == 1) {
                        throw new AssertionError("in a poll");
                    }
                    return 1_000_000;
                })) {
            loop.start();
            loop.execute(() -> {
                throw new IllegalStateException("in a task");
            });
            loop.execute(ran::countDown);
            assertTrue(ran.await(10, TimeUnit.SECONDS));
            while (polls.get() < 3) {
                Thread.onSpinWait();
            }
        }
        assertEquals(1, halted.getCount());
    }
}
