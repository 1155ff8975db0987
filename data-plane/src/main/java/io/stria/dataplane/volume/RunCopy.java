package io.stria.dataplane.volume;

import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.Memory;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.BitSet;

/**
 * Copies consecutive blocks of one page to all the places that its chunks move to, with few and
 * large commands: a chunk whose place is in sync is read there and nowhere else, and is written as
 * it was read; those that are lost are rebuilt together, from one reading of n others. It does only
 * what is plain: fragments that are whole and agree. Where that is not so it writes nothing, and a
 * {@link SyncOp} looks at all that there is.
 *
 * <p>Hosts read beside it, and do not write. What it writes nobody reads before the cursor steps.
 */
final class RunCopy extends StripeOp implements FragmentRequest.Completion {
    /** Hears of the end. */
    interface Listener {
        /**
         * {@code OK}; {@code UNAVAILABLE}: it is not plain, and nothing was written; else a target
         * failed.
         */
        void onCopied(RunCopy op, IoStatus status);
    }

    /** Of one chunk in one command. */
    static final int BYTES_MAX = 128 * 1024;

    private final VolumeOwner owner;
    private final StripeLayout layout;
    private final int stride;
    private final int regionBytes;
    private final MemorySegment buffer;
    private final ByteBuffer view;
    private final FragmentRequest[] requests;
    private final int[] targets;
    private final BitSet holes = new BitSet();
    private Listener listener = (op, status) -> {};
    private boolean lockHeldByOther;

    /** Chunks, as bits: those that move, those that are read, and those whose place is lost. */
    private int moving;

    private int asked;
    private int lost;

    /** Chunks, as bits, that are waited for, and those with a command in flight. */
    private int awaited;

    private int inFlight;
    private boolean writing;

    /** It writes no data. */
    private boolean empty;

    private IoStatus status = IoStatus.OK;

    RunCopy(VolumeOwner owner) {
        super(owner.layout());
        this.owner = owner;
        this.layout = owner.layout();
        this.stride = FragmentFormat.stride(layout.fragmentBytes());
        this.regionBytes = blocks(layout, BYTES_MAX) * stride;
        this.buffer = Memory.untilCollected((long) layout.fragments() * regionBytes);
        this.view = buffer.asByteBuffer();
        this.targets = new int[layout.fragments()];
        this.requests = new FragmentRequest[layout.fragments()];
        for (int j = 0; j < requests.length; j++) {
            requests[j] = new FragmentRequest();
            requests[j].tag = j;
            requests[j].completion = this;
        }
    }

    /** How many blocks of a page have so many bytes in each chunk. */
    static int blocks(StripeLayout layout, int chunkBytes) {
        return Math.min(layout.blocksPerPage(), chunkBytes / layout.fragmentBytes());
    }

    /** Blocks of the range of which no store has listed anything: they may be absent. */
    BitSet holes() {
        return holes;
    }

    /**
     * The range and its holes are set.
     *
     * @param chunks those that move, as bits
     * @param toSlots where to, by chunk
     * @param locked whether somebody else holds the lock for it
     */
    void copy(int chunks, int[] toSlots, boolean locked, Listener whenCopied) {
        assert inFlight == 0;
        moving = chunks;
        System.arraycopy(toSlots, 0, targets, 0, targets.length);
        lockHeldByOther = locked;
        listener = whenCopied;
        if (locked) {
            granted();
        } else {
            owner.locks().acquire(this);
        }
    }

    /** Data of fragments that it writes. */
    long bytes() {
        return (long) Integer.bitCount(moving) * blocks * layout.fragmentBytes();
    }

    /** Nothing of it is in flight: it may be used again. */
    boolean isIdle() {
        return inFlight == 0;
    }

    @Override
    boolean exclusive() {
        return false;
    }

    @Override
    void onLocked() {
        status = IoStatus.OK;
        writing = false;
        empty = false;
        choose();
        if (lost != 0 && Integer.bitCount(asked) < layout.dataFragments()) {
            end(IoStatus.UNAVAILABLE);
            return;
        }
        awaited = asked;
        for (int j = 0; j < slots.length; j++) {
            if ((asked & 1 << j) != 0) {
                send(FragmentOp.READ, j, owner.links().get(slots[j]));
            }
        }
    }

    /** Which places to read: others take part in turn, so that a loss is made good by all. */
    private void choose() {
        asked = 0;
        lost = 0;
        for (int j = 0; j < slots.length; j++) {
            if ((moving & 1 << j) != 0) {
                boolean readable = owner.links().get(slots[j]).isReadable();
                asked |= readable ? 1 << j : 0;
                lost |= readable ? 0 : 1 << j;
            }
        }
        for (int k = 0; lost != 0 && k < slots.length; k++) {
            int j = (int) ((page + k) % slots.length);
            if (Integer.bitCount(asked) < layout.dataFragments()
                    && owner.links().get(slots[j]).isReadable()) {
                asked |= 1 << j;
            }
        }
    }

