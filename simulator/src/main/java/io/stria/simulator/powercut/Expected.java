package io.stria.simulator.powercut;

import io.stria.runtime.sim.Stamps;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What each block may read as: the newest write that was acknowledged, or any that was begun since.
 */
final class Expected {
    private final List<List<Long>> blocks = new ArrayList<>();
    private final Set<Integer> touched = new TreeSet<>();

    Expected(int count) {
        for (int block = 0; block < count; block++) {
            blocks.add(List.of(Stamps.ZEROS));
        }
    }

    void begun(int block, long stamp) {
        touched.add(block);
        List<Long> more = new ArrayList<>(blocks.get(block));
        more.add(stamp);
        blocks.set(block, more);
    }

    void acknowledged(int block, long stamp) {
        List<Long> may = blocks.get(block);
        blocks.set(block, List.copyOf(may.subList(may.lastIndexOf(stamp), may.size())));
    }

    /**
     * There was no room for it, and nothing of it was done: if the block held zeros for certain, it
     * does so now.
     */
    void refused(int block, long stamp) {
        if (blocks.get(block).stream().allMatch(may -> may == stamp || may == Stamps.ZEROS)) {
            blocks.set(block, List.of(Stamps.ZEROS));
        }
    }

    Set<Integer> touched() {
        return touched;
    }

    void check(int block, long stamp) {
        if (!blocks.get(block).contains(stamp)) {
            throw new AssertionError(
                    "block %d reads %d, and may be %s".formatted(block, stamp, blocks.get(block)));
        }
    }

    /**
     * A read that nobody wrote beside has shown it: what is newer and did not happen never does.
     */
    void seen(int block, long stamp) {
        check(block, stamp);
        blocks.set(block, List.of(stamp));
    }

    /** It holds data for certain. */
    boolean isWritten(int block) {
        return !blocks.get(block).contains(Stamps.ZEROS);
    }

    /** After a read has shown this, it is what the blocks are. */
    static Expected of(long[] stamps, Set<Integer> touched) {
        Expected seen = new Expected(0);
        Arrays.stream(stamps).forEach(stamp -> seen.blocks.add(List.of(stamp)));
        seen.touched.addAll(touched);
        return seen;
    }
}
