package io.stria.dataplane.device;

import java.util.List;

/**
 * The one interface between the layers of a volume: blocks of 4 KiB, read and written whole. Owned
 * by one reactor. A block is written whole or not at all, at a power cut too.
 *
 * <p>A request may leave out the edges of what it covers (see {@link IoRequest#trim}). What is
 * written of a block then becomes part of it at once, with nothing else that is written to the
 * block in between; what an UNMAP covers of a block reads as zeros.
 */
public interface BlockDevice {
    int BLOCK_BYTES = 4096;

    /** Size in blocks of {@link #BLOCK_BYTES}. */
    long blocks();

    /**
     * Starts the request; its completion runs from a later poll. Concurrent requests may complete
     * in any order.
     */
    void submit(IoRequest request);

    /** The devices below this one, nearest first. */
    default List<BlockDevice> children() {
        return List.of();
    }
}
