package io.stria.control.consensus;

/**
 * How long an elected leader has been waiting for the first entry of its term, without which it
 * decides nothing. Its heartbeats go out meanwhile, so nobody else would stand for election.
 */
final class Beginning {
    /** Some elections long, and longer than a disk is busy in ordinary times. */
    private static final long PATIENCE_NS = 5_000_000_000L;

    private static final long AGAIN_NS = 1_000_000_000;

    private boolean isWaiting;
    private long sinceNs;

    /**
     * @param waits it is elected, and its first entry is not applied yet
     * @return true when it has waited too long, and then once a second
     */
    boolean isStuck(boolean waits, long nowNs) {
        if (!waits || !isWaiting) {
            isWaiting = waits;
            sinceNs = nowNs;
            return false;
        }
        if (nowNs - sinceNs < PATIENCE_NS) {
            return false;
        }
        sinceNs = nowNs - PATIENCE_NS + AGAIN_NS;
        return true;
    }
}
