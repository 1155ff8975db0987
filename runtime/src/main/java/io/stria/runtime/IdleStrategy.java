package io.stria.runtime;

/**
 * What a reactor does after a loop in which nothing happened. Stateless, so that one value serves
 * any number of reactors.
 */
@FunctionalInterface
public interface IdleStrategy {
    /**
     * How long to sleep in {@link Engine#await} now; 0 polls again at once.
     *
     * @param idleNs time since the last loop that did work
     * @param untilTimerNs time until the next timer is due; {@code Long.MAX_VALUE} without one
     * @param lastPauseNs how long there was nothing to do before the last work came; 0 before the
     *     first
     */
    long sleepNs(long idleNs, long untilTimerNs, long lastPauseNs);

    /** Never sleeps: for machines whose cores are given to storage. */
    static IdleStrategy busyPoll() {
        return (idleNs, untilTimerNs, lastPauseNs) -> 0;
    }

    /** Sleeps until the next timer, completion or wake: an idle reactor costs next to nothing. */
    static IdleStrategy sleep() {
        return (idleNs, untilTimerNs, lastPauseNs) -> untilTimerNs;
    }

    /** Polls for {@code spinNs} after the last work, since more often follows at once. */
    static IdleStrategy spinThenSleep(long spinNs) {
        checkSpin(spinNs);
        return (idleNs, untilTimerNs, lastPauseNs) -> idleNs < spinNs ? 0 : untilTimerNs;
    }

    /**
     * As {@link #spinThenSleep}, but only while work comes that fast: a longer pause is slept
     * through, and so is the first one after it. A reactor with nothing but timers never spins.
     */
    static IdleStrategy spinWhileBusy(long spinNs) {
        checkSpin(spinNs);
        return (idleNs, untilTimerNs, lastPauseNs) ->
                idleNs < spinNs && lastPauseNs < spinNs ? 0 : untilTimerNs;
    }

    private static void checkSpin(long spinNs) {
        if (spinNs < 0) {
            throw new IllegalArgumentException("spinNs is negative: " + spinNs);
        }
    }
}
