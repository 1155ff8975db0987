package io.stria.dataplane.volume;

import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import java.lang.foreign.MemorySegment;

/**
 * Frees a chunk on a slot that no longer is its location. What cannot be freed, since the store is
 * away, lies there unseen: nobody asks it for that chunk, and whoever moves the chunk there again
 * overwrites all of it.
 */
final class FreeOp implements FragmentRequest.Completion {
    /** A chunk of the usual size in one command; the store's records stay small all the same. */
    private static final int FRAGMENTS_MAX = 256;

    private final StripeLayout layout;
    private final StoreLink link;
    private final long page;
    private final int chunk;
    private final FragmentRequest request = new FragmentRequest();
    private int next;
    private boolean ended;
    private boolean hadNoRoom;
    private boolean begun;
    private long beganNs;
    private long firstBeganNs;

    FreeOp(VolumeOwner owner, long page, int chunk, int slot) {
        this.layout = owner.layout();
        this.link = owner.links().get(slot);
        this.page = page;
        this.chunk = chunk;
    }

    StoreLink link() {
        return link;
    }

    boolean hasEnded() {
        return ended;
    }

    /** The store's journal is full: it may be begun again, and goes on where it was. */
    boolean hadNoRoom() {
        return hadNoRoom;
    }

    void begin() {
        beganNs = link.nowNs();
        firstBeganNs = begun ? firstBeganNs : beganNs;
        begun = true;
        ended = false;
        hadNoRoom = false;
        sendNext();
    }

    long beganNs() {
        return beganNs;
    }

    /** When it was tried for the first time. */
    long firstBeganNs() {
        return firstBeganNs;
    }

    private void sendNext() {
        if (next == layout.blocksPerPage() || !link.isReadable()) {
            ended = true;
            return;
        }
        int count = Math.min(FRAGMENTS_MAX, layout.blocksPerPage() - next);
        request.op = FragmentOp.FREE;
        request.address = layout.address(page, chunk, next);
        request.count = count;
        request.fragmentBytes = layout.fragmentBytes();
        request.version = 0;
        request.buffer = MemorySegment.NULL;
        request.bufferOffset = 0;
        request.bufferBytes = 0;
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
                hadNoRoom = status == IoStatus.NO_SPACE;
                next -= hadNoRoom ? completed.count : 0;
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
