package io.stria.dataplane.device;

/** What a host can ask of a block device. */
public enum IoOp {
    READ,
    WRITE,
    /** Blocks read as zeros afterwards, and their space is free. */
    UNMAP,
    /** All writes that completed before it are durable. */
    FLUSH
}
