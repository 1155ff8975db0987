package io.stria.dataplane.volume;

/**
 * How much a movement does at a time. Alone: as many large pieces as are of use. Beside hosts: one
 * piece at a time, and one part of a listing, and after each a rest that is a multiple of what it
 * took. So a movement takes a bounded share of the time of devices and processors, whatever these
 * can do, and never none: it comes to its end, whatever hosts ask for. One IO in a hundred that
 * meets a burst is enough to spoil the p99 of all, so what is done in one go is small.
 *
 * <p>Belongs to one owner's thread; knows time only from its callers.
 */
final class Pace {
    static final int COPIES_MAX = 32;

    static final int COPIES_BESIDE_HOSTS = 1;

    /** Of what hosts write while a window is copied, without rests: it is to end some time. */
    static final int COPIES_AGAIN_BESIDE_HOSTS = 2;

    /** Of one chunk in one piece: no less than what stores put straight home. */
    static final int BYTES_BESIDE_HOSTS = 32 * 1024;

    /** What a store tells in one answer; all stores look, and make it, at the same time. */
    static final int LISTED_BYTES_BESIDE_HOSTS = 32 * 1024;

    /** So many times as long as something took nothing else is begun beside hosts. */
    static final int RESTS = 1;

    /** What took very long, since a device did, is no reason to stand still. */
    static final long REST_NS_MAX = 200_000_000L;

    /** Hosts that have asked for nothing for so long are not there. */
    static final long ABSENT_NS = 500_000_000L;

    private long lastHostNs;
    private long restsUntilNs;

    Pace(long nowNs) {
        lastHostNs = nowNs - ABSENT_NS;
        restsUntilNs = nowNs;
    }

    /** A host asks for something, or has got it. */
    void onHostIo(long nowNs) {
        lastHostNs = nowNs;
    }

    /** A piece, or a part of a listing, has ended. */
    void onEnded(long beganNs, long nowNs) {
        long restsNs = Math.min(RESTS * (nowNs - beganNs), REST_NS_MAX);
        if (nowNs + restsNs - restsUntilNs > 0) {
            restsUntilNs = nowNs + restsNs;
        }
    }

    private boolean isAlone(long nowNs) {
        return nowNs - lastHostNs >= ABSENT_NS;
    }

    /** Nothing is to be begun now that can wait. */
    boolean rests(long nowNs) {
        return nowNs - restsUntilNs < 0 && !isAlone(nowNs);
    }

    /** When it does not rest any more; the past if it does not. */
    long restsUntilNs() {
        return Math.min(restsUntilNs, lastHostNs + ABSENT_NS);
    }

    /** How many pieces may be under way now. */
    int copies(long nowNs) {
        if (isAlone(nowNs)) {
            return COPIES_MAX;
        }
        return rests(nowNs) ? 0 : COPIES_BESIDE_HOSTS;
    }

    /** How many pieces may be under way of what hosts have written since it was copied. */
    int copiesAgain(long nowNs) {
        return isAlone(nowNs) ? COPIES_MAX : COPIES_AGAIN_BESIDE_HOSTS;
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