    private void send(FragmentOp op, int chunk, StoreLink link) {
        FragmentRequest request = requests[chunk];
        request.op = op;
        request.address = layout.address(page, chunk, index);
        request.count = blocks;
        request.fragmentBytes = layout.fragmentBytes();
        request.version = 0;
        request.buffer = buffer;
        request.bufferOffset = offset(chunk, 0);
        request.bufferBytes = blocks * stride;
        inFlight |= 1 << chunk;
        link.submit(request);
    }

    private int offset(int chunk, int i) {
        return chunk * regionBytes + i * stride;
    }

    private StoreLink linkOf(int chunk) {
        return owner.links().get(writing ? targets[chunk] : slots[chunk]);
    }

    @Override
    public void complete(FragmentRequest request, IoStatus answer, long result) {
        int chunk = request.tag;
        linkOf(chunk).answered(request, answer);
        inFlight &= ~(1 << chunk);
        if ((awaited & 1 << chunk) != 0) {
            awaited &= ~(1 << chunk);
            // A store without room for absence has nothing there that it could hide.
            boolean ok = answer == IoStatus.OK || (empty && answer == IoStatus.NO_SPACE);
            status = ok ? status : answer;
            goOn();
        }
    }

    /**
     * Places that are read are not waited for when they are lost, and those that are written no
     * longer than they are attached: before they attach anew these commands have ended.
     */
    @Override
    void onLinksChanged() {
        int gone = 0;
        for (int j = 0; j < slots.length; j++) {
            if ((awaited & 1 << j) != 0) {
                boolean there = writing ? linkOf(j).isAttached() : linkOf(j).isReadable();
                gone |= there ? 0 : 1 << j;
            }
        }
        if (gone != 0) {
            awaited &= ~gone;
            status = IoStatus.DISCONNECTED;
            goOn();
        }
    }

    private void goOn() {
        if (awaited != 0) {
            return;
        }
        if (writing) {
            end(status);
        } else if (status != IoStatus.OK || inFlight != 0 || !isPlain()) {
            end(IoStatus.UNAVAILABLE);
        } else {
            write();
        }
    }

    private boolean isPlain() {
        for (int i = 0; i < blocks; i++) {
            if (!isPlain(i)) {
                return false;
            }
        }
        return true;
    }

    /** All that was read of the block is whole and says the same. */
    private boolean isPlain(int i) {
        int first = offset(Integer.numberOfTrailingZeros(asked), i) + layout.fragmentBytes();
        long version = FragmentFormat.version(buffer, first);
        int flags = FragmentFormat.flags(buffer, first);
        boolean data = flags == 0;
        if (!data
                && flags != FragmentFormat.TOMBSTONE
                && !(flags == FragmentFormat.ABSENT && holes.get(i))) {
            return false;
        }
        for (int j = 0; j < slots.length; j++) {
            if ((asked & 1 << j) != 0) {
                int metadata = offset(j, i) + layout.fragmentBytes();
                if (FragmentFormat.version(buffer, metadata) != version
                        || FragmentFormat.flags(buffer, metadata) != flags
                        || (data && !owner.codec().isWhole(buffer, view, offset(j, i)))) {
                    return false;
                }
            }
        }
        return true;
    }

    private void write() {
        for (int i = 0; lost != 0 && i < blocks; i++) {
            rebuild(i);
        }
        writing = true;
        empty = isEmpty();
        awaited = moving;
        for (int j = 0; j < slots.length; j++) {
            if ((moving & 1 << j) != 0) {
                if (linkOf(j).isAttached()) {
                    send(FragmentOp.REPLACE, j, linkOf(j));
                } else {
                    awaited &= ~(1 << j);
                    status = IoStatus.DISCONNECTED;
                }
            }
        }
        goOn();
    }

    private boolean isEmpty() {
        for (int i = 0; i < blocks; i++) {
            int first = offset(Integer.numberOfTrailingZeros(asked), i) + layout.fragmentBytes();
            if (FragmentFormat.flags(buffer, first) == 0) {
                return false;
            }
        }
        return true;
    }

    private void rebuild(int i) {
        int first = offset(Integer.numberOfTrailingZeros(asked), i) + layout.fragmentBytes();
        long version = FragmentFormat.version(buffer, first);
        int flags = FragmentFormat.flags(buffer, first);
        if (flags == 0) {
            owner.codec().rebuild(buffer, regionBytes, (long) i * stride, asked, lost, version);
            return;
        }
        for (int j = 0; j < slots.length; j++) {
            if ((lost & 1 << j) != 0) {
                int metadata = offset(j, i) + layout.fragmentBytes();
                FragmentFormat.putMetadata(buffer, metadata, version, 0, flags);
            }
        }
    }

    private void end(IoStatus with) {
        if (!lockHeldByOther) {
            owner.locks().release(this);
        }
        listener.onCopied(this, with);
    }
}
