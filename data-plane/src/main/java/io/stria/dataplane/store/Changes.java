package io.stria.dataplane.store;

import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.device.Version;

/**
 * WRITE, UNMAP, REPLACE and FREE on their way into a batch, and DELETE. What finds no room waits in
 * line; nothing overtakes it but what is <em>urgent</em>: what an owner writes again at its
 * take-over, REPLACE and DELETE. These must not wait for the committed watermark to rise, because
 * it does not rise without them. FREE keeps its place among them, and ends where there is no room.
 * An UNMAP that drops other versions is a REPLACE in all but its name. For an entry in the table
 * these wait for others of their kind alone, which go home at any time.
 */
final class Changes implements StoreOp.Driver {
    private final Layout layout;
    private final Pages pages;
    private final PageIndex index;
    private final HeaderCache headers;
    private final Area image;
    private final GroupCommit commit;
    private final HomeWrites homeWrites;
    private final MergePolicy policy;
    private final Completions completions;
    private final StoreHealth health;
    private final StoreCounters counters;
    private final OpQueue waiting = new OpQueue();
    private final OpQueue urgent = new OpQueue();
    private final int entriesForCommands;
    private final int replacementsMax;
    private boolean closing;

    Changes(
            Layout layout,
            Pages pages,
            HeaderCache headers,
            JournalRing ring,
            GroupCommit commit,
            HomeWrites homeWrites,
            MergePolicy policy,
            Completions completions,
            StoreHealth health,
            StoreCounters counters) {
        this.layout = layout;
        this.pages = pages;
        this.index = pages.index;
        this.headers = headers;
        this.image = ring.image();
        this.commit = commit;
        this.homeWrites = homeWrites;
        this.policy = policy;
        this.completions = completions;
        this.health = health;
        this.counters = counters;
        this.entriesForCommands = pages.entries.capacity() / 8 * 7;
        this.replacementsMax = Math.max(pages.entries.capacity() / 8, layout.fragmentsMax());
    }

    void submit(StoreOp op) {
        op.driver = this;
        op.urgent = isUrgent(op);
        OpQueue line = lineOf(op);
        if (!line.isEmpty() || !advance(op)) {
            letGo(op);
            line.add(op);
        }
    }

    /** A write of an epoch that has committed nothing yet is one of its take-over. */
    private static boolean isUrgent(StoreOp op) {
        return switch (op.request.op) {
            case WRITE, UNMAP ->
                    isReplacement(op)
                            || Version.epoch(op.request.version) > Version.epoch(op.vuid.committed);
            default -> true;
        };
    }

    /** It leaves no other version, and goes home whatever the watermark is. */
    private static boolean isReplacement(StoreOp op) {
        return switch (op.request.op) {
            case REPLACE -> true;
            case UNMAP -> op.request.dropsOthers;
            default -> false;
        };
    }

    private OpQueue lineOf(StoreOp op) {
        return op.urgent ? urgent : waiting;
    }

    /** Who waits for room must not keep a header or a page from those who make room. */
    private void letGo(StoreOp op) {
        if (op.state == StoreOp.State.WAITING) {
            completions.letGo(op);
            op.pageId = PageIndex.NONE;
        }
    }

    int poll() {
        return poll(urgent) + poll(waiting);
    }

    private int poll(OpQueue line) {
        int advanced = 0;
        for (StoreOp op = line.poll(); op != null; op = line.poll()) {
            if (!advance(op)) {
                letGo(op);
                line.addFirst(op);
                break;
            }
            advanced++;
        }
        return advanced;
    }

    /**
     * Those of older associations that wait never take effect. The end of one may be the end of
     * barriers too, the next in line among them: then all that is left stands behind these.
     */
    void dropFenced(VuidState vuid) {
        StoreOp op = vuid.first;
        while (op != null) {
            StoreOp next = op.vuidNext;
            if (op.isUnstagedChange()
                    && (op.state == StoreOp.State.WAITING || op.state == StoreOp.State.HOME_DURABLE)
                    && op.isFenced()) {
                lineOf(op).remove(op);
                counters.fenced++;
                completions.finish(op, IoStatus.FENCED, 0);
            }
            boolean hasEnded = next != null && next.state == StoreOp.State.DONE;
            op = hasEnded ? vuid.first : next;
        }
    }

