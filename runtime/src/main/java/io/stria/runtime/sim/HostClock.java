package io.stria.runtime.sim;

import io.stria.runtime.Clock;

/** What one host takes for the time: begins somewhere, and runs a little fast or slow. */
final class HostClock implements Clock {
    static final long NEVER = Long.MAX_VALUE;
    private static final long MILLION = 1_000_000;

    private final Clock world;
    private long worldBaseNs;
    private long hostBaseNs;
    private long driftPpm;

    /** Time stands still while code runs, which asks again and again: this is what it was told. */
    private long askedAtNs = -1;

    private long shownNs;

    HostClock(Clock world, long startNs) {
        this.world = world;
        this.worldBaseNs = world.nowNs();
        this.hostBaseNs = startNs;
    }

    @Override
    public long nowNs() {
        long worldNs = world.nowNs();
        if (worldNs != askedAtNs) {
            long passedNs = worldNs - worldBaseNs;
            shownNs = hostBaseNs + passedNs + scaled(passedNs, driftPpm);
            askedAtNs = worldNs;
        }
        return shownNs;
    }

    /** Parts per million by which this clock is fast (or slow, when negative) from now on. */
    void driftPpm(long ppm) {
        rebase(nowNs());
        driftPpm = ppm;
    }

    /** The machine boots: its monotonic time begins anew. */
    void restartAt(long startNs) {
        rebase(startNs);
    }

    private void rebase(long hostNs) {
        hostBaseNs = hostNs;
        worldBaseNs = world.nowNs();
        askedAtNs = -1;
    }

    /** Simulated time until this clock shows the moment, never less; {@link #NEVER} if too far. */
    long worldDelayUntil(long hostNs) {
        if (hostNs == NEVER) {
            return NEVER;
        }
        long missingNs = hostNs - nowNs();
        if (missingNs <= 0) {
            return 0;
        }
        long million = MILLION + driftPpm;
        return driftPpm == 0
                ? missingNs
                : missingNs / million * MILLION + missingNs % million * MILLION / million + 2;
    }

    private static long scaled(long ns, long ppm) {
        return ns / MILLION * ppm + ns % MILLION * ppm / MILLION;
    }
}
