package io.stria.dataplane.volume;

import java.util.Arrays;

/**
 * How many copies a movement may have under way, by what hosts notice of them. Alone: as many as
 * are of use. Beside hosts: so many that hardly more of their IO is slow than would be anyway.
 *
 * <p>What is slow anyway is measured while the movement rests, for a moment every few seconds: nine
 * of ten take less than that. Between two rests each judgement over some of the hosts' IO, or over
 * that of a second, adds a little to the window of copies, or halves it; below one copy at a time,
 * there is a rest after each. While hosts ask for too little to tell what is slow, the window is a
 * moderate one.
 *
 * <p>Adding a little and halving is TCP's congestion avoidance (Jacobson, "Congestion Avoidance and
 * Control", SIGCOMM 1988); that delay is the signal, and not loss, and that whoever is in the
 * background gives way first, is LEDBAT's (RFC 6817); that the delay without oneself is measured
 * anew in short rests is BBR's ProbeRTT (Cardwell et al., "BBR", ACM Queue 14, 2016).
 *
 * <p>Belongs to one owner's thread; knows time only from its callers.
 */
final class Pace {
    static final int COPIES_MAX = 32;

    /** Hosts that have asked for nothing for so long are not there. */
    static final long ABSENT_NS = 500_000_000L;

    static final long REST_NS = 200_000_000L;

    /** What is under way when a rest begins ends meanwhile, and does not count. */
    static final long SETTLE_NS = 20_000_000L;

    static final long MOVE_NS = 2_000_000_000L;

    private static final double WINDOW_MIN = 1.0 / 8;
    private static final double STEP = 0.5;
    private static final long PAUSE_MAX_NS = 10_000_000L;
    private static final int JUDGED_MAX = 128;
    private static final long JUDGEMENT_NS = 1_000_000_000L;

    /** Where so many are slow anyway, */
    private static final double SLOW_USUALLY = 0.1;

    /** more of them than so many standard deviations above that are too many. */
    private static final double DEVIATIONS_MAX = 2.25;

    /** Copies beside hosts of which nothing can be told. */
    static final int COPIES_UNJUDGED = 8;

    private final Usual reads = new Usual();
    private final Usual writes = new Usual();
    private boolean alone = true;
    private boolean resting;
    private long restBeganNs;
    private long moveBeganNs;
    private long lastHostNs;
    private long notBeforeNs;
    private double window = 1;
    private long judgementBeganNs;
    private int judged;
    private int slow;

    /** Whether anything was judged since the last rest, and what hosts asked for in this one. */
    private boolean anyJudged;

    private int hostIosInRest;

    Pace(long nowNs) {
        lastHostNs = nowNs - ABSENT_NS;
        notBeforeNs = nowNs;
    }

    /** An IO of a host has ended. */
    void onHostIo(long nowNs, long tookNs, boolean isRead) {
        boolean wereAbsent = nowNs - lastHostNs >= ABSENT_NS;
        lastHostNs = nowNs;
        if (wereAbsent) {
            alone = false;
            window = 1;
            judged = 0;
            slow = 0;
            beginRest(nowNs);
        }
        Usual usual = isRead ? reads : writes;
        if (resting) {
            hostIosInRest++;
            if (nowNs - restBeganNs >= SETTLE_NS) {
                usual.add(tookNs);
            }
        } else if (usual.isKnown()) {
            if (judged++ == 0) {
                judgementBeganNs = nowNs;
            }
            anyJudged = true;
            slow += usual.isSlow(tookNs) ? 1 : 0;
            if (judged >= JUDGED_MAX || nowNs - judgementBeganNs >= JUDGEMENT_NS) {
                judge();
            }
        }
    }

    private void judge() {
        double deviation = Math.sqrt(judged * SLOW_USUALLY * (1 - SLOW_USUALLY));
        window =
                slow > judged * SLOW_USUALLY + DEVIATIONS_MAX * deviation
                        ? Math.max(window / 2, WINDOW_MIN)
                        : Math.min(window < 1 ? window * 1.25 : window + STEP, COPIES_MAX);
        judged = 0;
        slow = 0;
    }

    private void beginRest(long nowNs) {
        resting = true;
        restBeganNs = nowNs;
        hostIosInRest = 0;
    }

    /** No host asks for anything. */
    boolean isAlone(long nowNs) {
        follow(nowNs);
        return alone;
    }

    /** How many copies may be under way now. */
    int copies(long nowNs) {
        follow(nowNs);
        if (alone) {
            return COPIES_MAX;
        }
        return resting || nowNs - notBeforeNs < 0 ? 0 : Math.max(1, (int) window);
    }

    private void follow(long nowNs) {
        if (nowNs - lastHostNs >= ABSENT_NS) {
            alone = true;
            resting = false;
        } else if (resting && nowNs - restBeganNs >= REST_NS) {
            resting = false;
            moveBeganNs = nowNs;
            reads.learn();
            writes.learn();
            if (!anyJudged && hostIosInRest < Usual.ENOUGH) {
                window = Math.max(window, COPIES_UNJUDGED);
            }
            anyJudged = false;
        } else if (!resting && nowNs - moveBeganNs >= MOVE_NS) {
            beginRest(nowNs);
        }
    }

    /** A copy has ended that took so long. */
    void onCopied(long nowNs, long tookNs) {
        if (!alone && window < 1) {
            notBeforeNs = nowNs + Math.min((long) (tookNs * (1 / window - 1)), PAUSE_MAX_NS);
        }
    }

    /** When {@link #copies} may be another number, unless hosts ask for something before. */
    long nextDeadlineNs(long nowNs) {
        if (alone) {
            return Long.MAX_VALUE;
        }
        if (resting) {
            return restBeganNs + REST_NS;
        }
        return nowNs - notBeforeNs < 0 ? notBeforeNs : moveBeganNs + MOVE_NS;
    }

    @Override
    public String toString() {
        return alone ? "alone" : "%.2f copies beside hosts".formatted(window);
    }

    /** What nine of ten of one kind take less than, from the last rests. */
    private static final class Usual {
        private static final int ENOUGH = 16;

        private final long[] tookNs = new long[512];
        private int count;
        private long limitNs;

        void add(long ns) {
            tookNs[count++ % tookNs.length] = ns;
        }

        boolean isKnown() {
            return limitNs > 0;
        }

        boolean isSlow(long ns) {
            return ns > limitNs;
        }

        /** Few are kept for the next rest, which adds to them. */
        void learn() {
            int known = Math.min(count, tookNs.length);
            if (known < ENOUGH) {
                return;
            }
            Arrays.sort(tookNs, 0, known);
            long nowNs = tookNs[known * 9 / 10];
            limitNs = limitNs == 0 ? nowNs : limitNs - limitNs / 4 + nowNs / 4;
            count = 0;
        }
    }
}