    /** Nobody waits for room from now on: there may never be any. */
    void close() {
        closing = true;
        dropAll(urgent);
        dropAll(waiting);
    }

    private void dropAll(OpQueue line) {
        for (StoreOp op = line.poll(); op != null; op = line.poll()) {
            completions.finish(op, IoStatus.NOT_SERVING, 0);
        }
    }

    /** Returns false if it has to wait in line. */
    private boolean advance(StoreOp op) {
        if (health.hasFailed()) {
            return end(op, IoStatus.MEDIA_ERROR);
        }
        if (closing) {
            return end(op, IoStatus.NOT_SERVING);
        }
        if (op.isFenced()) {
            counters.fenced++;
            return end(op, IoStatus.FENCED);
        }
        if (op.request.op == FragmentOp.DELETE) {
            return stageDelete(op);
        }
        if (op.vuid.deleting) {
            return end(op, IoStatus.ABORTED);
        }
        if (op.state == StoreOp.State.HOME_DURABLE) {
            return stageHome(op);
        }
        if (op.request.op == FragmentOp.FREE && index.find(op.key) == PageIndex.NONE) {
            return end(op, IoStatus.OK); // there is nothing of that chunk
        }
        if (!op.holdsPage && !holdPage(op)) {
            return op.state == StoreOp.State.DONE;
        }
        if (index.fragmentShift(op.pageId) != op.fragmentShift) {
            return end(op, IoStatus.INVALID);
        }
        if (needsPage(op) && index.page(op.pageId) == PageIndex.NONE) {
            if (op.request.op == FragmentOp.UNMAP && !pages.lost().any()) {
                return end(op, IoStatus.OK); // nothing is here
            }
            if (!takePage(op)) {
                return op.state == StoreOp.State.DONE;
            }
        }
        return switch (op.request.op) {
            case WRITE -> write(op);
            case UNMAP -> stageUnmap(op);
            case FREE -> stageFree(op);
            default -> replace(op);
        };
    }

    private boolean end(StoreOp op, IoStatus status) {
        completions.finish(op, status, 0);
        return true;
    }

    private boolean holdPage(StoreOp op) {
        int pageId = pages.findOrAdd(op.key, op.fragmentShift);
        if (pageId == PageIndex.NONE) {
            return waitForSpace(op);
        }
        if (index.has(pageId, PageIndex.FREEING)) {
            return false;
        }
        op.pageId = pageId;
        op.holdsPage = true;
        pages.hold(pageId);
        return true;
    }

    private static boolean needsPage(StoreOp op) {
        return op.request.op != FragmentOp.UNMAP || isReplacement(op);
    }

    private boolean takePage(StoreOp op) {
        int page = pages.allocator.take();
        if (page == PageAllocator.NOT_YET) {
            return false;
        }
        if (page == PageAllocator.NONE) {
            return op.request.op == FragmentOp.UNMAP ? hideNothing(op) : waitForSpace(op);
        }
        index.page(op.pageId, page);
        return true;
    }

    /** A tombstone without a page would stay in the journal, and nobody waits for one. */
    private boolean hideNothing(StoreOp op) {
        counters.noSpace++;
        end(op, IoStatus.NO_SPACE);
        return false;
    }

    /** Whatever can be freed is freed before anybody hears that there is no space. */
    private boolean waitForSpace(StoreOp op) {
        if (op.drainTicket == 0) {
            op.drainTicket = policy.wantDrain();
        } else if (policy.isDrained(op.drainTicket)) {
            counters.noSpace++;
            end(op, IoStatus.NO_SPACE);
        }
        return false;
    }

    private boolean write(StoreOp op) {
        if (homeWrites.mayBypass(op)) {
            if (isLoadingHeader(op)) {
                return true;
            }
            if (op.slot >= 0 && homeWrites.isVoid(op)) {
                return writeHome(op);
            }
        }
        return stageWrite(op);
    }

