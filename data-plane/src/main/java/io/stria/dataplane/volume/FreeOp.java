package io.stria.dataplane.volume;

import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Frees a chunk on a slot that no longer is its location. What cannot be freed, since the store is
 * away, lies there unseen: nobody asks it for that chunk, and whoever moves the chunk there again
 * overwrites all of it.
 */
final class FreeOp implements FragmentRequest.Completion {
    private final StripeLayout layout;
    private final StoreLink link;
    private final long page;
    private final int chunk;
    private final FragmentRequest request = new FragmentRequest();
    private final MemorySegment payload;
    private int next;
    private boolean ended;

    FreeOp(VolumeOwner owner, long page, int chunk, int slot) {
        this.layout = owner.layout();
        this.link = owner.link(slot);
        this.page = page;
        this.chunk = chunk;
        this.payload = owner.absence();
    }

    /** What every command carries: that so many blocks are not there. */
    static MemorySegment absence(StripeLayout layout) {
        int stride = FragmentFormat.stride(layout.fragmentBytes());
        int count = Math.min(StripeOp.BLOCKS_MAX, layout.blocksPerPage());
        MemorySegment payload = Arena.ofAuto().allocate((long) count * stride, 64);
        for (int i = 0; i < count; i++) {
            FragmentFormat.putMetadata(
                    payload,
                    (long) i * stride + layout.fragmentBytes(),
                    0,
                    0,
                    FragmentFormat.ABSENT);
        }
        return payload;
    }

    StoreLink link() {
        return link;
    }

    boolean hasEnded() {
        return ended;
    }

    void begin() {
        sendNext();
    }

    private void sendNext() {
        if (next == layout.blocksPerPage() || !link.isReadable()) {
            ended = true;
            return;
        }
        int count = Math.min(StripeOp.BLOCKS_MAX, layout.blocksPerPage() - next);
        request.op = FragmentOp.REPLACE;
        request.address = layout.address(page, chunk, next);
        request.count = count;
        request.fragmentBytes = layout.fragmentBytes();
        request.version = 0;
        request.buffer = payload;
        request.bufferOffset = 0;
        request.bufferBytes = count * FragmentFormat.stride(layout.fragmentBytes());
        request.completion = this;
        next += count;
        link.submit(request);
    }

    @Override
    public void complete(FragmentRequest completed, IoStatus status, long result) {
        link.answered(completed, status);
        if (!ended) {
            if (status == IoStatus.OK) {
                sendNext();
            } else {
                ended = true;
            }
        }
    }

    /**
     * Its command hangs. It must not arrive when the chunk may be there again: the next association
     * fences it.
     */
    void giveUp() {
        link.detach();
        ended = true;
    }

    /** A store that is lost is not waited for. */
    void onLinksChanged() {
        ended |= !link.isReadable();
    }
}
