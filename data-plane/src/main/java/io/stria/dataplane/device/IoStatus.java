package io.stria.dataplane.device;

/** How an IO ended. A failed disk is a value, not an exception. */
public enum IoStatus {
    OK,
    /** The address lies beyond the end of the device. */
    OUT_OF_RANGE,
    /** The command or one of its fields is not understood. */
    INVALID,
    /** The medium failed, or what it returned does not match its checksum. */
    MEDIA_ERROR,
    /** No free page is left, and the store has nothing of the page that it was asked to change. */
    NO_SPACE,
    /**
     * This node does not serve the volume or device now (not the owner, or without a lease);
     * another path may.
     */
    NOT_SERVING,
    /**
     * The command carries an older epoch, or comes from an association that a newer one has
     * replaced.
     */
    FENCED,
    /** Too many locations of the block are away; tried for a bounded time. */
    UNAVAILABLE,
    /** Compare found a difference. */
    MISCOMPARE,
    /**
     * The connection to the peer was lost before the answer; the command may or may not have taken
     * effect.
     */
    DISCONNECTED,
    ABORTED
}