    /** Where there is nothing to be dropped it is a write, of a version per fragment. */
    private boolean replace(StoreOp op) {
        if (homeWrites.mayBypass(op) && HomeWrites.isAllData(op)) {
            if (isLoadingHeader(op)) {
                return true;
            }
            if (op.slot >= 0 && homeWrites.isBlank(op)) {
                return writeHome(op);
            }
        }
        return stageReplace(op);
    }

    private boolean isLoadingHeader(StoreOp op) {
        if (op.slot < 0) {
            int slot = headers.acquire(op.pageId, op);
            if (slot == HeaderCache.WAIT) {
                op.state = StoreOp.State.LOADING_HEADER;
                return true;
            }
            op.slot = slot;
        }
        return false;
    }

    @Override
    public void headerReady(StoreOp op, int slot) {
        op.slot = slot;
        op.state = StoreOp.State.WAITING;
        lineOf(op).addFirst(op);
    }

    /** Others may hold the buffers while they wait for room: what is urgent does without. */
    private boolean writeHome(StoreOp op) {
        if (!homeWrites.takeBuffer(op)) {
            return op.urgent && stageInstead(op);
        }
        if (!homeWrites.fill(op)) {
            counters.rejectedWrites++;
            return end(op, IoStatus.INVALID);
        }
        homeWrites.start(op);
        return true;
    }

    private boolean stageInstead(StoreOp op) {
        return op.request.op == FragmentOp.REPLACE ? stageReplace(op) : stageWrite(op);
    }

    @Override
    public void ioDone(StoreOp op, long token, int result) {
        op.iosInFlight--;
        op.state = StoreOp.State.HOME_DURABLE;
        if (result != op.spanBytes) {
            counters.writeErrors++;
            health.fail();
        }
        lineOf(op).addFirst(op);
    }

    private int room(StoreOp op, int bytes) {
        if (!hasEntries(op)) {
            policy.wantRoom(false);
            return GroupCommit.NO_ROOM;
        }
        return room(op, bytes, op.urgent ? GroupCommit.Need.TAKE_OVER : GroupCommit.Need.COMMAND);
    }

    private int room(StoreOp op, int bytes, GroupCommit.Need need) {
        int at = commit.room(bytes, need);
        if (at == GroupCommit.NO_ROOM) {
            policy.wantRoom(op.urgent);
        } else {
            policy.roomFound();
        }
        return at;
    }

    /** A take-over gets more of them than were planned. */
    private boolean hasEntries(StoreOp op) {
        if (!op.urgent) {
            return hasEntriesForCommand(op);
        }
        if (isReplacement(op) && pages.replacements() + op.count > replacementsMax) {
            return false;
        }
        while (pages.freeEntries() < op.count) {
            pages.entries.grow();
        }
        return true;
    }

    private boolean hasEntriesForCommand(StoreOp op) {
        int used = pages.entries.capacity() - pages.freeEntries();
        return used + op.count <= entriesForCommands;
    }

    private void putHead(StoreOp op, int at, int type) {
        putHead(op, at, type, op.request.version, op.first, op.count);
    }

    private void putHead(StoreOp op, int at, int type, long version, int first, int count) {
        int page = index.page(op.pageId);
        int flags =
                page != PageIndex.NONE && index.has(op.pageId, PageIndex.UNWRITTEN)
                        ? JournalRecord.UNWRITTEN
                        : 0;
        JournalRecord.putHead(
                image, at, type, op.fragmentShift, flags, op.key, version, page, first, count);
    }

    private void stage(StoreOp op, int at) {
        if (index.page(op.pageId) != PageIndex.NONE) {
            index.set(op.pageId, PageIndex.NAMED, true);
        }
        commit.add(at, op);
    }

