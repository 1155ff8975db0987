package io.stria.control;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The control thread: runs what others hand to it, then polls. It sleeps until there is something,
 * and at most for one tick.
 */
final class ControlLoop implements Executor, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ControlLoop.class.getName());
    private static final Runnable NOTHING = () -> {};
    private static final long CLOSE_MS = 5_000;

    private final BlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();
    private final Runnable poll;
    private final long tickMs;
    private final Thread thread;
    private volatile boolean closed;

    ControlLoop(String name, long tickMs, Runnable poll) {
        this.poll = poll;
        this.tickMs = tickMs;
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
        while (!closed) {
            try {
                Runnable first = inbox.poll(tickMs, TimeUnit.MILLISECONDS);
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
            guarded(poll);
        }
    }

    /** One thing that goes wrong must not end the thread: its lease would run out unexplained. */
    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | AssertionError e) {
            LOG.log(Level.SEVERE, "the control thread met a broken invariant", e);
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
