package io.stria.dataplane.volume;

import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads of one volume's hosts that wait for stores, the longest first, and how long they do so
 * before they ask others. On the owner's thread.
 *
 * <p>The delay is what the stores of the volume have in common: the median of their recent p99s, of
 * two the higher. So one store that has become slow does not make reads wait for it. How many reads
 * may ask for more than they need is bounded, so that stores that are all late at once, since there
 * is too much to do, do not get more to do for it; a store that keeps being late is not asked at
 * all, as far as there are others.
 */
final class Hedges {
    /** Unused rights to hedge are kept up to so many. */
    private static final int BURST = 32;

    private static final int COST = 100;

    private final HedgeConfig config;
    private final StoreLinks links;
    private long[] p99s = new long[8];
    private long delayNs;
    private int credit = BURST * COST;
    private @Nullable StripeReader first;
    private @Nullable StripeReader last;
    private long hedged;
    private long detours;

    Hedges(HedgeConfig config, StoreLinks links) {
        this.config = config;
        this.links = links;
        this.delayNs = config.ceilingNs();
    }

    boolean isOn() {
        return config.percent() > 0;
    }

    HedgeFigures figures() {
        return isOn() ? new HedgeFigures(hedged, detours, delayNs) : HedgeFigures.NONE;
    }

    /** A read begins. */
    void earn() {
        credit = Math.min(credit + config.percent(), BURST * COST);
    }

    /** Whether a read may ask for more than it needs; if so, it counts as having done it. */
    boolean spend() {
        if (credit < COST) {
            return false;
        }
        credit -= COST;
        hedged++;
        return true;
    }

    void detoured() {
        detours++;
    }

    /** The reader, which is not in the queue, waits since then for stores to answer. */
    void add(StripeReader reader, long sinceNs) {
        assert !reader.queued;
        reader.queued = true;
        reader.sinceNs = sinceNs;
        reader.previous = last;
        if (last == null) {
            first = reader;
        } else {
            last.next = reader;
        }
        last = reader;
    }

    void remove(StripeReader reader) {
        if (!reader.queued) {
            return;
        }
        reader.queued = false;
        StripeReader before = reader.previous;
        StripeReader after = reader.next;
        if (before == null) {
            first = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.previous = before;
        }
        reader.previous = null;
        reader.next = null;
    }

    /** Those that have waited for too long hear of it. */
    int poll(long nowNs) {
        int work = 0;
        for (StripeReader reader = first;
                reader != null && nowNs - reader.sinceNs >= delayNs;
                reader = first) {
            remove(reader);
            reader.onOverdue(nowNs);
            work++;
        }
        return work;
    }

    /** When {@link #poll} has something to do next, unless something arrives earlier. */
    long nextDeadlineNs() {
        return first == null ? Long.MAX_VALUE : first.sinceNs + delayNs;
    }

    /**
     * A store has answered a read.
     *
     * @param told whether it was said to be overdue
     */
    void answered(StoreLink link, FragmentRequest request, IoStatus status, boolean told) {
        ReadTimes times = link.readTimes();
        if (told) {
            times.overdueEnded();
        }
        if (status == IoStatus.OK
                && times.answered(link.heardNs() - request.sentNs, delayNs, told)) {
            followStores();
        }
    }

    private void followStores() {
        if (p99s.length < links.size()) {
            p99s = new long[links.size()];
        }
        int known = 0;
        for (int i = 0; i < links.size(); i++) {
            StoreLink link = links.get(i);
            if (link.isReadable() && link.readTimes().p99Ns() != ReadTimes.UNKNOWN) {
                p99s[known++] = link.readTimes().p99Ns();
            }
        }
        if (known > 0) {
            Arrays.sort(p99s, 0, known);
            delayNs = Math.clamp(p99s[known / 2], config.floorNs(), config.ceilingNs());
        }
    }
}
