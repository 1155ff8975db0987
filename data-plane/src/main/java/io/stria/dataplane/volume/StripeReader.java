package io.stria.dataplane.volume;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.device.Version;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads consecutive blocks of one page: n data fragments where possible, all that can be had when
 * those do not agree. What a host waits for goes around stores that are slow, and stops waiting for
 * one that is late as soon as n others have answered, see {@link Hedges}. A block is taken from n
 * fragments of one version, and that version is the newest that any fragment showed; it never goes
 * to an older one on its own. That a block was never written is believed only when all that can be
 * asked say so. Reused; one read at a time.
 */
final class StripeReader implements FragmentRequest.Completion {
    /** Hears the verdicts, exactly once per read. */
    interface Listener {
        void onRead(StripeReader reader);

        /** Every command of the reader has ended, also those that it no longer waited for. */
        default void onSettled(StripeReader reader) {}
    }

    /** What was found out about one block. */
    enum Verdict {
        DATA,
        /** Never written, or unmapped. */
        EMPTY,
        /** Fewer than n good fragments of the newest version, and some locations did not answer. */
        TOO_FEW_ANSWERS,
        /**
         * All n+2 locations answered, and still no version has n good fragments that is the newest.
         */
        LOST
    }

    private static final byte UNASKED = 0;
    private static final byte IN_FLIGHT = 1;
    private static final byte ANSWERED = 2;
    private static final byte FAILED = 3;

    private final VolumeOwner owner;
    private final StripeLayout layout;
    private final StripeCodec codec;
    private final MemorySegment buffer;
    private final ByteBuffer view;
    private final FragmentRequest[] requests;
    private final byte[] states;
    private final Verdict[] verdicts = new Verdict[StripeOp.BLOCKS_MAX];
    private final long[] versions = new long[StripeOp.BLOCKS_MAX];
    private final int[] goods = new int[StripeOp.BLOCKS_MAX];
    private final int[] suspects = new int[StripeOp.BLOCKS_MAX];
    private StripeOp op;
    private Listener listener = reader -> {};
    private FragmentOp fragmentOp = FragmentOp.READ;
    private long atVersion;
    private int excludedChunks;

    /** Chunks, as bits, whose location is in sync: only they say which version is the newest. */
    private int voters;

    /** Locations that are behind are asked, too, for what they have of that version. */
    private boolean asksBehind;

    /** Every fragment is looked at, also when the data fragments are enough. */
    private boolean thorough;

    private MemorySegment target = MemorySegment.NULL;
    private long targetOffset;
    private int outstanding;

    /** Chunks, as bits, with a command in flight that is no longer waited for. */
    private int abandoned;

    private boolean discarded;

    /** A host waits for it: it does not wait for a store that is late. */
    private boolean hedging;

    /** It has waited for too long: it ends as soon as what has come is enough. */
    private boolean impatient;

    /** Chunks, as bits, with a command in flight whose time counts. */
    private int timed;

    /** Those of them that have taken too long already. */
    private int late;

    private long lastSentNs;

    /** Something was sent since it was last in the queue of {@link Hedges}. */
    private boolean sent;

    // Its place in the queue of those that wait; all of them belong to Hedges.
    boolean queued;
    long sinceNs;
    @Nullable StripeReader next;
    @Nullable StripeReader previous;

    /** Stores on this reactor may put data fragments that they have checked into the target. */
    private boolean direct;

    StripeReader(VolumeOwner owner, StripeOp op) {
        this.owner = owner;
        this.op = op;
        this.layout = owner.layout();
        this.codec = owner.codec();
        this.buffer = codec.newBuffer();
        this.view = buffer.asByteBuffer();
        this.requests = new FragmentRequest[layout.fragments()];
        this.states = new byte[layout.fragments()];
        for (int j = 0; j < requests.length; j++) {
            requests[j] = new FragmentRequest();
            requests[j].tag = j;
            requests[j].completion = this;
        }
    }

    /** Reads the newest version of the operation's blocks into the target. */
    void read(int excluded, MemorySegment to, long toOffset, Listener whenRead) {
        start(FragmentOp.READ, 0, excluded, to, toOffset, whenRead);
        direct = true;
        hedging = owner.hedges().isOn();
        askEnough();
    }

