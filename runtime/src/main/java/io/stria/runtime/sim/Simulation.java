package io.stria.runtime.sim;

import io.stria.runtime.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A world under one seed: simulated time and the queue of everything that will happen. Time stands
 * still while code runs and jumps from event to event; events due at the same moment happen in an
 * order that the seed draws. Whatever happens is mixed into a hash, so two runs that print the same
 * hash were the same run. Owned by one thread, which runs every host in it.
 */
public final class Simulation implements Clock {
    /** What a caller can do with an event that it scheduled. */
    public interface Scheduled {
        /** Cancelling what has happened does nothing. */
        void cancel();
    }

    private static final int STEPS_AT_ONE_MOMENT_MAX = 1_000_000;

    private final EventQueue queue = new EventQueue();
    private final ArrayDeque<Runnable> soon = new ArrayDeque<>();
    private final SimulatedRandom random;
    private final SimulatedRandom tieBreak;
    private @Nullable TraceRing trace;
    private final List<SimulatedEngine> engines = new ArrayList<>();
    private long nowNs;
    private long hash;
    private long eventCount;
    private boolean running;

    public Simulation(long seed) {
        this.random = new SimulatedRandom(seed);
        this.tieBreak = random.split("tie-break");
        this.hash = SimulatedRandom.mix(seed);
    }

    public long seed() {
        return random.seed();
    }

    /** Generators for everything in this world are split off by name. */
    public SimulatedRandom random(String name) {
        return random.split(name);
    }

    /** Time that no host sees as such: each has a clock of its own. Begins at 0. */
    @Override
    public long nowNs() {
        return nowNs;
    }

    public long eventCount() {
        return eventCount;
    }

    public int pendingEvents() {
        return queue.size();
    }

    public Scheduled after(long delayNs, Runnable action) {
        ActionEvent event = new ActionEvent(this, action);
        schedule(event, delayNs);
        return event;
    }

    public Scheduled at(long timeNs, Runnable action) {
        return after(Math.max(0, timeNs - nowNs()), action);
    }

    void schedule(SimulatedEvent event, long delayNs) {
        assert delayNs >= 0 : "delay " + delayNs;
        event.dueNs = nowNs() + delayNs;
        event.order = tieBreak.nextLong();
        queue.add(event);
    }

    void unschedule(SimulatedEvent event) {
        if (event.isQueued()) {
            queue.remove(event);
        }
    }

    void add(SimulatedEngine engine) {
        engines.add(engine);
    }

    void remove(SimulatedEngine engine) {
        engines.remove(engine);
    }

    /** Runs at this moment, after the event that is happening and before any other. */
    void soon(Runnable action) {
        soon.add(action);
    }

    /** Lets the next event happen. Returns false when nothing will ever happen again. */
    public boolean step() {
        return stepUntil(Long.MAX_VALUE);
    }

    /**
     * Runs events until the condition holds; false if it does not within {@code limitNs}. Every
     * engine is stepped first, since the caller may have given it work from outside.
     */
    public boolean runUntil(BooleanSupplier condition, long limitNs) {
        long endNs = limitNs > Long.MAX_VALUE - nowNs ? Long.MAX_VALUE : nowNs + limitNs;
        engines.forEach(SimulatedEngine::stepSoon);
        runSoon();
        while (!condition.getAsBoolean()) {
            if (!stepUntil(endNs)) {
                nowNs = endNs == Long.MAX_VALUE ? nowNs : endNs;
                return false;
            }
        }
        return true;
    }

    /** Lets this much time pass. */
    public void runFor(long durationNs) {
        runUntil(() -> false, durationNs);
    }

    /** True while an event happens: nobody may step the world from inside it. */
    public boolean isRunning() {
        return running;
    }

    private boolean stepUntil(long endNs) {
        assert !running : "the simulation is stepped from inside one of its own events";
        runSoon();
        SimulatedEvent event = queue.peek();
        if (event == null || event.dueNs > endNs) {
            return false;
        }
        queue.remove(event);
        nowNs = event.dueNs;
        eventCount++;
        digest(event.dueNs);
        running = true;
        try {
            event.happen();
        } catch (Throwable failure) {
            throw explained(failure);
        } finally {
            running = false;
        }
        runSoon();
        return true;
    }

    private void runSoon() {
        running = true;
        try {
            int steps = 0;
            for (Runnable next = soon.poll(); next != null; next = soon.poll()) {
                next.run();
                assert ++steps < STEPS_AT_ONE_MOMENT_MAX : "endless work at " + nowNs() + " ns";
            }
        } catch (Throwable failure) {
            throw explained(failure);
        } finally {
            running = false;
        }
    }

    private <T extends Throwable> RuntimeException explained(Throwable failure) throws T {
        failure.addSuppressed(new SimulationFailure(describe()));
        @SuppressWarnings("unchecked")
        T same = (T) failure;
        throw same;
    }

    /** Mixes a value into the hash of this run. */
    public void digest(long value) {
        hash = SimulatedRandom.mix(hash * 31 + value);
    }

    /** The same seed and the same code give the same hash after the same number of events. */
    public long hash() {
        return hash;
    }

    /** Keeps the last lines of a readable trace from now on. */
    public void traceLast(int lines) {
        trace = new TraceRing(lines);
    }

    public boolean isTracing() {
        return trace != null;
    }

    /** Callers that build a line at some cost ask {@link #isTracing} first. */
    public void trace(String line) {
        if (trace != null) {
            trace.add(nowNs(), line);
        }
    }

    public List<String> traceLines() {
        return trace == null ? List.of() : trace.lines();
    }

    /** Seed, time and the end of the trace, for the message of a failure. */
    public String describe() {
        return String.format(
                Locale.ROOT,
                "simulation with seed %d at %,d ns after %,d events, hash %016x%s",
                seed(),
                nowNs(),
                eventCount,
                hash,
                String.join("\n  ", traceForMessage()));
    }

    private List<String> traceForMessage() {
        List<String> lines = new ArrayList<>(traceLines());
        lines.addFirst(trace == null ? " (traceLast(n) shows what happened)" : ", the last lines:");
        return lines;
    }

    private static final class ActionEvent extends SimulatedEvent implements Scheduled {
        private final Simulation simulation;
        private final Runnable action;

        ActionEvent(Simulation simulation, Runnable action) {
            this.simulation = simulation;
            this.action = action;
        }

        @Override
        void happen() {
            action.run();
        }

        @Override
        public void cancel() {
            simulation.unschedule(this);
        }
    }
}
