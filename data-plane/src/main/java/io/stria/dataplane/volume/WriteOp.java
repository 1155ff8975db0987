package io.stria.dataplane.volume;

import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.device.Version;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One versioned write or unmap of consecutive blocks of one page. It copies the data when it gets
 * its lock, goes to all n+2 locations, and ends when each has it durably or may miss it, two at
 * most. Once begun it is always finished, whether or not anybody still waits for it; until then its
 * blocks stay locked.
 *
 * <p>A write of part of a block reads that block under the lock before it begins: so it never
 * undoes what was written to the other parts.
 *
 * <p>A store that has no room for it, and may not miss it, ends it otherwise: such a store has
 * nothing of the page, so the blocks were empty, and are made empty again under a newer version
 * before anybody is told: otherwise the next owner might find them written.
 */
final class WriteOp extends StripeOp implements FragmentRequest.Completion {
    /** Hears of the end. */
    interface Listener {
        void onWritten(WriteOp op, IoStatus status);
    }

    private static final byte PENDING = 0;
    private static final byte IN_FLIGHT = 1;
    private static final byte DURABLE = 2;

    /** The location is being set to what it has to hold below this write. */
    private static final byte FILLING = 3;

    private static final int MISSING_MAX = 2;

    private final VolumeOwner owner;
    private final StripeLayout layout;
    private final FragmentRequest[] requests;
    private final byte[] states;

    /** By chunk, the association in which the store had it durably. */
    private final long[] durableIn;

    private @Nullable MemorySegment payload;
    private @Nullable ByteBuffer view;
    private boolean unmap;
    private MemorySegment source = MemorySegment.NULL;
    private long sourceOffset;
    private @Nullable Listener listener;
    private long version;
    private int outstanding;

    /** Chunks, as bits, that were sent so that older versions go. */
    private int dropped;

    /** Chunks, as bits, below which older versions were set again: they are to stay. */
    private int filled;

    /** Chunks, as bits, with a command in flight that was for the version that is given up. */
    private int stale;

    private long givenUpVersion;

    /** Made for the first write of part of a block. */
    private @Nullable BlockMerge merge;

    private boolean merges;
    private boolean locked;

    /** It has a version, and must be finished. */
    private boolean begun;

    private boolean finished;

    WriteOp(VolumeOwner owner) {
        super(owner.layout());
        this.owner = owner;
        this.layout = owner.layout();
        this.requests = new FragmentRequest[layout.fragments()];
        this.states = new byte[layout.fragments()];
        this.durableIn = new long[layout.fragments()];
        for (int j = 0; j < requests.length; j++) {
            requests[j] = new FragmentRequest();
            requests[j].tag = j;
            requests[j].completion = this;
        }
    }

    /**
     * Sets what to write; the range is set already. The source is read when the lock is granted.
     */
    void write(MemorySegment from, long fromOffset, Listener whenWritten) {
        unmap = false;
        merges = false;
        source = from;
        sourceOffset = fromOffset;
        begin(whenWritten);
    }

    /** Writes part of the one block that the range is; the source as with {@link #write}. */
    void writePart(int offset, int bytes, MemorySegment from, long fromOffset, Listener whenDone) {
        assert blocks == 1;
        unmap = false;
        merges = true;
        if (merge == null) {
            merge = new BlockMerge(owner, this);
        }
        merge.set(offset, bytes, from, fromOffset);
        begin(whenDone);
    }

    void unmap(Listener whenWritten) {
        unmap = true;
        merges = false;
        begin(whenWritten);
    }

    private void begin(Listener whenWritten) {
        listener = whenWritten;
        locked = false;
        begun = false;
        finished = false;
        outstanding = 0;
        dropped = 0;
        filled = 0;
        stale = 0;
        givenUpVersion = Version.NONE;
        for (int j = 0; j < states.length; j++) {
            states[j] = PENDING;
        }
        owner.locks().acquire(this);
    }

    /** Nobody waits for this write any more; if it has begun it goes on, else it never happens. */
    void forget() {
        listener = null;
        if (!locked) {
            if (owner.locks().withdraw(this)) {
                owner.ops().recycle(this);
            }
        } else if (!begun && merge != null) {
            merge.forget();
            if (merge.waitsToRetry()) {
                endUnsent(IoStatus.ABORTED);
            }
        }
    }