    /**
     * Reads what the location of one chunk has to hold: the newest version that those in sync show,
     * from whoever has it. The verdict is LOST when all that are in sync have answered, that one
     * left aside, and it still cannot be had.
     */
    void readFor(int chunk, MemorySegment to, Listener whenRead) {
        start(FragmentOp.READ, 0, 1 << chunk, to, 0, whenRead);
        asksBehind = true;
        askEnough();
    }

    /**
     * The same of the newest version at or below the given one, under the lock of a newer write.
     */
    void readForAt(int chunk, long version, MemorySegment to, Listener whenRead) {
        start(FragmentOp.READ_AT, version, 1 << chunk, to, 0, whenRead);
        asksBehind = true;
        askEnough();
    }

    /**
     * Reads the newest version as {@link #read} does, and where it cannot be had from those in sync
     * alone, from all that are attached.
     */
    void readAll(MemorySegment to, Listener whenRead) {
        start(FragmentOp.READ, 0, 0, to, 0, whenRead);
        asksBehind = true;
        askEnough();
    }

    /** Reads from every location in sync that answers, and compares all of them. */
    void readThoroughly(MemorySegment to, Listener whenRead) {
        start(FragmentOp.READ, 0, 0, to, 0, whenRead);
        thorough = true;
        askAll();
        advance();
    }

    boolean isAnswered(int chunk) {
        return states[chunk] == ANSWERED;
    }

    /** Checksum that came with the fragment. */
    int crc(int chunk, int i) {
        return FragmentFormat.crc(buffer, codec.metadataOffset(chunk, i));
    }

    /** Whether that location itself has the newest version of the block, whole. */
    boolean isCurrent(int chunk, int i) {
        return states[chunk] == ANSWERED && (suspects[i] & 1 << chunk) == 0;
    }

    /** The fragment of the i-th block as that location gave it, with its metadata. */
    void copyFragment(int chunk, int i, MemorySegment to, long toOffset) {
        MemorySegment.copy(
                buffer,
                codec.offset(chunk, i),
                to,
                toOffset,
                FragmentFormat.stride(layout.fragmentBytes()));
    }

    /** Reads the newest version at or below the given one from every location that answers. */
    void readAllAt(long version, MemorySegment to, long toOffset, Listener whenRead) {
        start(FragmentOp.READ_AT, version, 0, to, toOffset, whenRead);
        askAll();
        advance();
    }

    /** How many locations showed a whole fragment, or none, of the block. */
    int good(int i) {
        return goods[i];
    }

    /** The target is no longer to be touched; the listener is still called. */
    void discardTarget() {
        if (!discarded) {
            discarded = true;
            owner.hedges().remove(this);
            for (int j = 0; j < layout.dataFragments(); j++) {
                requests[j].direct = MemorySegment.NULL;
                for (int i = 0; i < op.blocks; i++) {
                    takeBack(j, i);
                }
            }
        }
    }

    /** A fragment that lies in the target is put where all others are. */
    private void takeBack(int chunk, int i) {
        FragmentRequest request = requests[chunk];
        if ((request.directDone & 1 << i) != 0) {
            request.directDone &= ~(1 << i);
            long place = request.directOffset + (long) i * request.directStride;
            int bytes = layout.fragmentBytes();
            MemorySegment.copy(target, place, buffer, codec.offset(chunk, i), bytes);
        }
    }

    boolean isIdle() {
        return outstanding == 0 && abandoned == 0;
    }

    /** Does not wait any longer for stores that have been lost. */
    void onLinksChanged() {
        boolean any = false;
        for (int j = 0; j < states.length; j++) {
            if (states[j] == IN_FLIGHT && isGone(j)) {
                abandon(j);
                any = true;
            }
        }
        if (any) {
            advance();
        }
    }

    /** Nobody waits for this location any more; until it has answered it is not asked again. */
    private void abandon(int chunk) {
        states[chunk] = FAILED;
        requests[chunk].direct = MemorySegment.NULL;
        abandoned |= 1 << chunk;
        outstanding--;
    }

