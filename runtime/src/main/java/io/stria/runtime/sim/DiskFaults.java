package io.stria.runtime.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The faults switched on at one {@link SimulatedDisk}; all are off at first. */
public final class DiskFaults {
    private record Range(long offset, long length) {
        boolean meets(long otherOffset, long otherLength) {
            return offset < otherOffset + otherLength && otherOffset < offset + length;
        }
    }

    /** What can be wrong with a request. */
    public enum Kind {
        /** It read what has rotten. */
        ROT,

        /** It wrote, and nothing came to be. */
        LOST_WRITE,

        /** It wrote somewhere else. */
        MISDIRECTED_WRITE,

        /** It asked for what cannot be read. */
        UNREADABLE,

        /** It was a flush, and nothing is safer than before. */
        FAILED_FLUSH,

        /** It waits for the disk to go on. */
        HUNG,

        /** It takes longer. */
        SLOW,

        /** It failed, as all do. */
        FAILED
    }

    private final List<Range> rotten = new ArrayList<>();
    private Consumer<Kind> onHit = kind -> {};
    private final List<Range> unreadable = new ArrayList<>();
    private final List<Range> unwritable = new ArrayList<>();
    private @Nullable Long nextWriteOffset;
    private boolean nextWriteLost;
    private boolean nextFlushFails;
    private double slowness = 1;
    private boolean hung;
    private boolean dead;
    private boolean spoilt;

    DiskFaults() {}

    /** Hears of each request that a fault has hit, when it does. */
    public void watch(Consumer<Kind> watcher) {
        onHit = watcher;
    }

    void hit(Kind kind) {
        onHit.accept(kind);
    }

    void rots(long offset) {
        rotten.add(new Range(offset, 1));
    }

    /** A read gives these bytes. */
    void given(long offset, long length) {
        if (!rotten.isEmpty() && meets(rotten, offset, length)) {
            hit(Kind.ROT);
        }
    }

    /**
     * Reads that touch the range fail with EIO, each part of it until something is written there.
     */
    public void failReads(long offset, long length) {
        spoilt = true;
        unreadable.add(new Range(offset, length));
    }

    /** Writes that touch the range fail with EIO and leave any part of their blocks. */
    public void failWrites(long offset, long length) {
        unwritable.add(new Range(offset, length));
    }

    /** The next write lands here instead, and is acknowledged. */
    public void misdirectNextWrite(long offset) {
        spoilt = true;
        nextWriteOffset = offset;
    }

    /** The next write goes nowhere, and is acknowledged. */
    public void loseNextWrite() {
        spoilt = true;
        nextWriteLost = true;
    }

    /**
     * Something that the disk was given it did not keep, or does not give back, at some time since
     * it was made, or was to: whether that has ended or not.
     */
    public boolean haveSpoilt() {
        return spoilt;
    }

    void spoil() {
        spoilt = true;
    }

    /** The next flush fails with EIO, and nothing is safer than before. */
    public void failNextFlush() {
        nextFlushFails = true;
    }

    /** Multiplies every latency from now on. */
    public void slowDown(double factor) {
        slowness = factor;
    }

    /** Everything fails with EIO; writes leave any part of their blocks. */
    public void failEverything() {
        dead = true;
    }

    public boolean failsEverything() {
        return dead;
    }

    /** Switches ranges and slowness off; a hung disk goes on hanging until it is resumed. */
    public void clear() {
        unreadable.clear();
        clearButUnreadable();
    }

    /** The same, but what the medium does not give is not given: only a write mends that. */
    public void clearButUnreadable() {
        unwritable.clear();
        nextWriteOffset = null;
        nextWriteLost = false;
        nextFlushFails = false;
        slowness = 1;
        dead = false;
    }

    /** Whether the disk does all that is asked of it, wherever its medium can be read. */
    public boolean areNoneButUnreadable() {
        return !dead
                && !hung
                && slowness == 1
                && !nextWriteLost
                && !nextFlushFails
                && nextWriteOffset == null
                && unwritable.isEmpty();
    }

    public boolean isHung() {
        return hung;
    }

    void hung(boolean value) {
        hung = value;
    }

    boolean failsRead(long offset, long length) {
        if (!dead && meets(unreadable, offset, length)) {
            hit(Kind.UNREADABLE);
            return true;
        }
        return failsAll();
    }

    boolean failsWrite(long offset, long length) {
        return failsAll() || meets(unwritable, offset, length);
    }

    private boolean failsAll() {
        if (dead) {
            hit(Kind.FAILED);
        }
        return dead;
    }

    /** Something new lies there: a device that cannot read a sector writes it all the same. */
    void overwritten(long offset, long length) {
        rotten.removeIf(range -> range.meets(offset, length));
        for (int i = unreadable.size() - 1; i >= 0; i--) {
            Range range = unreadable.get(i);
            if (range.meets(offset, length)) {
                unreadable.remove(i);
                keep(range.offset, offset);
                keep(offset + length, range.offset + range.length);
            }
        }
    }

    private void keep(long from, long to) {
        if (from < to) {
            unreadable.add(new Range(from, to - from));
        }
    }

    boolean isAllWell() {
        return unreadable.isEmpty() && rotten.isEmpty();
    }

    private static boolean meets(List<Range> ranges, long offset, long length) {
        for (int i = 0; i < ranges.size(); i++) {
            if (ranges.get(i).meets(offset, length)) {
                return true;
            }
        }
        return false;
    }

    long slowed(long latencyNs) {
        if (slowness == 1) {
            return latencyNs;
        }
        hit(Kind.SLOW);
        return (long) (latencyNs * slowness);
    }

    /** Where the write that arrives now really goes. */
    long takeOffset(long asked) {
        Long offset = nextWriteOffset;
        nextWriteOffset = null;
        if (offset != null) {
            hit(Kind.MISDIRECTED_WRITE);
        }
        return offset == null ? asked : offset;
    }

    boolean takeFlushFailure() {
        if (nextFlushFails) {
            hit(Kind.FAILED_FLUSH);
        }
        boolean fails = nextFlushFails || failsAll();
        nextFlushFails = false;
        return fails;
    }

    boolean takeLoss() {
        boolean lost = nextWriteLost;
        if (lost) {
            hit(Kind.LOST_WRITE);
        }
        nextWriteLost = false;
        return lost;
    }
}