    @Override
    boolean exclusive() {
        return true;
    }

    @Override
    void onLocked() {
        locked = true;
        if (merges && merge != null) {
            merge.begin();
        } else {
            start();
        }
    }

    /** Too few locations had answered when the block was to be read. */
    void retry() {
        if (merges && !begun && merge != null) {
            merge.retry();
        }
    }

    /** The block of which a part is to be written has been read. */
    void onMerged(IoStatus status, MemorySegment merged) {
        assert !begun;
        if (listener == null || owner.isStopped()) {
            endUnsent(IoStatus.ABORTED);
        } else if (status == IoStatus.OK) {
            source = merged;
            sourceOffset = 0;
            start();
        } else if (status != IoStatus.UNAVAILABLE) {
            endUnsent(status);
        }
    }

    /** Every command of a merge has ended, also those that it no longer waited for. */
    void onSettled() {
        if (finished) {
            recycleIfIdle();
        }
    }

    /** Nothing was sent, so nothing has to be finished. */
    private void endUnsent(IoStatus status) {
        finished = true;
        if (merge != null) {
            merge.stop();
        }
        owner.locks().release(this);
        tell(status);
        recycleOrPart();
    }

    private void start() {
        begun = true;
        version = owner.watermark().nextVersion();
        if (!unmap) {
            if (payload == null || view == null) {
                payload = owner.codec().newCodedBuffer();
                view = payload.asByteBuffer();
            }
            owner.codec().encode(source, sourceOffset, blocks, payload, view, version);
            source = MemorySegment.NULL;
        }
        advance();
    }

    /**
     * Sends what can be sent and ends when nothing is owed. Called again whenever a link has
     * changed.
     */
    void advance() {
        if (!begun || finished || owner.isStopped()) {
            return;
        }
        int missing = 0;
        boolean owed = false;
        for (int j = 0; j < states.length; j++) {
            StoreLink link = owner.links().get(slots[j]);
            if (states[j] == DURABLE) {
                if (!link.isAttached() || link.association() == durableIn[j]) {
                    continue;
                }
                // It may have come back without what it had: it is compared for what is finished,
                // and gets again what is not.
                states[j] = PENDING;
            }
            if (states[j] == PENDING && link.takesWrites()) {
                send(j, link);
            }
            if (states[j] != FILLING && link.mayMiss() && !link.syncing) {
                missing++;
            } else {
                owed = true;
            }
        }
        if (!owed && missing <= MISSING_MAX) {
            finish();
        }
    }

    private void send(int chunk, StoreLink link) {
        FragmentRequest request = requests[chunk];
        request.address = layout.address(page, chunk, index);
        request.count = blocks;
        request.fragmentBytes = layout.fragmentBytes();
        request.version = version;
        boolean drops = link.dropsVersions(slots) && (filled & 1 << chunk) == 0;
        if (drops && (dropped & 1 << chunk) == 0) {
            dropped |= 1 << chunk;
            link.dropping++;
        }
        request.dropsOthers = unmap && drops;
        if (unmap) {
            request.op = FragmentOp.UNMAP;
            request.buffer = MemorySegment.NULL;
            request.bufferBytes = 0;
        } else {
            request.op = drops ? FragmentOp.REPLACE : FragmentOp.WRITE;
            request.buffer = java.util.Objects.requireNonNull(payload);
            request.bufferOffset = owner.codec().codedOffset(chunk, 0);
            request.bufferBytes = blocks * FragmentFormat.stride(layout.fragmentBytes());
        }
        states[chunk] = IN_FLIGHT;
        outstanding++;
        link.submit(request);
    }

    @Override
    public void complete(FragmentRequest request, IoStatus status, long result) {
        outstanding--;
        int chunk = request.tag;
        StoreLink link = owner.links().get(slots[chunk]);
        link.answered(request, status);
        boolean isStale = (stale & 1 << chunk) != 0;
        stale &= ~(1 << chunk);
        // A store without room for a tombstone has nothing there that it could hide.
        boolean durable =
                !isStale && (status == IoStatus.OK || (unmap && status == IoStatus.NO_SPACE));
        states[chunk] = durable ? DURABLE : PENDING;
        durableIn[chunk] = link.association();
        if (finished) {
            recycleIfIdle();
            return;
        }
        if (status == IoStatus.NO_SPACE && !durable && !isStale) {
            noRoomOn(link);
        }
        if (durable || isStale) {
            advance();
        }
    }

