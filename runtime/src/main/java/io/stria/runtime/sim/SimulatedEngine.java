package io.stria.runtime.sim;

import io.stria.runtime.BlockFile;
import io.stria.runtime.Clock;
import io.stria.runtime.Engine;
import io.stria.runtime.FailureHandler;
import io.stria.runtime.Poller;
import io.stria.runtime.Reactor;
import io.stria.runtime.ReactorConfig;
import io.stria.runtime.StreamHandler;
import io.stria.runtime.StreamListener;
import io.stria.runtime.TcpStream;
import io.stria.runtime.Timers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

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
    private final Set<SimulatedStream> streams = new LinkedHashSet<>();
    private final Set<SimulatedListener> listeners = new LinkedHashSet<>();
    private final ArrayDeque<SimulatedStream> departing = new ArrayDeque<>();
    private final ArrayDeque<Delivery> due = new ArrayDeque<>();
    private final WakeUp wakeUp = new WakeUp();
    private Poller driven = _ -> poll();
    private LongSupplier nextDeadlineNs = () -> HostClock.NEVER;
    private long awaitedNs = HostClock.NEVER;
    private @Nullable MemorySegment receiveMemory;
    private long pollCount;
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
        return new SimulatedNetwork(new Simulation(seed)).addHost("host", "10.0.0.1").start();
    }

    /**
     * The poller to step whenever something is due, until it returns 0; it calls {@link #poll}
     * itself, as a reactor does. Without one, the engine is polled alone.
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

    /** A reactor on this engine, driven by the simulation: it is never started. */
    public Reactor newReactor(String name) {
        ReactorConfig config = ReactorConfig.named(name).failingTo(FailureHandler.rethrow());
        Reactor reactor = new Reactor(config, this);
        drive(_ -> reactor.step(), reactor::nextDeadlineNs);
        return reactor;
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
        pollCount++;
        int count = 0;
        while (!departing.isEmpty()) {
            departing.remove().depart();
        }
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
            long nowNs = host.hostClock().nowNs();
            awaitedNs = timeoutNs > HostClock.NEVER - nowNs ? HostClock.NEVER : nowNs + timeoutNs;
        } else {
            steppedByHand = true;
            simulation.runUntil(() -> woken || !due.isEmpty(), timeoutNs);
            steppedByHand = false;
            woken = false;
        }
    }

    @Override
    public void deliverLater(Runnable delivery) {
        deliverSoon(delivery::run);
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

    long pollCount() {
        return pollCount;
    }

    /** Leaves with the next poll. */
    void departSoon(SimulatedStream stream) {
        departing.add(stream);
        stepSoon();
    }

    /** Where received data stands while a handler looks at it; scribbled over afterwards. */
    MemorySegment receiveMemory() {
        MemorySegment memory = receiveMemory;
        if (memory == null) {
            int bytes = SimulatedStream.DATA_OFFSET + SimulatedStream.OFFER_BYTES_MAX;
            memory = Arena.ofAuto().allocate(bytes, 8);
            receiveMemory = memory;
        }
        return memory;
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
        if (dead) {
            throw new IOException("the process has died");
        }
        SimulatedListener listener = host.card().listen(this, address, handler);
        listeners.add(listener);
        return listener;
    }

    @Override
    public TcpStream connect(InetSocketAddress address, StreamHandler handler) {
        SimulatedStream stream =
                new SimulatedStream(this, host.card().ephemeral(address), address, handler);
        if (dead) {
            stream.vanish();
        } else {
            add(stream);
            host.network().connect(stream);
        }
        return stream;
    }

    void add(SimulatedStream stream) {
        streams.add(stream);
    }

    void forget(SimulatedStream stream) {
        streams.remove(stream);
    }

    /** An orderly end: closes what is open and stops. */
    @Override
    public void close() {
        files.forEach(SimulatedFile::close);
        List.copyOf(streams).forEach(SimulatedStream::close);
        die();
    }

    public boolean isDead() {
        return dead;
    }

    /** The process has ended; the host's kernel is there to close its sockets, or not. */
    void die() {
        if (dead) {
            return;
        }
        dead = true;
        List.copyOf(listeners).forEach(SimulatedListener::close);
        for (SimulatedStream stream : streams) {
            if (host.isPowered()) {
                stream.processDied();
            } else {
                stream.vanish();
            }
        }
        streams.clear();
        files.forEach(SimulatedFile::abandon);
        due.clear();
        departing.clear();
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
