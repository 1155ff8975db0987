package io.stria.dataplane.store;

import io.stria.runtime.BlockFile;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/**
 * Moves what the journal holds to its home in the pages, in rounds: many pages are read and written
 * at once, one flush makes all of it durable, and only then do the journal's batches lose their
 * pins. Rounds are started by {@link MergePolicy} or by recovery. A round begins its pages, and
 * settles them at its end, over many polls, as {@link MergePace} permits, so that what hosts ask
 * for meanwhile does not wait for all of them.
 */
final class Merger implements BlockFile.Completion {
    private static final int PAGES_PER_ROUND = 128;

    /** Work of some tens of microseconds, after which hosts have their turn. */
    private static final int PAGES_PER_POLL = 16;

    /** The same where {@link MergePace} counts what is merged. */
    private static final int PACED_PAGES_PER_POLL = 64;

    /** Versions that leave the journal's table in one poll at the end of a round. */
    private static final int SETTLED_PER_POLL = 256;

    /** Pages that hold nothing are looked at in one poll, at most. */
    static final int DEAD_LOOKED_AT_PER_POLL = 4096;

    private enum State {
        IDLE,
        MERGING,
        FLUSHING,
        SETTLING
    }

    private final BlockFile file;
    private final JournalRing ring;
    private final Pages pages;
    private final HeaderCache headers;
    private final Deletions deletions;
    private final HomeWrites homeWrites;
    private final MergePace pace;
    private final StoreHealth health;
    private final StoreCounters counters;
    private final Area buffer;
    private final PageMerge[] merges;
    private final MergeWork work;
    private final JournalCursor cursor;

    private State state = State.IDLE;
    private int bufferUsed;
    private int started;
    private int working;
    private boolean starting;

    /** The round has pages to begin yet, in the polls that follow. */
    private boolean adding;

    /** All of it now: there is nobody yet who could wait. */
    private boolean atOnce;

    /** Commands wait for pages that are being wiped in this round. */
    private boolean frees;

    private int startedMax;
    private int settled;
    private boolean durable;
    private int deadLeft;
    private long target;
    private int tornCursor = Integer.MAX_VALUE;
    private boolean progress;
    private boolean postponed;
    private boolean headersShort;

    /** Of pages that hold nothing: the oldest batch that the recorded tail has yet to pass. */
    private long deadWaitFor;

    private @Nullable Runnable whenOver;

    Merger(
            Arena arena,
            Layout layout,
            BlockFile file,
            JournalRing ring,
            Pages pages,
            HeaderCache headers,
            Vuids vuids,
            Deletions deletions,
            HomeWrites homeWrites,
            MergePace pace,
            StoreHealth health,
            StoreCounters counters,
            int bufferBytes) {
        this.file = file;
        this.ring = ring;
        this.pages = pages;
        this.headers = headers;
        this.deletions = deletions;
        this.homeWrites = homeWrites;
        this.pace = pace;
        this.health = health;
        this.counters = counters;
        this.buffer = new Area(arena, bufferBytes);
        this.cursor = new JournalCursor(ring);
        MergeRule rule = new MergeRule(pages.entries, headers);
        this.work = new MergeWork(pages, headers, vuids, rule);
        int count = Math.clamp(headers.groups() / 2, 4, PAGES_PER_ROUND);
        this.merges = new PageMerge[count];
        EntryPerFragment merged = new EntryPerFragment();
        for (int i = 0; i < count; i++) {
            merges[i] =
                    new PageMerge(
                            this, layout, file, pages, headers, rule, work, merged, vuids, ring,
                            counters);
        }
    }

    boolean isIdle() {
        return state == State.IDLE;
    }

    /** The next round begins at the tail. */
    void rewind() {
        cursor.rewind();
    }

    /** The last rounds have looked at every batch up to the target. */
    boolean isThrough(long target) {
        return cursor.isPast(Math.min(target, ring.headSequence()));
    }

    /** Whether anything was merged, dropped or wiped since the last call. */
    boolean takeProgress() {
        boolean before = progress;
        progress = false;
        return before;
    }

