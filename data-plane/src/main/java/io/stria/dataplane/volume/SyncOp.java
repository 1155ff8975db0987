package io.stria.dataplane.volume;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.device.Version;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Makes the fragments of consecutive blocks in one chunk equal to the truth: reads the blocks from
 * the other locations and sets what this one must hold by REPLACE, absence included. Used to catch
 * up and to repair; and to fill the location that a chunk moves to.
 */
final class SyncOp extends StripeOp implements StripeReader.Listener, FragmentRequest.Completion {
    /** Hears of the end. */
    interface Listener {
        /**
         * {@code OK}; {@code UNAVAILABLE}: try again later, or see {@link SyncOp#isLost}; else the
         * link failed.
         */
        void onSynced(SyncOp op, IoStatus status);
    }

    private final VolumeOwner owner;
    private final StripeLayout layout;
    private final StripeReader reader;
    private final FragmentRequest request = new FragmentRequest();
    private final MemorySegment data;
    private final MemorySegment payload;
    private Listener listener = (op, status) -> {};
    private int chunk;

    /** Where what is read goes; -1: to the chunk's own location. */
    private int target = -1;

    /** Whoever has the lock writes this version, and what is below it is made equal; 0: nobody. */
    private long below;

    private boolean lockHeldByOther;
    private boolean givesUp;
    private boolean lost;
    private boolean replacing;

    /** What the location must hold is nothing. */
    private boolean empty;

    private boolean stuck;

    SyncOp(VolumeOwner owner) {
        super(owner.layout());
        this.owner = owner;
        this.layout = owner.layout();
        this.reader = new StripeReader(owner, this);
        this.data = Arena.ofAuto().allocate((long) BLOCKS_MAX * BlockDevice.BLOCK_BYTES, 64);
        this.payload =
                Arena.ofAuto()
                        .allocate(
                                (long) BLOCKS_MAX * FragmentFormat.stride(layout.fragmentBytes()),
                                64);
    }

    /** The range is set; {@code ofChunk} is the chunk whose location is made equal. */
    void sync(int ofChunk, Listener whenSynced) {
        begin(ofChunk, false, whenSynced);
    }

    /** The same before all that wait for the lock. */
    void syncFirst(int ofChunk, Listener whenSynced) {
        set(ofChunk, false, whenSynced);
        owner.locks().acquireFirst(this);
    }

    /**
     * The same below a write of these blocks that has the lock, and waits for this: the location
     * holds nothing of that write afterwards.
     */
    void syncBelow(int ofChunk, long version, Listener whenSynced) {
        set(ofChunk, false, whenSynced);
        below = version;
        lockHeldByOther = true;
        granted();
    }

    /**
     * The same for one block of which it was seen before that nobody can read it: if that is so
     * still, the location is told that the newest version was there and is bad. Then it never gives
     * an older one for the newest, whoever else is away; a write heals it, and so does whoever
     * comes back with what is missing.
     */
    void syncOrGiveUp(int ofChunk, Listener whenSynced) {
        assert blocks == 1;
        begin(ofChunk, true, whenSynced);
    }

    /**
     * Fills the slot that the chunk moves to with what its location holds, or should hold.
     *
     * @param locked whether somebody else holds the lock for it
     * @param givingUp as with {@link #syncOrGiveUp}
     */
    void copy(int ofChunk, int toSlot, boolean locked, boolean givingUp, Listener whenCopied) {
        assert !givingUp || blocks == 1;
        chunk = ofChunk;
        target = toSlot;
        lockHeldByOther = locked;
        below = Version.NONE;
        givesUp = givingUp;
        lost = false;
        listener = whenCopied;
        if (locked) {
            granted();
        } else {
            owner.locks().acquire(this);
        }
    }

    private void begin(int ofChunk, boolean givingUp, Listener whenSynced) {
        set(ofChunk, givingUp, whenSynced);
        lockHeldByOther = false;
        owner.locks().acquire(this);
    }

    private void set(int ofChunk, boolean givingUp, Listener whenSynced) {
        chunk = ofChunk;
        target = -1;
        lockHeldByOther = false;
        below = Version.NONE;
        givesUp = givingUp;
        lost = false;
        listener = whenSynced;
    }

    /** Somebody else has the lock, and hears for it when links have changed. */
    boolean isBelow() {
        return below != Version.NONE;
    }

    /** The chunk that is made equal. */
    int chunk() {
        return chunk;
    }

    private StoreLink targetLink() {
        return owner.links().get(target < 0 ? slots[chunk] : target);
    }