    /** It has a version, and is not done; one of a part of a block has its lock before that. */
    boolean isUnderWay() {
        return begun && !finished;
    }

    long version() {
        assert begun;
        return version;
    }

    /** The chunk that it has on the slot, or -1. */
    int chunkOn(int slot) {
        for (int j = 0; j < slots.length; j++) {
            if (slots[j] == slot) {
                return j;
            }
        }
        return -1;
    }

    /**
     * Whether what the location of a chunk holds below this write may be set now. It gets the write
     * again after {@link #filled}, and the write does not end before that.
     */
    boolean beginFilling(int chunk) {
        if (!begun
                || finished
                || givenUpVersion != Version.NONE
                || states[chunk] == IN_FLIGHT
                || states[chunk] == FILLING) {
            return false;
        }
        states[chunk] = FILLING;
        return true;
    }

    /**
     * What was begun below {@code ofVersion} has ended.
     *
     * @param done the location holds now what it has to hold below this write
     */
    void filled(int chunk, long ofVersion, boolean done) {
        if (!begun || finished || version != ofVersion && givenUpVersion != ofVersion) {
            return;
        }
        assert states[chunk] == FILLING;
        states[chunk] = PENDING;
        if (done) {
            filled |= 1 << chunk;
            if ((dropped & 1 << chunk) != 0) {
                dropped &= ~(1 << chunk);
                owner.links().get(slots[chunk]).dropping--;
            }
        }
        advance();
    }

    /** It has dropped older versions there, see {@link StoreLink#dropsVersions}. */
    boolean dropsOn(int chunk) {
        return begun && !finished && (dropped & 1 << chunk) != 0;
    }

    private void noRoomOn(StoreLink link) {
        if (link.mayMiss()) {
            link.restFull();
            return;
        }
        if (!link.holdsWhatItHeld()) {
            return; // it may have had the page, and come back without it: sent again when that is
            // clear
        }
        if (link.isForgetful()) {
            // It may have had the page, and lost its header: the blocks need not be empty.
            owner.proposeBehind(link, "it has page headers that cannot be read, and no room");
            return;
        }
        if (!owner.isServing()) {
            // Of what is decided at a take-over nobody knows whether it was acknowledged.
            tell(IoStatus.NO_SPACE);
            owner.proposeBehind(link, "it has no room for what is decided");
            return;
        }
        givenUpVersion = version;
        version = owner.watermark().nextVersion();
        unmap = true;
        for (int j = 0; j < states.length; j++) {
            if (states[j] == IN_FLIGHT) {
                stale |= 1 << j;
            } else if (states[j] != FILLING) {
                states[j] = PENDING;
            }
        }
        advance();
    }

    private void finish() {
        finished = true;
        for (int j = 0; j < states.length; j++) {
            if ((dropped & 1 << j) != 0) {
                owner.links().get(slots[j]).dropping--;
            }
        }
        boolean givenUp = givenUpVersion != Version.NONE;
        if (givenUp) {
            owner.finished(givenUpVersion);
        }
        owner.finished(version);
        owner.written(this);
        owner.locks().release(this);
        tell(givenUp ? IoStatus.NO_SPACE : IoStatus.OK);
        recycleOrPart();
    }

    private void recycleOrPart() {
        if (isIdle()) {
            owner.ops().recycle(this);
        } else {
            owner.ops().part(this);
        }
    }

    private boolean isIdle() {
        return outstanding == 0 && (merge == null || merge.isIdle());
    }

    @Override
    void onLinksChanged() {
        if (begun) {
            advance();
        } else if (locked && merge != null) {
            merge.onLinksChanged();
        }
    }

    private void tell(IoStatus status) {
        Listener waiting = listener;
        listener = null;
        if (waiting != null) {
            waiting.onWritten(this, status);
        }
    }

    private void recycleIfIdle() {
        if (isIdle()) {
            owner.ops().recycle(this);
        }
    }
}
