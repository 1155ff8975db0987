package io.stria.dataplane.store;

import io.stria.runtime.Timers;

/**
 * When to merge: under pressure (the ring, the table of versions or the dirty headers pass their
 * marks, or somebody waits for room), when nothing was asked for a while, or little was written for
 * a longer one, and for a drain, which frees whatever can be freed before anybody hears that there
 * is no space.
 */
final class MergePolicy {
    /** Tombstones merged, tail recorded, page wiped, quarantine closed, quarantine opened. */
    private static final int DRAIN_PHASES = 5;

    private static final int DEAD_PAGES_PATIENCE = 64;

    /** So many times as long as an idle merge waits, a store that is asked all the time waits. */
    private static final int TURN_AFTER = 50;

    /** Who writes more batches in that time brings the tail on without that. */
    private static final int TURN_BATCHES = 256;

    private final StoreConfig config;
    private final Timers timers;
    private final JournalRing ring;
    private final Pages pages;
    private final HeaderCache headers;
    private final Vuids vuids;
    private final Deletions deletions;
    private final Merger merger;
    private final MergePace pace;
    private final GroupCommit commit;
    private final TailCopier copier;
    private final ShadowWriter shadowWriter;
    private final StoreHealth health;
    private final Runnable roundOver = this::onRoundOver;

    private long lastActivityNs;
    private boolean timerPending;

    /** From then on, for as long as an idle merge waits, it is as if nothing was asked for. */
    private long nextTurnNs;

    /** Newest batch when the time until the next turn began. */
    private long turnSequence;

    private boolean isTurn;
    private boolean closing;
    private boolean roomWanted;
    private boolean roomUrgent;
    private long stuckAtSequence = -1;
    private long shortAtRelease = -1;
    private long target;
    private boolean cycleProgress;
    private long deadTriedAt;
    private long drainsWanted;
    private long drainsDone;
    private long drainRunning;
    private int drainPhase;
    private long drainTarget;

    MergePolicy(
            StoreConfig config,
            Timers timers,
            JournalRing ring,
            Pages pages,
            HeaderCache headers,
            Vuids vuids,
            Deletions deletions,
            Merger merger,
            MergePace pace,
            GroupCommit commit,
            TailCopier copier,
            ShadowWriter shadowWriter,
            StoreHealth health) {
        this.config = config;
        this.timers = timers;
        this.ring = ring;
        this.pages = pages;
        this.headers = headers;
        this.vuids = vuids;
        this.deletions = deletions;
        this.merger = merger;
        this.pace = pace;
        this.commit = commit;
        this.copier = copier;
        this.shadowWriter = shadowWriter;
        this.health = health;
        this.nextTurnNs = timers.nowNs() + TURN_AFTER * config.idleMergeNs();
    }

    /** A command came in. */
    void onActivity() {
        lastActivityNs = timers.nowNs();
        if (!timerPending) {
            timerPending = true;
            scheduleIdle(config.idleMergeNs());
        }
    }

    /** Keeps a sleeping reactor awake for the idle merge; the poll that follows does the work. */
    private void scheduleIdle(long delayNs) {
        timers.schedule(
                delayNs,
                () -> {
                    long leftNs = lastActivityNs + config.idleMergeNs() - timers.nowNs();
                    if (leftNs > 0) {
                        scheduleIdle(leftNs);
                    } else {
                        timerPending = false;
                        stuckAtSequence = -1;
                    }
                });
    }

    /**
     * Somebody waits for room in the ring or in the table of versions.
     *
     * @param urgent it must not wait for the committed watermark, because that waits for it
     */
    void wantRoom(boolean urgent) {
        if (!roomWanted || (urgent && !roomUrgent)) {
            stuckAtSequence = -1;
        }
        roomWanted = true;
        roomUrgent |= urgent;
        if (ring.tailSequence() > ring.recordedTailSequence()) {
            commit.wantTail();
        }
    }

    /** Whoever was first in line waits no more. */
    void roomFound() {
        roomWanted = false;
        roomUrgent = false;
    }

    /** Somebody waits for a page; the ticket is for {@link #isDrained}. */
    long wantDrain() {
        return drainsWanted = drainRunning + 1;
    }

    boolean isDrained(long ticket) {
        return drainsDone >= ticket;
    }

    private boolean isUnderPressure() {
        return pace.isOverMark() || areTablesFilling() || roomWanted;
    }

    private boolean areTablesFilling() {
        return pages.freeEntries() < pages.entries.capacity() / 4
                || headers.dirtyGroups() > headers.groups() / 2;
    }

    /** In each poll, before the merger's: whether merging follows what arrives, or goes ahead. */
    void pace() {
        takeTurns(timers.nowNs());
        pace.hurry(
                closing
                        || roomWanted
                        || drainPhase > 0
                        || drainRunning < drainsWanted
                        || !deletions.isEmpty()
                        || areTablesFilling()
                        || isQuiet());
    }

    /** From now on nobody waits for anything but the end. */
    void close() {
        closing = true;
    }

    private boolean isIdleTime() {
        return isQuiet()
                && (pages.entries.count() > 0
                        || headers.dirtyCount() > 0
                        || pages.dead().count() > 0
                        || pages.allocator.quarantined() > 0);
    }

