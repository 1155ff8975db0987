package io.stria.dataplane.volume;

import io.stria.clustermap.Placing;
import org.jspecify.annotations.Nullable;

/**
 * What an owner does for its volume besides hosts' IO, and when:
 *
 * <ul>
 *   <li>{@link Comparison} first, also during a take-over: nothing else trusts a store before it;
 *   <li>{@link CatchUp} of one slot at a time, in turn;
 *   <li>{@link Movement} while the map says that chunks move, beside a catch-up;
 *   <li>{@link Scrubber} only while none move: the two free chunks, and would undo each other's;
 *   <li>{@link Repairs} of what reads have found wrong, one at a time.
 * </ul>
 *
 * <p>Each of them keeps its own pace beside hosts. On the owner's thread, as they are.
 */
final class Maintenance {
    private final VolumeOwner owner;
    private final Comparison comparison;
    private final Repairs repairs;
    private final Scrubber scrubber;
    private @Nullable Movement movement;
    private @Nullable CatchUp catchUp;

    /** The slot that is looked at first for the next catch-up. */
    private int catchUpTurn;

    private long bytesMoved;
    private long lastHostNs;

    Maintenance(VolumeOwner owner, long scrubEveryNs) {
        this.owner = owner;
        this.comparison = new Comparison(owner);
        this.repairs = new Repairs(owner);
        this.scrubber = new Scrubber(owner, scrubEveryNs);
        this.lastHostNs = owner.nowNs() - Pace.ABSENT_NS;
    }

    Comparison comparison() {
        return comparison;
    }

    Scrubber scrubber() {
        return scrubber;
    }

    Repairs repairs() {
        return repairs;
    }

    /** What is under way, for people: each with a comma before it. */
    @Override
    public String toString() {
        return (catchUp == null ? "" : ", slot " + catchUp.link().slot + " catches up")
                + (movement == null ? "" : ", " + movement)
                + (scrubber.isRunning() ? ", " + scrubber : "");
    }

    /** Blocks made equal by the catch-up that runs, 0 if none does. */
    long blocksCaughtUp() {
        return catchUp == null ? 0 : catchUp.blocksSynced();
    }

    /** Bytes of fragments written to the places that chunks moved to. */
    long bytesMoved() {
        return bytesMoved;
    }

    void moved(long bytes) {
        bytesMoved += bytes;
    }

    /** Bytes per second that hosts leave to what moves; 0 if they hold nothing back. */
    long movementRate() {
        return movement == null ? 0 : movement.rate();
    }

    /** Old places are used until they have been freed. */
    boolean uses(int slot) {
        return movement != null && movement.uses(slot);
    }

    /** Pages are copied to where they move, or the map has yet to show that they have. */
    boolean copiesPages() {
        return movement != null && movement.copiesPages();
    }

    /** Nobody else catches up before the one that does has ended. */
    boolean mayCatchUp(StoreLink link) {
        return catchUp == null || catchUp.link() == link;
    }

    /** Something of it is to be looked at soon, again and again. */
    boolean isBusy() {
        return catchUp != null || movement != null;
    }

    long nextDeadlineNs() {
        return movement == null ? scrubber.nextDeadlineNs() : movement.nextDeadlineNs();
    }

    /** The map says that pages are elsewhere now. */
    void onPlaced(Placing placing) {
        scrubber.onPlaced();
        if (movement != null) {
            movement.onPlaced(placing);
        }
    }

    /** A host asks for something. */
    void onAsked(long nowNs) {
        lastHostNs = nowNs;
        if (movement != null) {
            movement.onAsked(nowNs);
        }
    }

    /** A host has got what it asked for. */
    void onAnswered(HostIo io) {
        if (movement != null) {
            movement.onAnswered(io);
        }
    }

    /** A write or unmap is everywhere where it has to be; its lock is still held. */
    void onWritten(WriteOp op) {
        if (movement != null) {
            movement.onWritten(op);
        }
    }

    /** The owner has stopped. */
    void stop() {
        if (movement != null) {
            movement.stop();
        }
    }

    void onLinksChanged() {
        if (catchUp != null) {
            catchUp.onLinksChanged();
        }
        if (movement != null) {
            movement.onLinksChanged();
        }
        scrubber.onLinksChanged();
    }

    /** Goes on as far as it can, with each poll while the owner serves. */
    void advance() {
        if (catchUp != null) {
            catchUp.advance();
        }
        if (movement != null) {
            movement.advance();
        } else if (!owner.pages().placing().isMoving()) {
            scrubber.advance();
        }
    }

    /** Begins what is due and ends what is over, with each tick while the owner serves. */
    void tend(long nowNs) {
        tendCatchUp();
        repeatProposals(nowNs);
        tendMovement();
        repairs.advance();
    }

    private void tendCatchUp() {
        CatchUp running = catchUp;
        if (running == null) {
            catchUp = nextCatchUpOrNull();
        } else if (running.isAborted() || !running.link().isBehind()) {
            if (running.link().isBehind()) {
                // Writes that left it out may still be on their way to it, and would arrive after
                // newer ones of the next attempt: a new association waits for them.
                running.link().detach();
            }
            running.link().syncing = false;
            catchUp = null;
            owner.links().lookAgain();
        }
    }

    private @Nullable CatchUp nextCatchUpOrNull() {
        if (owner.links().noneBehind()) {
            return null;
        }
        int slots = owner.links().size();
        for (int i = 0; i < slots; i++) {
            StoreLink link = owner.links().get((catchUpTurn + i) % slots);
            if (link.isBehind() && link.isAttached() && !link.isInSyncProposed()) {
                catchUpTurn = link.slot + 1;
                return new CatchUp(owner, link);
            }
        }
        return null;
    }

    private void repeatProposals(long nowNs) {
        if (owner.links().noneBehind()) {
            return;
        }
        for (StoreLink link : owner.links()) {
            if (link.isInSyncProposed()) {
                owner.proposals().inSync(link, nowNs);
            }
        }
    }

    private void tendMovement() {
        if (movement != null && movement.hasEnded()) {
            movement = null;
            owner.links().followUse();
        }
        if (movement == null && owner.pages().placing().isMoving() && scrubber.isQuiet()) {
            movement = new Movement(owner, lastHostNs);
        }
    }
}
