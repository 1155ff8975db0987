package io.stria.runtime;

import io.stria.runtime.ffm.Linux;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One thread's loop over everything it owns: an engine, timers, pollers and a mailbox for commands
 * of other threads. Either {@link #start} gives it a thread, or somebody calls {@link #step} by
 * hand; what runs inside cannot tell the difference.
 *
 * <p>Only {@link #execute}, {@link #start}, {@link #close}, {@link #counters} and {@link
 * #isOwnThread} may be called from other threads. Whoever builds a reactor may also add pollers,
 * schedule timers, open files and listen, up to {@code start}; after that these belong to the
 * reactor's thread.
 *
 * <p>A loop reads the clock once, and everything in it sees that time.
 */
public final class Reactor implements Executor, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Reactor.class.getName());

    private static final int COMMANDS_PER_LOOP_MAX = 256;

    private final ReactorConfig config;
    private final Engine engine;
    private final ReactorTimers timers;
    private final ReactorCounters counters = new ReactorCounters();
    private final Queue<Runnable> mailbox = new ConcurrentLinkedQueue<>();

    private Poller[] pollers = {};
    private long lastWorkNs;
    private long lastPauseNs;
    private boolean paused;
    private int lastWork;
    private volatile boolean stopping;
    private volatile @Nullable Thread thread;

    public Reactor(ReactorConfig config, Engine engine) {
        this.config = config;
        this.engine = engine;
        this.timers = new ReactorTimers(engine.clock());
        this.lastWorkNs = timers.loopNs();
    }

    public String name() {
        return config.name();
    }

    public Engine engine() {
        return engine;
    }

    public Timers timers() {
        return timers;
    }

    public ReactorCounters counters() {
        return counters;
    }

    /** Polls it in every loop, after the ones added before. */
    public void addPoller(Poller poller) {
        Poller[] grown = Arrays.copyOf(pollers, pollers.length + 1);
        grown[pollers.length] = poller;
        pollers = grown;
    }

    /** Takes effect in the next loop at the latest; unknown pollers are ignored. */
    public void removePoller(Poller poller) {
        pollers = Arrays.stream(pollers).filter(kept -> kept != poller).toArray(Poller[]::new);
    }

    /**
     * Runs the command on the reactor's thread, in the order of one caller's calls; from any
     * thread.
     *
     * @throws RejectedExecutionException once the reactor is being closed
     */
    @Override
    public void execute(Runnable command) {
        if (stopping) {
            throw new RejectedExecutionException(config.name() + " is closed");
        }
        mailbox.add(command);
        engine.wake();
    }

    /** Whether the caller runs inside this reactor's thread; false while it is stepped by hand. */
    public boolean isOwnThread() {
        return Thread.currentThread() == thread;
    }

    /**
     * Gives the reactor a thread of its own, pinned when the configuration says so.
     *
     * @throws UncheckedIOException when the CPU cannot be used
     */
    public void start() {
        if (thread != null || stopping) {
            throw new IllegalStateException(config.name() + " was started or closed before");
        }
        Startup startup = new Startup();
        Thread started = Thread.ofPlatform().name(config.name()).unstarted(() -> run(startup));
        thread = started;
        started.start();
        startup.await();
    }

    /**
     * One turn of the loop; never sleeps. Returns how much was done. An uncaught exception goes to
     * the failure handler.
     */
    public int step() {
        long nowNs = timers.beginLoop();
        try {
            lastWork = turn(nowNs);
        } catch (Throwable failure) {
            lastWork = 1;
            fail(failure);
        } finally {
            timers.endLoop();
        }
        return lastWork;
    }

    /**
     * When the next timer is due; {@code Long.MAX_VALUE} without one. For whoever steps by hand.
     */
    public long nextDeadlineNs() {
        return timers.nextDeadlineNs();
    }

    /**
     * Ends the loop, runs what is left in the mailbox and closes the engine. Waits for that, except
     * on the reactor's own thread.
     */
    @Override
    public void close() {
        boolean first = !stopping;
        stopping = true;
        Thread running = thread;
        if (running == null) {
            if (first) {
                shutDown();
            }
            return;
        }
        engine.wake();
        if (running != Thread.currentThread()) {
            joinUninterruptibly(running);
        }
    }

    private void run(Startup startup) {
        try {
            pin();
            startup.succeeded();
        } catch (IOException e) {
            stopping = true;
            engine.close();
            startup.failed(e);
            return;
        }
        try {
            loop();
        } finally {
            stopping = true;
            shutDown();
        }
    }

    private void loop() {
        while (!stopping) {
            if (step() == 0) {
                idle();
            }
        }
    }

    private int turn(long nowNs) {
        accountForLastLoop(nowNs);
        int work = engine.poll();
        work += drainMailbox();
        work += timers.runDue(nowNs);
        for (Poller poller : pollers) {
            work += poller.poll(nowNs);
        }
        return work;
    }

    private void accountForLastLoop(long nowNs) {
        counters.onLoop(lastWork, timers.sinceLastLoopNs());
        if (lastWork > 0) {
            if (paused) {
                paused = false;
                lastPauseNs = nowNs - timers.sinceLastLoopNs() - lastWorkNs;
            }
            lastWorkNs = nowNs;
        }
    }

    private void idle() {
        paused = true;
        long nowNs = timers.loopNs();
        long sleepNs = config.idle().sleepNs(nowNs - lastWorkNs, untilTimerNs(nowNs), lastPauseNs);
        if (sleepNs > 0) {
            counters.onSleep();
            sleep(sleepNs);
        } else {
            Thread.onSpinWait();
        }
    }

    private void sleep(long sleepNs) {
        try {
            engine.await(sleepNs);
        } catch (Throwable failure) {
            fail(failure);
        }
    }

    private long untilTimerNs(long nowNs) {
        long deadlineNs = timers.nextDeadlineNs();
        return deadlineNs == Long.MAX_VALUE ? Long.MAX_VALUE : Math.max(0, deadlineNs - nowNs);
    }

    /** Bounded, so that commands that send commands cannot starve the devices. */
    private int drainMailbox() {
        int ran = 0;
        while (ran < COMMANDS_PER_LOOP_MAX) {
            Runnable command = mailbox.poll();
            if (command == null) {
                break;
            }
            command.run();
            ran++;
        }
        return ran;
    }

    private void shutDown() {
        try {
            while (drainMailbox() > 0) {
                // Ends: execute refuses more.
            }
        } catch (Throwable failure) {
            fail(failure);
        } finally {
            engine.close();
        }
    }

    private void fail(Throwable failure) {
        LOG.log(System.Logger.Level.ERROR, "reactor " + config.name() + " failed", failure);
        config.failure().onFailure(config.name(), failure);
    }

    private void pin() throws IOException {
        if (config.cpu() != ReactorConfig.ANY_CPU) {
            Linux.pinCurrentThread(config.cpu());
        }
    }

    private static void joinUninterruptibly(Thread running) {
        boolean interrupted = false;
        while (running.isAlive()) {
            try {
                running.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Hands the outcome of the thread's first steps back to {@link #start}. */
    private static final class Startup {
        private final CountDownLatch done = new CountDownLatch(1);
        private volatile @Nullable IOException failure;

        void succeeded() {
            done.countDown();
        }

        void failed(IOException e) {
            failure = e;
            done.countDown();
        }

        void await() {
            try {
                done.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            IOException seen = failure;
            if (seen != null) {
                throw new UncheckedIOException(seen);
            }
        }
    }
}