    /**
     * Where hosts read all the time, or write a little now and then, the store is never idle, and
     * the ring hardly fills: what was discarded would hold its pages for ever.
     */
    private void takeTurns(long nowNs) {
        long sinceNs = nowNs - nextTurnNs;
        boolean over = sinceNs >= config.idleMergeNs();
        if (over || ring.headSequence() - turnSequence > TURN_BATCHES) {
            isTurn = false;
            nextTurnNs = nowNs + TURN_AFTER * config.idleMergeNs();
            turnSequence = ring.headSequence();
        } else if (sinceNs >= 0 && !isTurn) {
            isTurn = true;
            stuckAtSequence = -1;
        }
    }

    private boolean isQuiet() {
        return isTurn || timers.nowNs() - lastActivityNs >= config.idleMergeNs();
    }

    int poll() {
        if (!merger.isIdle() || !shadowWriter.isIdle() || health.hasFailed()) {
            return 0;
        }
        if (drainRunning < drainsWanted && drainPhase == 0) {
            drainRunning = drainsWanted;
            drainPhase = 1;
            beginPhase();
        }
        boolean drain = drainPhase > 0;
        boolean pressure = isUnderPressure();
        boolean idle = !pressure && !drain && isIdleTime();
        boolean dead =
                pages.dead().count() > 0
                        && ring.recordedTailSequence() - deadTriedAt >= DEAD_PAGES_PATIENCE;
        if (!pace.mayMerge() && !dead) {
            return 0;
        }
        if ((pressure || drain || idle) && hasUndurableWatermark()) {
            commit.wantWatermark();
        }
        if (stuckAtSequence == ring.headSequence()
                || shortAtRelease == headers.releases()
                || !(pressure || drain || idle || dead || !deletions.isEmpty())) {
            return 0;
        }
        deadTriedAt = ring.recordedTailSequence();
        target = pressure || drain || idle ? ring.headSequence() : 0;
        merger.startRound(target, false, roundOver);
        return 1;
    }

    private boolean hasUndurableWatermark() {
        for (int i = 0; i < vuids.count(); i++) {
            if (vuids.at(i).committed != vuids.at(i).durable) {
                return true;
            }
        }
        return false;
    }

    private void onRoundOver() {
        boolean worked = merger.takeProgress();
        cycleProgress |= worked;
        if (ring.tailSequence() > ring.recordedTailSequence() && (roomWanted || drainPhase > 0)) {
            commit.wantTail();
        }
        if (!merger.isThrough(target)) {
            // Then some are held by commands at work, or nothing would keep the dirty ones.
            shortAtRelease = worked || !merger.wereHeadersShort() ? -1 : headers.releases();
            return;
        }
        boolean progress = cycleProgress;
        cycleProgress = false;
        merger.rewind();
        if (progress) {
            roomFound();
            if (ring.tailSequence() > ring.recordedTailSequence()) {
                commit.wantTail();
            }
            return;
        }
        endOfFruitlessCycle();
    }

    /**
     * Nothing can go home: then the oldest moves to the head, or to a shadow, or all waits for an
     * event.
     */
    private void endOfFruitlessCycle() {
        boolean moving = roomUrgent && move();
        boolean copied = !moving && mayCopy() && copier.copy(roomUrgent);
        moving = moving || (!copied && roomWanted && move());
        if (drainPhase > 0) {
            nextPhaseIfDone(copied);
        }
        stuckAtSequence = moving ? -1 : ring.headSequence();
    }

    /**
     * Pages that hold nothing wait for the recorded tail, and no batch may ever come that records
     * it: then one is written for them. Returns whether the tail has to move before that helps.
     * What pins it may be what cannot go home because there is no page.
     */
    private boolean doPagesWaitForTail() {
        long waitFor = Math.min(merger.deadPagesWaitFor(), pages.allocator.waitsFor());
        if (waitFor == PageAllocator.NOTHING_WAITS) {
            return false;
        }
        if (ring.tailSequence() > Math.max(waitFor, ring.recordedTailSequence())) {
            commit.wantTail();
            return false;
        }
        return isIdleTime();
    }

    /**
     * While nobody waits for room, the tail is recorded before the same is copied again: where what
     * is stuck takes more than half of the mark, that would go on for ever. Whoever waits has asked
     * for the tail already, and for a copy beside it.
     */
    private boolean mayCopy() {
        if (doPagesWaitForTail() || drainPhase > 0) {
            return true;
        }
        if (!isUnderPressure() || !copier.isWorthwhile()) {
            return false;
        }
        if (!roomWanted && copier.isTailEnough()) {
            commit.wantTail();
            return false;
        }
        return true;
    }

    /**
     * Only what is needed moves: the tail must be recorded first. Who waits only for the ring to
     * wrap or for the next batch needs no shadow: one is not taken for less than fills it.
     */
    private boolean move() {
        if (ring.freeBytesAt(ring.headPosition()) > ring.ringBytes() / 2) {
            return false;
        }
        if (ring.tailSequence() > ring.ringTailSequence()) {
            commit.wantTail();
            return false;
        }
        return shadowWriter.start(roomUrgent);
    }

    private void beginPhase() {
        drainTarget = ring.headSequence();
        stuckAtSequence = -1;
    }

    private void nextPhaseIfDone(boolean copied) {
        boolean passed = ring.recordedTailSequence() > drainTarget;
        boolean waits = copied || ring.tailSequence() > drainTarget;
        if (passed || !waits) {
            if (!passed || ++drainPhase > DRAIN_PHASES) {
                drainPhase = 0;
                drainsDone = drainRunning;
            } else {
                beginPhase();
            }
        }
        commit.wantTail();
    }
}