    /**
     * Begins a round with pages that batches up to the target hold. The callback runs when it is
     * over, perhaps before this returns.
     *
     * @param whole now, and not over several polls
     */
    void startRound(long newTarget, boolean whole, Runnable over) {
        assert state == State.IDLE;
        state = State.MERGING;
        whenOver = over;
        counters.mergeRounds++;
        target = newTarget;
        atOnce = whole;
        frees = false;
        started = 0;
        working = 0;
        postponed = false;
        headersShort = false;
        deadWaitFor = PageAllocator.NOTHING_WAITS;
        deadLeft = pages.dead().count();
        addPages();
    }

    /** Goes on with a round that has pages to begin or to settle. */
    int poll() {
        if (state == State.SETTLING) {
            settle();
            return 1;
        }
        if (!adding || !(mayBegin() || frees || !pace.isOverMark())) {
            return 0;
        }
        addPages();
        return 1;
    }

    private boolean mayBegin() {
        return atOnce || health.hasFailed() || pace.mayMerge();
    }

    private void addPages() {
        int perPoll = pace.isHurried() ? PAGES_PER_POLL : PACED_PAGES_PER_POLL;
        startedMax = atOnce ? merges.length : Math.min(merges.length, started + perPoll);
        if (working == 0) {
            bufferUsed =
                    0; // what was begun before is written: the same memory again, in caches yet
        }
        pages.homeChanging();
        starting = true;
        if (!health.hasFailed()) {
            addDeadPages();
            addDeletions();
            addTorn();
            addJournaled();
        }
        starting = false;
        adding = started < merges.length && !postponed && !health.hasFailed() && hasMore();
        flushIfDone();
    }

    private void flushIfDone() {
        if (working == 0 && !starting && !adding) {
            flush();
        }
    }

    private boolean isRoundFull() {
        return started == startedMax || postponed;
    }

    private void begin(int pageId, PageMerge.Kind kind) {
        PageMerge merge = merges[started++];
        working++;
        frees |= kind != PageMerge.Kind.MERGE;
        pace.merged(1);
        merge.start(pageId, kind);
    }

    private void addDeadPages() {
        if (work.isReplaying()) {
            return; // a record that comes yet may bring it to life
        }
        int end = atOnce ? 0 : Math.max(0, deadLeft - DEAD_LOOKED_AT_PER_POLL);
        for (; deadLeft > end && !isRoundFull() && !headersShort; deadLeft--) {
            int pageId = pages.dead().poll();
            if (!pages.index.isUsed(pageId)
                    || pages.index.page(pageId) == PageIndex.NONE
                    || pages.index.journalHead(pageId) != JournalEntries.NONE
                    || pages.index.has(pageId, PageIndex.MERGING)) {
                continue;
            }
            if (pages.index.pending(pageId) > 0 || !work.isForgettable(pageId)) {
                pages.dead().add(pageId);
            } else if (!isBehindTail(pages.index.lastBatch(pageId))) {
                long lastBatch = ring.headSequence() - age(pages.index.lastBatch(pageId));
                deadWaitFor = Math.min(deadWaitFor, lastBatch);
                pages.dead().add(pageId);
            } else {
                begin(pageId, PageMerge.Kind.WIPE);
            }
        }
    }

    private void addDeletions() {
        while (!isRoundFull()) {
            int pageId = deletions.next();
            if (pageId == PageIndex.NONE) {
                return;
            }
            begin(pageId, PageMerge.Kind.DELETE);
        }
    }

    /** Recovery: the next rounds write the headers of all torn pages again, and whole. */
    void rewriteTorn(boolean value) {
        tornCursor = value ? 0 : Integer.MAX_VALUE;
    }

    boolean hasRewrittenTorn() {
        return tornCursor >= pages.index.highId();
    }

    private void addTorn() {
        while (tornCursor < pages.index.highId() && !isRoundFull() && !headersShort) {
            if (pages.index.isTorn(tornCursor)
                    && !pages.index.has(tornCursor, PageIndex.MERGING | PageIndex.FREEING)) {
                begin(tornCursor, PageMerge.Kind.MERGE);
            }
            tornCursor++;
        }
    }

    private void addJournaled() {
        cursor.followTail();
        work.lookAnew();
        long end = end();
        while (!isRoundFull() && mayBegin() && cursor.reaches(end)) {
            consider();
            cursor.next();
        }
    }