    /**
     * It has waited for too long: asks as many other locations as answers are missing, if reads may
     * do so now, and does not need all of them.
     */
    void onOverdue(long nowNs) {
        for (int j = 0; j < states.length; j++) {
            int bit = 1 << j;
            if (states[j] == IN_FLIGHT && (timed & ~late & bit) != 0) {
                late |= bit;
                owner.links().get(op.slots[j]).readTimes().overdue();
            }
        }
        if (canAskMore()) {
            if (!owner.hedges().spend()) {
                owner.hedges().add(this, nowNs); // perhaps next time
                return;
            }
            impatient = true;
            askMore(Math.max(1, layout.dataFragments() - answered()));
        }
        impatient = true;
        advance();
    }

    private boolean isGone(int chunk) {
        StoreLink link = owner.links().get(op.slots[chunk]);
        return (voters & 1 << chunk) == 0 ? !link.isAttached() : !link.isReadable();
    }

    Verdict verdict(int i) {
        return verdicts[i];
    }

    /** Version of a block with verdict DATA or EMPTY; of any other, the newest that was seen. */
    long version(int i) {
        return versions[i];
    }

    /** Chunks (as bits) whose fragment of the block was corrupt or older than the rest. */
    int suspects(int i) {
        return suspects[i];
    }

    private void start(
            FragmentOp how,
            long version,
            int excluded,
            MemorySegment to,
            long toOffset,
            Listener whenRead) {
        assert outstanding == 0;
        fragmentOp = how;
        atVersion = version;
        excludedChunks = excluded;
        voters = 0;
        asksBehind = false;
        thorough = false;
        direct = false;
        hedging = false;
        impatient = false;
        sent = false;
        target = to;
        targetOffset = toOffset;
        listener = whenRead;
        discarded = false;
        for (int j = 0; j < states.length; j++) {
            states[j] = UNASKED;
            requests[j].directDone = 0;
        }
    }

    /** What others are made equal to is never one location's word alone, also where n is one. */
    private void askEnough() {
        if (hedging) {
            owner.hedges().earn();
        }
        askMore(asksBehind ? Math.max(2, layout.dataFragments()) : layout.dataFragments());
        advance();
    }

    /** Asks so many locations, as far as there are so many, those that are slow last. */
    private void askMore(int wished) {
        int left = wished;
        boolean around = false;
        for (int j = 0; hedging && j < states.length && left > 0; j++) {
            if (canAsk(j)) {
                if (owner.links().get(op.slots[j]).readTimes().passOver()) {
                    around = true;
                } else {
                    ask(j);
                    left--;
                }
            }
        }
        if (around && left == 0 && !impatient) {
            owner.hedges().detoured();
        }
        for (int j = 0; j < states.length && left > 0; j++) {
            if (canAsk(j)) {
                ask(j);
                left--;
            }
        }
    }

    private boolean canAskMore() {
        for (int j = 0; j < states.length; j++) {
            if (canAsk(j)) {
                return true;
            }
        }
        return false;
    }

    private void askAll() {
        for (int j = 0; j < states.length; j++) {
            if (canAsk(j)) {
                ask(j);
            } else if (asksBehind && states[j] == UNASKED && (abandoned & 1 << j) == 0) {
                StoreLink link = owner.links().get(op.slots[j]);
                if (link.isBehind() && link.isAttached()) {
                    send(j, link);
                }
            }
        }
    }

    private boolean canAsk(int chunk) {
        return states[chunk] == UNASKED
                && ((excludedChunks | abandoned) & 1 << chunk) == 0
                && owner.links().get(op.slots[chunk]).isReadable();
    }

    private void ask(int chunk) {
        voters |= 1 << chunk;
        send(chunk, owner.links().get(op.slots[chunk]));
    }

