package io.stria.dataplane.volume;

import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads consecutive blocks of one page: n data fragments where possible, all that can be had when
 * those do not agree ({@link StripeFindings}). What a host waits for goes around stores that are
 * slow, and stops waiting for one that is late as soon as n others have answered, see {@link
 * Hedges}. That a block was never written is believed only when all that can be asked say so.
 * Reused; one read at a time.
 */
final class StripeReader implements FragmentRequest.Completion {
    /** Hears the verdicts, exactly once per read. */
    interface Listener {
        void onRead(StripeReader reader);

        /** Every command of the reader has ended, also those that it no longer waited for. */
        default void onSettled(StripeReader reader) {}
    }

    private static final byte UNASKED = 0;
    private static final byte IN_FLIGHT = 1;
    private static final byte DONE = 2;

    private final VolumeOwner owner;
    private final StripeLayout layout;
    private final FragmentRequest[] requests;
    private final StripeFindings found;
    private final byte[] states;
    private StripeOp op;
    private Listener listener = reader -> {};
    private FragmentOp fragmentOp = FragmentOp.READ;
    private long atVersion;
    private int excludedChunks;

    /** Chunks, as bits, whose location is in sync: only they say which version is the newest. */
    private int voters;

    /** Locations that are behind are asked, too, for what they have of that version. */
    private boolean asksBehind;

    /** Locations that have to answer before a block is taken, as far as there are so many. */
    private int answersWanted;

    /** Every fragment is looked at, also when the data fragments are enough. */
    private boolean thorough;

    private int outstanding;

    /** Chunks, as bits, whose location has answered well. */
    private int answered;

    /** Chunks, as bits, with a command in flight that is no longer waited for. */
    private int abandoned;

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
        this.requests = new FragmentRequest[layout.fragments()];
        this.states = new byte[layout.fragments()];
        for (int j = 0; j < requests.length; j++) {
            requests[j] = new FragmentRequest();
            requests[j].tag = j;
            requests[j].completion = this;
        }
        this.found = new StripeFindings(layout, owner.codec(), requests);
    }

    /** What the last read has found; valid until the next begins. */
    StripeFindings found() {
        return found;
    }

    /** Reads the newest version of the operation's blocks into the target. */
    void read(int excluded, MemorySegment to, long toOffset, Listener whenRead) {
        start(FragmentOp.READ, 0, excluded, to, toOffset, whenRead);
        direct = true;
        hedging = owner.hedges().isOn();
        askEnough();
    }

    /**
     * Reads the newest version of one block, as {@link #read} does, for a write of a part of it.
     */
    void readForMerge(MemorySegment to, Listener whenRead) {
        start(FragmentOp.READ, 0, 0, to, 0, whenRead);
        direct = true;
        hedging = owner.hedges().isOn();
        neverAskOne();
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
        neverAskOne();
        askEnough();
    }

    /**
     * The same of the newest version at or below the given one, under the lock of a newer write.
     */
    void readForAt(int chunk, long version, MemorySegment to, Listener whenRead) {
        start(FragmentOp.READ_AT, version, 1 << chunk, to, 0, whenRead);
        asksBehind = true;
        neverAskOne();
        askEnough();
    }

    /**
     * Reads the newest version as {@link #read} does, and where it cannot be had from those in sync
     * alone, from all that are attached.
     */
    void readAll(MemorySegment to, Listener whenRead) {
        start(FragmentOp.READ, 0, 0, to, 0, whenRead);
        asksBehind = true;
        neverAskOne();
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
        return (answered & 1 << chunk) != 0;
    }

    /** Reads the newest version at or below the given one from every location that answers. */
    void readAllAt(long version, MemorySegment to, long toOffset, Listener whenRead) {
        start(FragmentOp.READ_AT, version, 0, to, toOffset, whenRead);
        askAll();
        advance();
    }

    /**
     * The target is no longer to be touched; the listener is still called. It goes around slow
     * stores as before: its blocks stay locked until it has ended.
     */
    void discardTarget() {
        if (!found.isDiscarded()) {
            found.discardTarget(op.blocks);
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
        states[chunk] = DONE;
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
            askMore(Math.max(1, answersWanted - answers()));
        }
        impatient = true;
        advance();
    }

    private boolean isGone(int chunk) {
        StoreLink link = owner.links().get(op.slots[chunk]);
        return (voters & 1 << chunk) == 0 ? !link.isAttached() : !link.isReadable();
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
        answersWanted = layout.dataFragments();
        thorough = false;
        direct = false;
        hedging = false;
        impatient = false;
        sent = false;
        listener = whenRead;
        answered = 0;
        found.begin(to, toOffset);
        Arrays.fill(states, UNASKED);
    }

    /** What others are made equal to is never one location's word alone, also where n is one. */
    private void neverAskOne() {
        answersWanted = Math.max(2, layout.dataFragments());
    }

    private void askEnough() {
        if (hedging) {
            owner.hedges().earn();
        }
        askMore(answersWanted);
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
        found.receive(chunk, op.blocks, direct);
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
        states[chunk] = DONE;
        answered |= status == IoStatus.OK ? bit : 0;
        advance();
    }

    /** Ends when there is nothing to wait for any more. */
    private void advance() {
        boolean whole = outstanding > 0 ? isEnough() : judge();
        if (!whole && outstanding == 0) {
            askAll();
        } else if (outstanding == 0 && answers() < answersWanted) {
            askMore(answersWanted - answers());
            whole = outstanding == 0; // unless there is nobody else
        }
        if (!whole && outstanding > 0) {
            if (hedging && sent && !queued) {
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
        if (!impatient || answers() < answersWanted) {
            return false;
        }
        boolean whole = judge();
        if (!whole) {
            askAll();
        }
        return whole;
    }

    /** Where more is wanted than the data fragments, an answer that says nothing does not count. */
    private int answers() {
        boolean any = answersWanted <= layout.dataFragments();
        return Integer.bitCount(any ? answered : found.telling(op.blocks, answered));
    }

    /** Returns whether there is no need to ask for more. */
    private boolean judge() {
        return found.judge(op.blocks, answered, voters, needed(), thorough);
    }

    /** Chunks, as bits, without whose answer nothing counts as lost. */
    private int needed() {
        int all = (1 << layout.fragments()) - 1;
        if (!asksBehind) {
            return all;
        }
        int needed = all & ~excludedChunks;
        for (int j = 0; j < layout.fragments(); j++) {
            if (owner.links().get(op.slots[j]).isBehind()) {
                needed &= ~(1 << j);
            }
        }
        return needed;
    }
}
