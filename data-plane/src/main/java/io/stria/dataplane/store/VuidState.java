package io.stria.dataplane.store;

import org.jspecify.annotations.Nullable;

/**
 * What a store knows of one address space: its epoch and association, its committed watermark, and
 * the commands at work on it, oldest first.
 */
final class VuidState {
    final int vuid;

    /** The highest epoch attached or told by the map. */
    int epoch;

    long association;

    /** The volume epoch of that association. */
    int associationEpoch;

    boolean attached;

    /** The highest watermark heard. */
    long committed;

    /** The highest watermark that would survive a power cut: rule 3 goes by this one. */
    long durable;

    /**
     * Committed tombstones up to here may go: every location of the volume has them. That was so at
     * some time, and stays so.
     */
    long forgettable;

    /** Recovery: what the journal says of that. */
    long recordedForgettable;

    /** The batch of the newest record that says so. */
    long watermarkBatch;

    boolean deleting;

    /**
     * Nothing of it is missing here on account of {@link LostPages}: its owner has seen to it since
     * the device was opened.
     */
    boolean complete;

    @Nullable StoreOp first;
    @Nullable StoreOp last;

    VuidState(int vuid) {
        this.vuid = vuid;
    }

    /** The highest version whose tombstone may go. */
    long forgettable() {
        return Long.compareUnsigned(forgettable, durable) < 0 ? forgettable : durable;
    }

    void add(StoreOp op) {
        op.vuidPrevious = last;
        op.vuidNext = null;
        if (last == null) {
            first = op;
        } else {
            last.vuidNext = op;
        }
        last = op;
    }

    void remove(StoreOp op) {
        if (op.vuidPrevious == null) {
            first = op.vuidNext;
        } else {
            op.vuidPrevious.vuidNext = op.vuidNext;
        }
        if (op.vuidNext == null) {
            last = op.vuidPrevious;
        } else {
            op.vuidNext.vuidPrevious = op.vuidPrevious;
        }
        op.vuidPrevious = null;
        op.vuidNext = null;
    }

    /**
     * What was heard of its watermark is not durable and may become so: no change at or below it
     * waits to be put into a batch. Behind the record of its deletion it would be the watermark of
     * the next volume of that number.
     */
    boolean watermarkWaits() {
        return committed != durable && !deleting && mayCommit();
    }

    private boolean mayCommit() {
        for (StoreOp op = first; op != null; op = op.vuidNext) {
            if (op.isUnstagedChange() && Long.compareUnsigned(op.oldestVersion(), committed) <= 0) {
                return false;
            }
        }
        return true;
    }
}
