package io.stria.simulator;

import io.stria.runtime.sim.Stamps;
import java.util.ArrayList;
import java.util.List;

/**
 * What one block may read as. Writes of a block have the order in which hosts began them (one at a
 * time; one that failed may still take effect until something newer did, or a read that began after
 * the failure showed something older). A write's stamp is its content; stamp 0 is zeros.
 */
final class BlockHistory {
    static final long ZEROS = Stamps.ZEROS;

    /** One write on its way through its life. */
    static final class Write {
        final long stamp;
        private final int order;
        private boolean underWay = true;
        private long failedAt;

        private Write(long stamp, int order) {
            this.stamp = stamp;
            this.order = order;
        }

        @Override
        public String toString() {
            return "#" + order + "=" + stamp + (underWay ? " under way" : "");
        }
    }

    /** What a read that began at one time may return. */
    record Window(long begunAt, List<Write> allowed, int begunBefore) {}

    private final long block;

    /** Every write ever, by order. */
    private final List<Write> all = new ArrayList<>();

    /** Those that may be read, in their order; the first is the newest that certainly happened. */
    private final List<Write> candidates = new ArrayList<>();

    private long clock;

    BlockHistory(long block) {
        this.block = block;
        Write never = new Write(ZEROS, 0);
        never.underWay = false;
        all.add(never);
        candidates.add(never);
    }

    boolean isWriteUnderWay() {
        return candidates.getLast().underWay;
    }

    /** Whether it may hold zeros now. */
    boolean mayBeEmpty() {
        return candidates.stream().anyMatch(write -> write.stamp == ZEROS);
    }

    Write begin(long stamp) {
        assert !isWriteUnderWay();
        Write write = new Write(stamp, all.size());
        all.add(write);
        candidates.add(write);
        return write;
    }

    void acknowledged(Write write) {
        write.underWay = false;
        candidates.removeIf(other -> other.order < write.order);
    }

    /** The host was told of an error: it may happen, or never. */
    void failed(Write write) {
        write.underWay = false;
        write.failedAt = ++clock;
    }

    /**
     * There was no room for it, and nothing of it was done: if the block held zeros for certain, it
     * does so now.
     */
    void refused(Write write) {
        failed(write);
        if (candidates.stream().allMatch(each -> each == write || each.stamp == ZEROS)) {
            candidates.remove(write);
        }
    }

    Window beginRead() {
        return new Window(++clock, List.copyOf(candidates), all.size());
    }

    /** Takes what a read returned; an assertion fails if it must not be. */
    void endRead(Window window, long stamp) {
        Write seen = null;
        for (Write write : window.allowed) {
            if (write.stamp == stamp) {
                seen = write;
                break;
            }
        }
        for (int i = window.begunBefore; i < all.size() && seen == null; i++) {
            seen = all.get(i).stamp == stamp ? all.get(i) : null;
        }
        if (seen == null) {
            throw new AssertionError(
                    "block %d reads %d, allowed were %s%s"
                            .formatted(block, stamp, window.allowed, whereFrom(stamp)));
        }
        int order = seen.order;
        if (candidates.contains(seen)) {
            candidates.removeIf(other -> other.order < order);
        }
        // What failed before this read began and did not show never happens any more.
        candidates.removeIf(other ->
                other.order > order
                        && !other.underWay
                        && other.failedAt > 0
                        && other.failedAt < window.begunAt);
    }

    private String whereFrom(long stamp) {
        for (Write write : all.reversed()) {
            if (write.stamp == stamp) {
                return "; that was " + write + " of " + all.size();
            }
        }
        return "; nobody ever wrote that";
    }

    @Override
    public String toString() {
        return "block " + block + " " + candidates;
    }
}