    private boolean stageWrite(StoreOp op) {
        int bytes = 1 << op.fragmentShift;
        int descriptor = JournalRecord.descriptorBytes(JournalRecord.WRITE, op.count);
        int at = room(op, descriptor + op.count * bytes);
        if (at == GroupCommit.NO_ROOM) {
            return false;
        }
        FragmentRequest request = op.request;
        int data = at + descriptor;
        for (int i = 0; i < op.count; i++) {
            long source = request.bufferOffset + (long) i * FragmentFormat.stride(bytes);
            int crc = FragmentFormat.crc(request.buffer, source + bytes);
            image.copyFrom(request.buffer, source, data, bytes);
            if (image.crc(data, bytes) != crc || contradicts(op, op.first + i, crc)) {
                counters.rejectedWrites++;
                return end(op, IoStatus.INVALID);
            }
            JournalRecord.putCrc(image, at, i, crc);
            data += bytes;
        }
        zeroArrayPadding(at, op.count);
        putHead(op, at, JournalRecord.WRITE);
        pages.reserve(op.count);
        counters.fragmentBytesAccepted += (long) op.count * bytes;
        stage(op, at);
        return true;
    }

    /** The array of an odd number of CRCs leaves four bytes. */
    private void zeroArrayPadding(int at, int count) {
        if (count % 2 != 0) {
            JournalRecord.putCrc(image, at, count, 0);
        }
    }

    /** One version never stands for two contents. */
    private boolean contradicts(StoreOp op, int fragment, int crc) {
        int known = pages.entries.find(op.pageId, fragment, op.request.version);
        return known != JournalEntries.NONE
                && (!JournalRecord.hasData(pages.entries.flags(known))
                        || pages.entries.crc(known) != crc);
    }

    /** One record for each run of fragments of one version; all of them in one batch. */
    private boolean stageHome(StoreOp op) {
        int descriptors = 0;
        for (int i = 0; i < op.count; i += runOfVersion(op, i)) {
            descriptors += JournalRecord.descriptorBytes(JournalRecord.HOME, runOfVersion(op, i));
        }
        // Until its record is there its page is not merged, so it may take what copies leave.
        int at =
                room(
                        op,
                        descriptors,
                        op.urgent ? GroupCommit.Need.TAKE_OVER : GroupCommit.Need.COPY);
        if (at == GroupCommit.NO_ROOM) {
            return false;
        }
        counters.fragmentBytesAccepted += (long) op.count << op.fragmentShift;
        int i = 0;
        while (true) {
            int run = runOfVersion(op, i);
            putHome(op, at, i, run);
            i += run;
            if (i == op.count) {
                stage(op, at);
                return true;
            }
            commit.add(at);
            at += JournalRecord.descriptorBytes(JournalRecord.HOME, run);
        }
    }

    /** How many fragments from the i-th on have the version of that one. */
    private static int runOfVersion(StoreOp op, int i) {
        if (op.request.op == FragmentOp.WRITE) {
            return op.count;
        }
        int run = 1;
        while (i + run < op.count && versionOf(op, i + run) == versionOf(op, i)) {
            run++;
        }
        return run;
    }

    private static long metadata(StoreOp op, int i) {
        int bytes = 1 << op.fragmentShift;
        return op.request.bufferOffset + (long) i * FragmentFormat.stride(bytes) + bytes;
    }

    private static long versionOf(StoreOp op, int i) {
        return FragmentFormat.version(op.request.buffer, metadata(op, i));
    }

    private void putHome(StoreOp op, int at, int first, int count) {
        for (int i = 0; i < count; i++) {
            int crc = FragmentFormat.crc(op.request.buffer, metadata(op, first + i));
            JournalRecord.putCrc(image, at, i, crc);
        }
        zeroArrayPadding(at, count);
        putHead(op, at, JournalRecord.HOME, versionOf(op, first), op.first + first, count);
    }

    private boolean stageUnmap(StoreOp op) {
        return isReplacement(op) ? stageTombstonesAlone(op) : stageTombstones(op);
    }

