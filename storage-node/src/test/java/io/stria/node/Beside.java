package io.stria.node;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.Thread.State;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** Work that is done beside a test, by a thread of its own; it has begun. */
public final class Beside<T> {
    private static final int LIMIT_SECONDS = 60;

    private final FutureTask<T> work;
    private final Thread thread;

    public Beside(Callable<T> work) {
        this.work = new FutureTask<>(work);
        this.thread = Thread.ofPlatform().name("beside").daemon().start(this.work);
    }

    /**
     * Returns when it waits in that class or in what that calls; fails if it ends instead, or does
     * neither for a minute.
     */
    public void awaitWaitIn(Class<?> type) throws InterruptedException {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (!waitsIn(type.getName())) {
            assertTrue(
                    thread.isAlive() && System.nanoTime() - deadlineNs < 0,
                    () -> "does not wait: " + work);
            Thread.sleep(1);
        }
    }

    private boolean waitsIn(String type) {
        boolean isThere =
                Stream.of(thread.getStackTrace())
                        .anyMatch(frame -> frame.getClassName().equals(type));
        State state = thread.getState();
        return isThere && (state == State.WAITING || state == State.TIMED_WAITING);
    }

    /**
     * @throws ExecutionException with what it has thrown
     * @throws TimeoutException if it has not ended within a minute
     */
    public T get() throws InterruptedException, ExecutionException, TimeoutException {
        return work.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }
}
