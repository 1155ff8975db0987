package io.stria.simulator;

import java.util.SortedMap;
import java.util.TreeMap;

/** Everything that hosts did to the volume and saw of it, by logical block. */
public final class VolumeHistory {
    private final SortedMap<Long, BlockHistory> blocks = new TreeMap<>();
    private long stamps;
    private long writes;
    private long reads;
    private long failures;
    private long refusals;
    private long givenUp;

    BlockHistory block(long block) {
        return blocks.computeIfAbsent(block, BlockHistory::new);
    }

    /** Logical blocks that any host ever touched, in their order. */
    Iterable<Long> blocks() {
        return blocks.keySet();
    }

    long newStamp() {
        return ++stamps;
    }

    void wrote() {
        writes++;
    }

    void read() {
        reads++;
    }

    void failed() {
        failures++;
    }

    void refused() {
        refusals++;
    }

    void gaveUp() {
        givenUp++;
    }

    /** Writes and unmaps whose hosts did not wait for an answer. */
    public long givenUp() {
        return givenUp;
    }

    /** Writes for which some device had no room. */
    public long refusals() {
        return refusals;
    }

    /** Writes and unmaps that were acknowledged. */
    public long writes() {
        return writes;
    }

    /** Reads that returned data. */
    public long reads() {
        return reads;
    }

    /** IOs that ended with an error. */
    public long failures() {
        return failures;
    }
}
