package io.stria.dataplane.volume;

/**
 * How much a movement does at a time. Alone: as many large pieces as are of use. Beside hosts: one
 * small piece, and listings in small parts, one after the other, as fast as {@link Throttle} says,
 * which is never not at all. One IO in a hundred that meets a burst is enough to spoil the p99 of
 * all.
 *
 * <p>Belongs to one owner's thread; knows time only from its callers.
 */
final class Pace {
    static final int COPIES_MAX = 32;

    static final int COPIES_BESIDE_HOSTS = 1;

    /** Of one chunk in one piece: no less than what stores put straight home. */
    static final int BYTES_BESIDE_HOSTS = 32 * 1024;

    /** What a store tells in one answer; all stores look, and make it, at the same time. */
    static final int LISTED_BYTES_BESIDE_HOSTS = 32 * 1024;

    /** Hosts that have asked for nothing for so long are not there. */
    static final long ABSENT_NS = 500_000_000L;

    /** Old places that are freed at a time, if no host is there. */
    static final int FREES_MAX = 8;

    private final Throttle throttle;
    private long lastHostNs;

    /**
     * @param lastHostNs when a host last asked for something
     */
    Pace(long nowNs, long lastHostNs) {
        throttle = new Throttle(nowNs);
        this.lastHostNs = lastHostNs;
    }

    /** A host asks for something. */
    void onAsked(long nowNs) {
        if (isAlone(nowNs)) {
            throttle.begin(nowNs);
        }
        lastHostNs = nowNs;
    }

    /** A host has got what it asked for. */
    void onAnswered(boolean read, long tookNs, long nowNs) {
        onAsked(nowNs);
        throttle.onAnswered(read, tookNs, nowNs);
    }

    /** So many devices hold nothing, or not all, of what is on them by the map. */
    void onMissing(int devices, long nowNs) {
        throttle.missing(devices, nowNs);
    }

    /** Bytes of fragments per second, at most; 0: hosts hold nothing back. */
    long rate(long nowNs) {
        return isAlone(nowNs) ? 0 : throttle.rate();
    }

    /** Something may be begun now. */
    boolean isDue(long nowNs) {
        return isAlone(nowNs) || throttle.isDue(nowNs);
    }

    /** Hosts' IO shows how long it takes without a movement. */
    boolean rests(long nowNs) {
        return !isAlone(nowNs) && throttle.rests(nowNs);
    }

    /** When something may be begun next, if hosts stay. */
    long dueNs(long nowNs) {
        return isAlone(nowNs) ? nowNs : throttle.dueNs(nowNs);
    }

    /** So many bytes were copied, or told by stores. */
    void spent(long bytes, long nowNs) {
        throttle.spent(bytes, nowNs);
    }

    private boolean isAlone(long nowNs) {
        return nowNs - lastHostNs >= ABSENT_NS;
    }

    /** How many pieces may be under way now. */
    int copies(long nowNs) {
        return isAlone(nowNs) ? COPIES_MAX : throttle.isDue(nowNs) ? COPIES_BESIDE_HOSTS : 0;
    }

    /** How many old places may be freed at a time. */
    int frees(long nowNs) {
        return isAlone(nowNs) ? FREES_MAX : throttle.rests(nowNs) ? 0 : 1;
    }

    /** How much of one chunk a piece may have. */
    int bytes(long nowNs) {
        return isAlone(nowNs) ? RunCopy.BYTES_MAX : BYTES_BESIDE_HOSTS;
    }

    /** How much each store may tell in one part of a listing. */
    int listedBytes(long nowNs) {
        return isAlone(nowNs) ? AnswerBuffers.BYTES : LISTED_BYTES_BESIDE_HOSTS;
    }
}
