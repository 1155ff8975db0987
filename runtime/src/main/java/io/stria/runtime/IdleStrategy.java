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
     */
    long sleepNs(long idleNs, long untilTimerNs);

    /** Never sleeps: for machines whose cores are given to storage. */
    static IdleStrategy busyPoll() {
        return (idleNs, untilTimerNs) -> 0;
    }

    /** Sleeps until the next timer, completion or wake: an idle reactor costs next to nothing. */
    static IdleStrategy sleep() {
        return (idleNs, untilTimerNs) -> untilTimerNs;
    }

    /** Polls for {@code spinNs} after the last work, since more often follows at once. */
    static IdleStrategy spinThenSleep(long spinNs) {
        if (spinNs < 0) {
            throw new IllegalArgumentException("spinNs is negative: " + spinNs);
        }
        return (idleNs, untilTimerNs) -> idleNs < spinNs ? 0 : untilTimerNs;
    }
}
