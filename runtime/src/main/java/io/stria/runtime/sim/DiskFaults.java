package io.stria.runtime.sim;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The faults switched on at one {@link SimulatedDisk}; all are off at first. */
public final class DiskFaults {
    private record Range(long offset, long length) {
        boolean meets(long otherOffset, long otherLength) {
            return offset < otherOffset + otherLength && otherOffset < offset + length;
        }
    }

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
        return dead || meets(unreadable, offset, length);
    }

    boolean failsWrite(long offset, long length) {
        return dead || meets(unwritable, offset, length);
    }

    /** Something new lies there: a device that cannot read a sector writes it all the same. */
    void overwritten(long offset, long length) {
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

    boolean isAllReadable() {
        return unreadable.isEmpty();
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
        return slowness == 1 ? latencyNs : (long) (latencyNs * slowness);
    }

    /** Where the write that arrives now really goes. */
    long takeOffset(long asked) {
        Long offset = nextWriteOffset;
        nextWriteOffset = null;
        return offset == null ? asked : offset;
    }

    boolean takeFlushFailure() {
        boolean fails = nextFlushFails || dead;
        nextFlushFails = false;
        return fails;
    }

    boolean takeLoss() {
        boolean lost = nextWriteLost;
        nextWriteLost = false;
        return lost;
    }
}