    private boolean stageTombstonesAlone(StoreOp op) {
        int at = room(op, JournalRecord.descriptorBytes(JournalRecord.REPLACE, op.count));
        if (at == GroupCommit.NO_ROOM) {
            return false;
        }
        stageNoData(op, at, op.request.version, FragmentFormat.TOMBSTONE);
        return true;
    }

    private boolean stageTombstones(StoreOp op) {
        int at = room(op, JournalRecord.HEAD_BYTES);
        if (at == GroupCommit.NO_ROOM) {
            return false;
        }
        putHead(op, at, JournalRecord.UNMAP);
        pages.reserve(op.count);
        stage(op, at);
        return true;
    }

    private boolean stageReplace(StoreOp op) {
        int bytes = 1 << op.fragmentShift;
        int descriptor = JournalRecord.descriptorBytes(JournalRecord.REPLACE, op.count);
        int at = room(op, descriptor + op.count * bytes);
        if (at == GroupCommit.NO_ROOM) {
            return false;
        }
        FragmentRequest request = op.request;
        int data = at + descriptor;
        for (int i = 0; i < op.count; i++) {
            long source = request.bufferOffset + (long) i * FragmentFormat.stride(bytes);
            long version = FragmentFormat.version(request.buffer, source + bytes);
            int crc = FragmentFormat.crc(request.buffer, source + bytes);
            int flags = FragmentFormat.flags(request.buffer, source + bytes);
            boolean bad = flags == FragmentFormat.BAD;
            boolean valid =
                    (bad || (flags & FragmentFormat.BAD) == 0)
                            && (version != 0) == ((flags & FragmentFormat.ABSENT) == 0);
            if (valid && JournalRecord.hasData(flags)) {
                image.copyFrom(request.buffer, source, data, bytes);
                int actual = image.crc(data, bytes);
                crc = bad ? ~actual : crc; // what is known to be bad never matches again
                valid = bad || actual == crc;
                data += bytes;
            }
            if (!valid) {
                counters.rejectedWrites++;
                return end(op, IoStatus.INVALID);
            }
            JournalRecord.putReplace(
                    image,
                    at,
                    i,
                    version,
                    JournalRecord.hasData(flags) ? crc : 0,
                    flags
                            & (FragmentFormat.TOMBSTONE
                                    | FragmentFormat.ABSENT
                                    | FragmentFormat.BAD));
        }
        putHead(op, at, JournalRecord.REPLACE);
        pages.reserveReplacements(op.count);
        counters.fragmentBytesAccepted += data - at - descriptor;
        stage(op, at);
        return true;
    }

    /**
     * A REPLACE by absence, in the journal too. It takes no room that others are kept for, and does
     * not wait in their way: nobody needs at once what it frees.
     */
    private boolean stageFree(StoreOp op) {
        int bytes = JournalRecord.descriptorBytes(JournalRecord.REPLACE, op.count);
        int at =
                hasEntriesForCommand(op)
                        ? commit.room(bytes, GroupCommit.Need.COMMAND)
                        : GroupCommit.NO_ROOM;
        if (at == GroupCommit.NO_ROOM) {
            return end(op, IoStatus.NO_SPACE);
        }
        stageNoData(op, at, Version.NONE, FragmentFormat.ABSENT);
        return true;
    }

    /** A REPLACE of all its fragments by the same, which has no data. */
    private void stageNoData(StoreOp op, int at, long version, int flags) {
        for (int i = 0; i < op.count; i++) {
            JournalRecord.putReplace(image, at, i, version, 0, flags);
        }
        putHead(op, at, JournalRecord.REPLACE);
        pages.reserveReplacements(op.count);
        stage(op, at);
    }

    /** The oldest command of its VUID: everything before it is through. */
    private boolean stageDelete(StoreOp op) {
        int at = room(op, JournalRecord.HEAD_BYTES, GroupCommit.Need.COPY);
        if (at == GroupCommit.NO_ROOM) {
            return false;
        }
        op.vuid.deleting = true;
        JournalRecord.putHead(
                image, at, JournalRecord.DELETE, 0, 0, op.key, 0, PageIndex.NONE, 0, 0);
        commit.add(at, op);
        return true;
    }
}