    private void send(int chunk, StoreLink link) {
        FragmentRequest request = requests[chunk];
        request.op = fragmentOp;
        request.address = layout.address(op.page, chunk, op.index);
        request.count = op.blocks;
        request.fragmentBytes = layout.fragmentBytes();
        request.version = atVersion;
        request.buffer = buffer;
        request.bufferOffset = codec.offset(chunk, 0);
        request.bufferBytes = op.blocks * FragmentFormat.stride(layout.fragmentBytes());
        boolean straight = direct && !discarded && chunk < layout.dataFragments();
        request.direct = straight ? target : MemorySegment.NULL;
        request.directOffset = targetOffset + (long) chunk * layout.fragmentBytes();
        request.directStride = BlockDevice.BLOCK_BYTES;
        request.directDone = 0;
        states[chunk] = IN_FLIGHT;
        outstanding++;
        link.submit(request);
        timed |= hedging ? 1 << chunk : 0;
        lastSentNs = request.sentNs;
        sent = true;
    }

    @Override
    public void complete(FragmentRequest request, IoStatus status, long result) {
        int chunk = request.tag;
        int bit = 1 << chunk;
        StoreLink link = owner.links().get(op.slots[chunk]);
        link.answered(request, status);
        if ((timed & bit) != 0) {
            owner.hedges().answered(link, request, status, (late & bit) != 0);
            timed &= ~bit;
            late &= ~bit;
        }
        if ((abandoned & bit) != 0) {
            abandoned &= ~bit;
            if (isIdle()) {
                listener.onSettled(this);
            }
            return;
        }
        outstanding--;
        states[chunk] = status == IoStatus.OK ? ANSWERED : FAILED;
        advance();
    }

    /** Ends when there is nothing to wait for any more. */
    private void advance() {
        boolean whole = outstanding > 0 ? isEnough() : judge();
        if (!whole && outstanding == 0) {
            askAll();
        }
        if (!whole && outstanding > 0) {
            if (hedging && sent && !queued && !discarded) {
                sent = false;
                owner.hedges().add(this, lastSentNs);
            }
            return;
        }
        for (int j = 0; j < states.length; j++) {
            if (states[j] == IN_FLIGHT) {
                abandon(j);
            }
        }
        owner.hedges().remove(this);
        listener.onRead(this);
    }

    /**
     * Whether what has come is all that is needed, though not all that was asked for: of each block
     * n fragments of the newest version that any of the answers shows. All locations that are asked
     * are in sync, and each of them has every write that was acknowledged; a write that is under
     * way has the block's lock. That there is nothing is not said without all the others.
     */
    private boolean isEnough() {
        if (!impatient || answered() < layout.dataFragments()) {
            return false;
        }
        boolean whole = judge();
        if (!whole) {
            askAll();
        }
        return whole;
    }

    private int answered() {
        int count = 0;
        for (byte state : states) {
            count += state == ANSWERED ? 1 : 0;
        }
        return count;
    }

    /** Returns whether every block has data, or was unmapped: there is no need to ask for more. */
    private boolean judge() {
        boolean all = true;
        for (int i = 0; i < op.blocks; i++) {
            if (thorough || !judgeDataFragments(i)) {
                for (int j = 0; j < layout.dataFragments(); j++) {
                    takeBack(j, i);
                }
                judgeAnyFragments(i);
                all &=
                        verdicts[i] == Verdict.DATA
                                || (verdicts[i] == Verdict.EMPTY && versions[i] != Version.NONE);
            }
        }
        return all;
    }

    /** The common case: all data fragments are there, whole, and of one version. */
    private boolean judgeDataFragments(int i) {
        long version = FragmentFormat.version(buffer, codec.metadataOffset(0, i));
        for (int j = 0; j < layout.dataFragments(); j++) {
            long metadata = codec.metadataOffset(j, i);
            if (states[j] != ANSWERED
                    || (voters & 1 << j) == 0
                    || FragmentFormat.flags(buffer, metadata) != 0
                    || FragmentFormat.version(buffer, metadata) != version
                    || !(isInPlace(j, i) || codec.isWhole(buffer, view, j, i))) {
                return false;
            }
        }
        // When more was asked for than the data fragments, the rest must not show anything newer.
        for (int j = layout.dataFragments(); j < layout.fragments(); j++) {
            if (states[j] == ANSWERED
                    && FragmentFormat.version(buffer, codec.metadataOffset(j, i)) != version) {
                return false;
            }
        }
        verdicts[i] = Verdict.DATA;
        versions[i] = version;
        suspects[i] = 0;
        goods[i] = layout.dataFragments();
        if (!discarded) {
            join(i);
        }
        return true;
    }

