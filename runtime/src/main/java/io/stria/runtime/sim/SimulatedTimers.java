package io.stria.runtime.sim;

import io.stria.runtime.Timers;

/** Timers of one engine: each is an event of the simulation, run from the engine's poll. */
final class SimulatedTimers implements Timers {
    private final Simulation simulation;
    private final SimulatedEngine engine;
    private final HostClock clock;

    SimulatedTimers(Simulation simulation, SimulatedEngine engine, HostClock clock) {
        this.simulation = simulation;
        this.engine = engine;
        this.clock = clock;
    }

    @Override
    public Timer schedule(long delayNs, Runnable callback) {
        assert delayNs >= 0 : "delay " + delayNs;
        TimerEvent event = new TimerEvent(clock.nowNs() + delayNs, callback);
        if (!engine.isDead()) {
            event.await();
        }
        return event;
    }

    @Override
    public long nowNs() {
        return clock.nowNs();
    }

    private final class TimerEvent extends SimulatedEvent implements Timer, Delivery {
        private final long deadlineNs;
        private final Runnable callback;
        private boolean cancelled;

        TimerEvent(long deadlineNs, Runnable callback) {
            this.deadlineNs = deadlineNs;
            this.callback = callback;
        }

        void await() {
            simulation.schedule(this, clock.worldDelayUntil(deadlineNs));
        }

        /** The clock may have been slowed down since: then the rest is waited for. */
        @Override
        void happen() {
            if (clock.nowNs() < deadlineNs) {
                await();
            } else {
                engine.deliverSoon(this);
            }
        }

        @Override
        public void deliver() {
            if (!cancelled) {
                cancelled = true;
                callback.run();
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
            simulation.unschedule(this);
        }
    }
}
