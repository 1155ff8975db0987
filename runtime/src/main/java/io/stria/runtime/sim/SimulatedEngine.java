package io.stria.runtime.sim;

import io.stria.runtime.BlockFile;
import io.stria.runtime.Clock;
import io.stria.runtime.Engine;
import io.stria.runtime.Poller;
import io.stria.runtime.StreamHandler;
import io.stria.runtime.StreamListener;
import io.stria.runtime.TcpStream;
import io.stria.runtime.Timers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * What one reactor of one process sees of a simulated world. Whatever becomes due for it waits for
 * its next {@link #poll}, and makes its host step the reactor at that moment; an engine for which
 * nothing is due costs nothing. Dead after a crash: nothing that is called on it or on anything it
 * opened has an effect, and no callback comes any more.
 */
public final class SimulatedEngine implements Engine {
    private static final int IDLE_AFTER_POLLS_MAX = 100_000;
    private static final long TEST_LIMIT_NS = 3_600_000_000_000L;

    private final Simulation simulation;
    private final SimulatedHost host;
    private final SimulatedTimers timers;
    private final List<SimulatedFile> files = new ArrayList<>();
    private final ArrayDeque<Delivery> due = new ArrayDeque<>();
    private final WakeUp wakeUp = new WakeUp();
    private Poller driven = _ -> poll();
    private LongSupplier nextDeadlineNs = () -> HostClock.NEVER;
    private long awaitedNs = HostClock.NEVER;
    private boolean stepWanted;
    private boolean woken;
    private boolean steppedByHand;
    private boolean dead;

    SimulatedEngine(Simulation simulation, SimulatedHost host) {
        this.simulation = simulation;
        this.host = host;
        this.timers = new SimulatedTimers(simulation, this, host.hostClock());
    }

    /**
     * A world with one host and one engine, for unit tests of whatever takes an {@link Engine}, a
     * {@link BlockFile} or {@link Timers}:
     *
     * <pre>{@code
     * SimulatedEngine engine = SimulatedEngine.forTest(seed);
     * BlockFile file = engine.openFile(Path.of("disk"), new BlockFile.Options(1 << 30, 512, true));
     * file.write(0, memory, 0, 4096, true, (token, result) -> done = true, 7);
     * engine.runUntil(() -> done);
     * SimulatedDisk disk = engine.host().disk(Path.of("disk"));
     * engine.host().powerCut();
     * SimulatedEngine next = engine.host().start();
     * }</pre>
     */
    public static SimulatedEngine forTest(long seed) {
        return new SimulatedHost(new Simulation(seed), "host").start();
    }

    /**
     * The poller to step whenever something is due, until it returns 0; it calls {@link #poll}
     * itself, as a reactor does. Without one, the engine is polled alone. A reactor is driven with
     * {@code drive(_ -> reactor.step(), reactor::nextDeadlineNs)}.
     */
    public void drive(Poller poller) {
        drive(poller, () -> HostClock.NEVER);
    }

    /**
     * @param deadlineNs when, on this engine's clock, the poller wants to be stepped even if
     *     nothing is due ({@code Long.MAX_VALUE}: never); asked after each step
     */
    public void drive(Poller poller, LongSupplier deadlineNs) {
        driven = poller;
        nextDeadlineNs = deadlineNs;
        stepSoon();
    }

    public Simulation simulation() {
        return simulation;
    }

    public SimulatedHost host() {
        return host;
    }

    /** Timers whose callbacks run from {@link #poll}. */
    public Timers timers() {
        return timers;
    }

    @Override
    public Clock clock() {
        return host.hostClock();
    }

    @Override
    public int poll() {
        int count = 0;
        for (int waiting = due.size(); waiting > 0 && !dead; waiting--) {
            due.remove().deliver();
            count++;
        }
        return count;
    }

    /**
     * Inside the simulation, where nobody may sleep, asks to be stepped again after this time.
     * Outside, in a test that polls by hand, lets time pass until something is due.
     */
    @Override
    public void await(long timeoutNs) {
        if (simulation.isRunning()) {
            awaitedNs = host.hostClock().nowNs() + timeoutNs;
            assert awaitedNs > 0 : "timeout of " + timeoutNs + " ns";
        } else {
            steppedByHand = true;
            simulation.runUntil(() -> woken || !due.isEmpty(), timeoutNs);
            steppedByHand = false;
            woken = false;
        }
    }

    @Override
    public void wake() {
        woken = true;
        stepSoon();
    }

    /** Runs the world until the condition holds, for an hour of its time at most. */
    public void runUntil(BooleanSupplier condition) {
        if (!simulation.runUntil(condition, TEST_LIMIT_NS)) {
            throw new AssertionError("never came true: " + simulation.describe());
        }
    }

    void deliverSoon(Delivery delivery) {
        if (!dead) {
            due.add(delivery);
            stepSoon();
        }
    }

    void stepSoon() {
        if (!stepWanted && !dead) {
            stepWanted = true;
            if (!host.isPaused()) {
                host.scheduleStep(this);
            }
        }
    }

    /** The host goes on after a pause. */
    void resume() {
        if (stepWanted) {
            host.scheduleStep(this);
        }
    }

    void step() {
        if (host.isPaused() || dead) {
            return;
        }
        stepWanted = false;
        if (steppedByHand) {
            return;
        }
        woken = false;
        awaitedNs = HostClock.NEVER;
        int polls = 0;
        while (!dead && driven.poll(host.hostClock().nowNs()) > 0) {
            assert ++polls < IDLE_AFTER_POLLS_MAX : host + " never idles";
        }
        if (!dead) {
            wakeUp.at(Math.min(awaitedNs, nextDeadlineNs.getAsLong()));
        }
    }

    @Override
    public BlockFile openFile(Path path, BlockFile.Options options) throws IOException {
        if (dead) {
            throw new IOException("the process has died");
        }
        SimulatedFile file = host.openDisk(this, path, options);
        files.add(file);
        return file;
    }

    @Override
    public StreamListener listen(InetSocketAddress address, StreamListener.AcceptHandler handler)
            throws IOException {
        throw new IOException("this host has no network");
    }

    @Override
    public TcpStream connect(InetSocketAddress address, StreamHandler handler) {
        throw new IllegalStateException("this host has no network");
    }

    /** An orderly end: closes what is open and stops. */
    @Override
    public void close() {
        files.forEach(SimulatedFile::close);
        die();
    }

    public boolean isDead() {
        return dead;
    }

    void die() {
        dead = true;
        files.forEach(SimulatedFile::abandon);
        due.clear();
        wakeUp.at(HostClock.NEVER);
        host.died(this);
    }

    @Override
    public String toString() {
        return "engine of " + host;
    }

    /** The one pending request to be stepped at a given time. */
    private final class WakeUp extends SimulatedEvent {
        private long deadlineNs = HostClock.NEVER;

        void at(long newDeadlineNs) {
            if (isQueued() && newDeadlineNs == deadlineNs) {
                return;
            }
            simulation.unschedule(this);
            deadlineNs = newDeadlineNs;
            long delayNs = host.hostClock().worldDelayUntil(deadlineNs);
            if (delayNs != HostClock.NEVER) {
                simulation.schedule(this, delayNs);
            }
        }

        @Override
        void happen() {
            if (host.hostClock().nowNs() < deadlineNs) {
                at(deadlineNs);
            } else {
                stepSoon();
            }
        }
    }
}
