package io.stria.dataplane.volume;

/**
 * How fast a movement copies beside hosts: so fast that they hardly notice, as their own IO shows.
 *
 * <pre>
 *   | copy 3 s | rest 1 s | copy 3 s | rest 1 s | ...
 * </pre>
 *
 * <p>Rests show how long hosts' IO takes without a movement. If the p99 of reads, or of writes,
 * that begin while it copies is higher by more than a fifth, see {@link HostTimes}, the rate is
 * halved; otherwise it grows by an eighth, if it was made use of. It begins at a floor, and hosts
 * never hold it below that, so that what moves arrives whatever they do.
 *
 * <p>Belongs to one owner's thread; knows time only from its callers.
 */
final class Throttle {
    static final long COPY_NS = 3_000_000_000L;
    static final long REST_NS = 1_000_000_000L;
    private static final long TURN_NS = COPY_NS + REST_NS;

    /** In so much of each second, on average, something is begun. */
    private static final long COPY_NS_PER_SECOND = COPY_NS * 1_000 / (TURN_NS / 1_000_000);

    /** In bytes per second, of fragments that are written: nothing is lacking, it only moves. */
    static final long FLOOR = 2L << 20;

    /** The same while one device is missing. Where two are, hosts' IO is not looked at. */
    static final long FLOOR_ONE_MISSING = 16L << 20;

    private static final long STEP = 1L << 19;

    /** More is no use: from here on it is soon halved often enough. */
    static final long RATE_MAX = 256L << 20;

    private final HostTimes reads = new HostTimes();
    private final HostTimes writes = new HostTimes();
    private long rate = FLOOR;
    private int missing;
    private long beganNs;
    private long turnEndsNs;
    private long dueNs;

    /** Since when, and how much was copied or told since then. */
    private long judgedNs;

    private long spentBytes;

    Throttle(long nowNs) {
        begin(nowNs);
    }

    /** Hosts are there again: whatever was copied without them ends in a turn's first part. */
    void begin(long nowNs) {
        beganNs = nowNs;
        turnEndsNs = nowNs + TURN_NS;
        dueNs = nowNs;
        judgedNs = nowNs;
        spentBytes = 0;
        reads.forget();
        writes.forget();
    }

    /** So many devices hold nothing, or not all, of what is on them by the map. */
    void missing(int devices, long nowNs) {
        if (isOff() && devices < 2) {
            begin(nowNs);
        }
        missing = devices;
        rate = Math.max(rate, floor());
    }

    private long floor() {
        return missing == 0 ? FLOOR : FLOOR_ONE_MISSING;
    }

    /** One more loss would lose data: that is worse than being slow. */
    private boolean isOff() {
        return missing >= 2;
    }

    /** In bytes per second, of fragments that are written; {@link #RATE_MAX}: not held back. */
    long rate() {
        return isOff() ? RATE_MAX : rate;
    }

    /** Nothing is begun, so that hosts' IO shows how long it takes without. */
    boolean rests(long nowNs) {
        return !isOff() && Math.floorMod(nowNs - beganNs, TURN_NS) >= COPY_NS;
    }

    /** Something may be begun now. */
    boolean isDue(long nowNs) {
        return isOff() || nowNs - dueNs >= 0 && !rests(nowNs);
    }

    /** When something may be begun; in the past: now. */
    long dueNs(long nowNs) {
        if (isOff()) {
            return nowNs;
        }
        long atNs = nowNs - dueNs >= 0 ? nowNs : dueNs;
        long phaseNs = Math.floorMod(atNs - beganNs, TURN_NS);
        return phaseNs >= COPY_NS ? atNs + TURN_NS - phaseNs : atNs;
    }

    /** So much was copied or told: the next comes when that many bytes are due, rests included. */
    void spent(long bytes, long nowNs) {
        spentBytes += bytes;
        dueNs += bytes * COPY_NS_PER_SECOND / rate;
        if (nowNs - dueNs > 0) {
            dueNs = nowNs; // nothing is saved up
        }
    }

    /** An IO of a host was carried out. */
    void onAnswered(boolean read, long tookNs, long nowNs) {
        long atNs = nowNs - tookNs;
        if (isOff() || atNs - beganNs < 0) {
            return;
        }
        if (nowNs - turnEndsNs >= 0) {
            judge(nowNs);
        }
        HostTimes kind = read ? reads : writes;
        if (rests(atNs)) {
            kind.onQuiet(tookNs);
        } else {
            kind.onBeside(tookNs);
        }
    }

    private void judge(long nowNs) {
        turnEndsNs = nowNs + TURN_NS - Math.floorMod(nowNs - beganNs, TURN_NS);
        boolean wasUsed = wasUsed(nowNs);
        HostTimes.Verdict ofReads = reads.judge();
        HostTimes.Verdict ofWrites = writes.judge();
        if (ofReads == HostTimes.Verdict.SLOW || ofWrites == HostTimes.Verdict.SLOW) {
            rate = Math.max(floor(), rate / 2);
            reads.forget();
            writes.forget();
        } else if (wasUsed
                && (ofReads == HostTimes.Verdict.FINE || ofWrites == HostTimes.Verdict.FINE)) {
            rate = Math.min(RATE_MAX, rate + Math.max(STEP, rate / 8));
        }
    }

    /** At a rate that hardly anything of was used nobody has found out what hosts bear. */
    private boolean wasUsed(long nowNs) {
        long dueBytes = rate * ((nowNs - judgedNs) / 1_000_000) / 1_000;
        boolean used = spentBytes >= dueBytes / 2;
        judgedNs = nowNs;
        spentBytes = 0;
        return used;
    }
}
