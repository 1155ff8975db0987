package io.stria.dataplane.volume;

import io.stria.clustermap.Placing;
import io.stria.clustermap.VolumeEntry;
import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.IoOp;

/**
 * The blocks and pages of one owner's volume, and where their chunks are by the newest map. On the
 * owner's thread.
 */
final class VolumePages implements PageLocations {
    private final StripeLayout layout;
    private final PageLocations.ByList placement;
    private final long sizeBlocks;
    private Placing placing;
    private PageLocations from;
    private PageLocations to;

    VolumePages(VolumeEntry volume, StripeLayout layout, PageLocations.ByList placement) {
        this.layout = layout;
        this.placement = placement;
        this.sizeBlocks = volume.sizeBytes() / BlockDevice.BLOCK_BYTES;
        this.placing = volume.placing();
        this.from = placement.on(placing.from());
        this.to = placement.on(placing.to());
    }

    /** Returns whether pages, or their movement, are elsewhere now. */
    boolean follow(Placing newer) {
        if (newer.equals(placing)) {
            return false;
        }
        if (!newer.from().equals(placing.from()) || !newer.to().equals(placing.to())) {
            from = placement.on(newer.from());
            to = placement.on(newer.to());
        }
        placing = newer;
        return true;
    }

    Placing placing() {
        return placing;
    }

    /** Where pages are that have not moved yet. */
    PageLocations from() {
        return from;
    }

    /** Where pages are that have moved. */
    PageLocations to() {
        return to;
    }

    @Override
    public void locate(long page, int[] slots) {
        (page < placing.cursor() ? to : from).locate(page, slots);
    }

    /** The same of the page that the block is in. */
    void locateBlock(long block, int[] slots) {
        locate(layout.page(block), slots);
    }

    /** Sets the blocks of an operation, which are all in one page. */
    void range(StripeOp op, long block, int count) {
        op.range(layout, this, block, count);
    }

    /**
     * How many of the blocks one operation takes: to the end of the page, and no more than its
     * buffers hold.
     */
    int pieceBlocks(long block, long blocks, IoOp kind) {
        int toPageEnd = layout.blocksPerPage() - layout.indexInPage(block);
        int max = kind == IoOp.UNMAP ? toPageEnd : Math.min(toPageEnd, StripeOp.BLOCKS_MAX);
        return (int) Math.min(max, blocks);
    }

    int pieceBlocks(long block, long blocks) {
        return pieceBlocks(block, blocks, IoOp.READ);
    }

    long sizeBlocks() {
        return sizeBlocks;
    }

    /** Number of pages. */
    long count() {
        return (sizeBlocks - 1) / layout.blocksPerPage() + 1;
    }
}