    /**
     * Whether the round goes on in another poll. It does not stay open for what it may not begin
     * yet, where somebody waits for a page of it, or nothing presses.
     */
    private boolean hasMore() {
        boolean waits = !mayBegin() && !frees && !headersShort && pace.isOverMark();
        boolean deadFollow = deadLeft > 0 && !headersShort && !work.isReplaying();
        return started == startedMax || deadFollow || (waits && !cursor.isPast(end()));
    }

    /** The last batch that the round is for. */
    private long end() {
        return Math.min(target, ring.headSequence());
    }

    private void consider() {
        switch (cursor.type()) {
            case JournalRecord.WRITE,
                    JournalRecord.HOME,
                    JournalRecord.UNMAP,
                    JournalRecord.REPLACE -> {
                int pageId = pages.index.find(cursor.key());
                if (pageId != PageIndex.NONE
                        && !pages.index.has(pageId, PageIndex.MERGING)
                        && (!headersShort || pages.index.slot(pageId) != PageIndex.NONE)
                        && !homeWrites.isActiveOn(pageId)
                        && work.isIn(pageId)) {
                    begin(pageId, PageMerge.Kind.MERGE);
                }
            }
            default -> {}
        }
    }

    /** No record of this batch or an older one will be replayed. */
    boolean isBehindTail(int batch) {
        return age(batch) > ring.headSequence() - ring.recordedTailSequence();
    }

    /**
     * How many batches came after this one, of whose number only the low half is known. None is
     * newer than the newest: one that seems to be is old. What is older than 2^32 batches counts as
     * new now and then, and waits for the tail once more.
     */
    private long age(int batch) {
        return Integer.toUnsignedLong((int) ring.headSequence() - batch);
    }

    /** Part of the round's buffer, or -1 when it is used up: the round ends and another begins. */
    int allocate(int bytes) {
        if (bufferUsed + bytes > buffer.bytes()) {
            postponed = true;
            return -1;
        }
        int offset = bufferUsed;
        bufferUsed += (int) Layout.roundUp(bytes, 4096);
        return offset;
    }

    /**
     * All headers in memory are held or dirty: a page whose header is not there waits for a later
     * round, and this one goes on with those that are, which makes room.
     */
    void headersShort() {
        headersShort = true;
    }

    /**
     * The batch that the recorded tail must pass before the next of the pages is wiped that the
     * last round would have wiped, or {@link PageAllocator#NOTHING_WAITS}.
     */
    long deadPagesWaitFor() {
        return deadWaitFor;
    }

    boolean wereHeadersShort() {
        return headersShort;
    }

    MergeWork work() {
        return work;
    }

    void progressed() {
        progress = true;
    }

    MergePace pace() {
        return pace;
    }

    Area buffer() {
        return buffer;
    }

    Deletions deletions() {
        return deletions;
    }

    boolean hasDeviceFailed() {
        return health.hasFailed();
    }

    JournalRing ring() {
        return ring;
    }

    void done(PageMerge merge) {
        working--;
        flushIfDone();
    }

    private void flush() {
        state = State.FLUSHING;
        boolean wrote = false;
        for (int i = 0; i < started; i++) {
            wrote |= merges[i].wrote();
            if (merges[i].failed()) {
                health.fail();
            }
        }
        if (wrote && !health.hasFailed()) {
            progress = true;
            file.flush(this, 0);
        } else {
            beginSettling();
        }
    }

    @Override
    public void complete(long token, int result) {
        if (result < 0) {
            counters.writeErrors++;
            health.fail();
        }
        beginSettling();
    }

    private void beginSettling() {
        state = State.SETTLING;
        settled = 0;
        durable = !health.hasFailed();
        settle();
    }

    private void settle() {
        pages.homeChanging();
        int enough = pages.entries.count() - SETTLED_PER_POLL;
        while (settled < started
                && (atOnce || frees || pace.isHurried() || pages.entries.count() > enough)) {
            merges[settled++].settle(durable);
        }
        if (settled == started) {
            endRound();
        }
    }

    private void endRound() {
        if (postponed || headersShort) {
            rewind();
            tornCursor = tornCursor == Integer.MAX_VALUE ? tornCursor : 0;
        }
        if (ring.advancedTail()) {
            progress = true;
        }
        if (deletions.advance()) {
            progress = true;
        }
        state = State.IDLE;
        Runnable over = whenOver;
        whenOver = null;
        if (over != null) {
            over.run();
        }
    }
}