    /** Its store has checked it and put it into the target. */
    private boolean isInPlace(int chunk, int i) {
        return (requests[chunk].directDone & 1 << i) != 0;
    }

    /** Puts the block together from its n data fragments, as far as they are not there yet. */
    private void join(int i) {
        for (int j = 0; j < layout.dataFragments(); j++) {
            if (!isInPlace(j, i)) {
                long to = targetOffset + (long) i * BlockDevice.BLOCK_BYTES;
                codec.join(buffer, j, i, target, to);
            }
        }
    }

    private void judgeAnyFragments(int i) {
        int good = 0;
        int answered = 0;
        long newest = Version.NONE;
        for (int j = 0; j < layout.fragments(); j++) {
            if (states[j] != ANSWERED) {
                continue;
            }
            answered |= 1 << j;
            long metadata = codec.metadataOffset(j, i);
            int flags = FragmentFormat.flags(buffer, metadata);
            boolean empty = (flags & (FragmentFormat.ABSENT | FragmentFormat.TOMBSTONE)) != 0;
            if ((flags & FragmentFormat.BAD) == 0 && (empty || codec.isWhole(buffer, view, j, i))) {
                good |= 1 << j;
            }
            // What is bad still tells which version was there.
            long version = FragmentFormat.version(buffer, metadata);
            if ((voters & 1 << j) != 0 && Version.isNewer(version, newest)) {
                newest = version;
            }
        }
        settle(i, good & ~uselessOfBehind(i, newest), answered, newest);
    }

    /** Of locations that are behind, only the newest version counts, data or tombstone. */
    private int uselessOfBehind(int i, long newest) {
        int useless = 0;
        for (int j = 0; j < layout.fragments(); j++) {
            long metadata = codec.metadataOffset(j, i);
            int known = FragmentFormat.flags(buffer, metadata) & ~FragmentFormat.TOMBSTONE;
            if ((voters & 1 << j) == 0
                    && (known != 0
                            || newest == Version.NONE
                            || FragmentFormat.version(buffer, metadata) != newest)) {
                useless |= 1 << j;
            }
        }
        return useless;
    }

    private void settle(int i, int good, int answered, long newest) {
        int data = 0;
        int empty = 0;
        boolean newestIsEmpty = newest == Version.NONE;
        for (int j = 0; j < layout.fragments(); j++) {
            if ((good & 1 << j) == 0) {
                continue;
            }
            long metadata = codec.metadataOffset(j, i);
            boolean isEmpty =
                    (FragmentFormat.flags(buffer, metadata)
                                    & (FragmentFormat.ABSENT | FragmentFormat.TOMBSTONE))
                            != 0;
            if (isEmpty) {
                empty |= 1 << j;
                newestIsEmpty |= FragmentFormat.version(buffer, metadata) == newest;
            } else if (FragmentFormat.version(buffer, metadata) == newest) {
                data |= 1 << j;
            }
        }
        versions[i] = newest;
        goods[i] = Integer.bitCount(good);
        int agreeing = newestIsEmpty ? empty : data;
        suspects[i] = answered & ~agreeing;
        if (Integer.bitCount(agreeing) < layout.dataFragments()) {
            verdicts[i] = isFinal(answered) ? Verdict.LOST : Verdict.TOO_FEW_ANSWERS;
            return;
        }
        verdicts[i] = newestIsEmpty ? Verdict.EMPTY : Verdict.DATA;
        if (discarded) {
            return;
        }
        long to = targetOffset + (long) i * BlockDevice.BLOCK_BYTES;
        if (newestIsEmpty) {
            target.asSlice(to, BlockDevice.BLOCK_BYTES).fill((byte) 0);
        } else {
            codec.reconstruct(buffer, i, agreeing, target, to);
        }
    }

    private boolean isFinal(int answered) {
        for (int j = 0; j < layout.fragments(); j++) {
            boolean counts =
                    !asksBehind
                            || ((excludedChunks & 1 << j) == 0
                                    && !owner.links().get(op.slots[j]).isBehind());
            if (counts && (answered & 1 << j) == 0) {
                return false;
            }
        }
        return true;
    }
}
