package io.stria.runtime;

/**
 * Timers of one reactor, and its time: inside a loop everybody sees the one reading taken when the
 * loop began; outside (while a reactor is being built, or stepped by hand) the clock is asked.
 */
final class ReactorTimers implements Timers {
    private final Clock clock;
    private final TimerHeap heap = new TimerHeap();
    private boolean inLoop;
    private long loopNs;
    private long previousLoopNs;

    ReactorTimers(Clock clock) {
        this.clock = clock;
        this.loopNs = clock.nowNs();
        this.previousLoopNs = loopNs;
    }

    @Override
    public Timer schedule(long delayNs, Runnable callback) {
        if (delayNs < 0) {
            throw new IllegalArgumentException("delayNs is negative: " + delayNs);
        }
        long nowNs = nowNs();
        long deadlineNs = delayNs > Long.MAX_VALUE - nowNs ? Long.MAX_VALUE : nowNs + delayNs;
        return heap.add(deadlineNs, callback);
    }

    @Override
    public long nowNs() {
        return inLoop ? loopNs : clock.nowNs();
    }

    long beginLoop() {
        previousLoopNs = loopNs;
        loopNs = clock.nowNs();
        inLoop = true;
        return loopNs;
    }

    void endLoop() {
        inLoop = false;
    }

    long loopNs() {
        return loopNs;
    }

    long sinceLastLoopNs() {
        return loopNs - previousLoopNs;
    }

    long nextDeadlineNs() {
        return heap.nextDeadlineNs();
    }

    int runDue(long nowNs) {
        return heap.runDue(nowNs);
    }
}