    /** All who are in sync have answered, and one of the blocks cannot be read from anybody. */
    boolean isLost() {
        return lost;
    }

    @Override
    boolean exclusive() {
        return true;
    }

    @Override
    void onLocked() {
        if (below != Version.NONE) {
            reader.readForAt(chunk, below - 1, data, this);
        } else if (target < 0) {
            reader.readFor(chunk, data, this);
        } else {
            reader.readAll(data, this);
        }
    }

    @Override
    public void onRead(StripeReader from) {
        int stride = FragmentFormat.stride(layout.fragmentBytes());
        empty = true;
        for (int i = 0; i < blocks; i++) {
            empty &= reader.found().verdict(i) == StripeFindings.Verdict.EMPTY;
            long metadata = (long) i * stride + layout.fragmentBytes();
            switch (reader.found().verdict(i)) {
                case DATA ->
                        owner.codec()
                                .encodeOne(
                                        data,
                                        (long) i * BlockDevice.BLOCK_BYTES,
                                        chunk,
                                        payload,
                                        (long) i * stride,
                                        reader.found().version(i));
                case EMPTY -> {
                    boolean absent = reader.found().version(i) == Version.NONE;
                    if (absent && reader.found().good(i) < wordsForAbsence()) {
                        end(IoStatus.UNAVAILABLE);
                        return;
                    }
                    FragmentFormat.putMetadata(
                            payload,
                            metadata,
                            reader.found().version(i),
                            0,
                            absent ? FragmentFormat.ABSENT : FragmentFormat.TOMBSTONE);
                }
                case TOO_FEW_ANSWERS -> {
                    end(IoStatus.UNAVAILABLE);
                    return;
                }
                case LOST -> {
                    lost = true;
                    long version = lostVersion(i);
                    if (!givesUp || version == Version.NONE) {
                        end(IoStatus.UNAVAILABLE);
                        return;
                    }
                    if (!reader.found().isCurrent(chunk, i)) {
                        FragmentFormat.putMetadata(
                                payload, metadata, version, 0, FragmentFormat.BAD);
                    } else if (target >= 0) {
                        // Not enough by itself, but others may be found again.
                        reader.found().copyFragment(chunk, i, payload, (long) i * stride);
                    } else {
                        end(IoStatus.OK); // it has what it must have, though that is not enough
                        return;
                    }
                }
            }
        }
        replace(stride);
    }

    /** Of a block whose locations do not even know its version: what is committed anyway. */
    private long lostVersion(int i) {
        long newest = reader.found().version(i);
        return newest == Version.NONE ? owner.watermark().committed() : newest;
    }

    /** One store's word is not enough if there is another that could be asked. */
    private int wordsForAbsence() {
        int others = 0;
        for (int j = 0; j < slots.length; j++) {
            if ((j != chunk || target >= 0) && !owner.links().get(slots[j]).isBehind()) {
                others++;
            }
        }
        return Math.min(2, others);
    }

    private void replace(int stride) {
        StoreLink link = targetLink();
        if (!link.isAttached()) {
            end(IoStatus.DISCONNECTED);
            return;
        }
        request.op = FragmentOp.REPLACE;
        request.address = layout.address(page, chunk, index);
        request.count = blocks;
        request.fragmentBytes = layout.fragmentBytes();
        request.version = 0;
        request.buffer = payload;
        request.bufferOffset = 0;
        request.bufferBytes = blocks * stride;
        request.completion = this;
        replacing = true;
        link.submit(request);
    }

    @Override
    public void complete(FragmentRequest completed, IoStatus status, long result) {
        targetLink().answered(completed, status);
        replacing = false;
        if (stuck) {
            stuck = false;
        } else {
            // A store without room for absence has nothing there that it could hide.
            end(status == IoStatus.NO_SPACE && empty ? IoStatus.OK : status);
        }
    }

    /**
     * The store to be made equal is not waited for any longer than it is attached: before it
     * attaches anew this command has ended.
     */
    @Override
    void onLinksChanged() {
        if (!replacing) {
            reader.onLinksChanged();
        } else if (!stuck && !targetLink().isAttached()) {
            stuck = true;
            end(IoStatus.DISCONNECTED);
        }
    }

    /** Nothing of it is in flight: it may be used again. */
    boolean isIdle() {
        return !replacing && reader.isIdle();
    }

    private void end(IoStatus status) {
        if (!lockHeldByOther) {
            owner.locks().release(this);
        }
        listener.onSynced(this, status);
    }
}
