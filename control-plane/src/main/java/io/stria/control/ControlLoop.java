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
    private final Runnable halt;
    private final Thread thread;
    private volatile boolean closed;

    /**
     * @param poll returns the nanoseconds until it wants to run again
     * @param halt ends the process at once: called after an error that is no broken invariant of
     *     ours, such as a class that cannot be loaded. Without this thread the node's end of the
     *     log would go on leading, and nobody would ask it anything
     */
    ControlLoop(String name, LongSupplier poll, Runnable halt) {
        this.poll = poll;
        this.halt = halt;
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
            tasks.forEach(this::guarded);
            tasks.clear();
            sleepNs = AFTER_FAILURE_NS;
            try {
                sleepNs = poll.getAsLong();
            } catch (Throwable e) {
                broken(e);
            }
        }
    }

    /** One thing that goes wrong must not end the thread: its lease would run out unexplained. */
    private void guarded(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            broken(e);
        }
    }

    private void broken(Throwable failure) {
        if (failure instanceof RuntimeException || failure instanceof AssertionError) {
            LOG.log(Level.SEVERE, "the control thread met a broken invariant", failure);
            return;
        }
        try {
            LOG.log(Level.SEVERE, "the control thread cannot go on: the process ends", failure);
        } finally {
            halt.run(); // also where even the log fails
        }
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
