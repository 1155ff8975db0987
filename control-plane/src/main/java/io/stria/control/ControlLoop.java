package io.stria.control;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The control thread: runs what others hand to it, then polls. It sleeps until there is something,
 * and at most for as long as the last poll said.
 */
final class ControlLoop implements Executor, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ControlLoop.class.getName());
    private static final Runnable NOTHING = () -> {};
    private static final long CLOSE_MS = 5_000;
    private static final long AFTER_FAILURE_NS = 50_000_000;

    private final BlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();
    private final LongSupplier poll;
    private final Thread thread;
    private volatile boolean closed;

    /**
     * @param poll returns the nanoseconds until it wants to run again
     */
    ControlLoop(String name, LongSupplier poll) {
        this.poll = poll;
        thread = Thread.ofPlatform().name(name).daemon(true).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    @Override
    public void execute(Runnable task) {
        inbox.add(task);
    }

    /** Polls soon. */
    void wake() {
        inbox.add(NOTHING);
    }

    private void run() {
        List<Runnable> tasks = new ArrayList<>();
        long sleepNs = 0;
        while (!closed) {
            try {
                Runnable first = inbox.poll(sleepNs, TimeUnit.NANOSECONDS);
                if (first != null) {
                    tasks.add(first);
                    inbox.drainTo(tasks);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            tasks.forEach(ControlLoop::guarded);
            tasks.clear();
            sleepNs = AFTER_FAILURE_NS;
            try {
                sleepNs = poll.getAsLong();
            } catch (RuntimeException | AssertionError e) {
                broken(e);
            }
        }
    }

    /** One thing that goes wrong must not end the thread: its lease would run out unexplained. */
    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | AssertionError e) {
            broken(e);
        }
    }

    private static void broken(Throwable failure) {
        LOG.log(Level.SEVERE, "the control thread met a broken invariant", failure);
    }

    @Override
    public void close() {
        closed = true;
        wake();
        try {
            thread.join(CLOSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
