package io.stria.dataplane.volume;

/**
 * How much a movement does at a time. Alone: as many large pieces as are of use. Beside hosts: one
 * small piece, and listings in small parts, one after the other and never none: what is small and
 * steady comes to its end, whatever hosts ask for. One IO in a hundred that meets a burst is enough
 * to spoil the p99 of all.
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

    private long lastHostNs;

    Pace(long nowNs) {
        lastHostNs = nowNs - ABSENT_NS;
    }

    /** A host asks for something, or has got it. */
    void onHostIo(long nowNs) {
        lastHostNs = nowNs;
    }

    private boolean isAlone(long nowNs) {
        return nowNs - lastHostNs >= ABSENT_NS;
    }

    /** How many pieces may be under way now. */
    int copies(long nowNs) {
        return isAlone(nowNs) ? COPIES_MAX : COPIES_BESIDE_HOSTS;
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
