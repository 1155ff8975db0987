package io.stria.dataplane.store;

import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.BlockFile;

/**
 * READ and READ_AT: what the journal holds comes from memory, the rest from the page, whose header
 * is read beside the data when it is not cached. While a read is on its way the page may change;
 * what is returned is what holds at the end, and data that then does not match its checksum is read
 * again before it is called bad. Where the device cannot read all of it, its blocks are read one by
 * one: what lies in the others is good.
 */
final class Reads implements StoreOp.Driver {
    private static final int RETRIES_MAX = 4;

    private static final int ABSENT = -1;
    private static final int HOME = -2;
    private static final int UNKNOWN = -3;
    private static final int LOST = -4;

    /** Token of a read of the span; one of a piece of it has the piece's number. */
    private static final long WHOLE = -1;

    /** What a device loses when it loses a sector, at most. */
    private static final int PIECE_BYTES = 4096;

    /** Every piece of {@link StoreOp#unreadable}. */
    private static final long ALL = -1;

    private final BlockFile file;
    private final Layout layout;
    private final Pages pages;
    private final PageIndex index;
    private final JournalEntries entries;
    private final HeaderCache headers;
    private final JournalRing ring;
    private final ReadBuffers buffers;
    private final Completions completions;
    private final StoreHealth health;
    private final StoreCounters counters;
    private final OpQueue waiting = new OpQueue();

    Reads(
            BlockFile file,
            Layout layout,
            Pages pages,
            HeaderCache headers,
            JournalRing ring,
            ReadBuffers buffers,
            Completions completions,
            StoreHealth health,
            StoreCounters counters) {
        this.file = file;
        this.layout = layout;
        this.pages = pages;
        this.index = pages.index;
        this.entries = pages.entries;
        this.headers = headers;
        this.ring = ring;
        this.buffers = buffers;
        this.completions = completions;
        this.health = health;
        this.counters = counters;
    }

    void submit(StoreOp op) {
        op.driver = this;
        if (!waiting.isEmpty() || !start(op)) {
            waiting.add(op);
        }
    }

    int poll() {
        int started = 0;
        for (StoreOp op = waiting.poll(); op != null; op = waiting.poll()) {
            if (!start(op)) {
                waiting.addFirst(op);
                break;
            }
            started++;
        }
        return started;
    }

    /** Returns false if it has to wait for a buffer or a header slot. */
    private boolean start(StoreOp op) {
        if (op.isFenced()) {
            counters.fenced++;
            completions.finish(op, IoStatus.FENCED, 0);
            return true;
        }
        op.pageId = index.find(op.key);
        if (op.pageId == PageIndex.NONE || op.vuid.deleting) {
            nothingKnown(op);
            return true;
        }
        if (index.fragmentShift(op.pageId) != op.fragmentShift) {
            completions.finish(op, IoStatus.INVALID, 0);
            return true;
        }
        op.page = index.page(op.pageId);
        op.homeChangesSeen = pages.homeChanges();
        return startIo(op);
    }

    private boolean startIo(StoreOp op) {
        int slot = headers.peek(op.pageId);
        int from = Integer.MAX_VALUE;
        int to = -1;
        boolean headerNeeded = false;
        for (int i = 0; i < op.count; i++) {
            int source = source(op, op.first + i, slot);
            if (source == HOME || source == UNKNOWN) {
                from = Math.min(from, op.first + i);
                to = op.first + i;
                headerNeeded |= source == UNKNOWN;
            }
        }
        if (to < 0) {
            op.state = StoreOp.State.READING;
            op.spanBytes = 0;
            finish(op);
            return true;
        }
        if (!takeSpan(op, from, to)) {
            return false;
        }
        op.iosInFlight = 1;
        op.unreadable = 0;
        int held = headers.acquire(op.pageId, op);
        if (held == HeaderCache.NO_SLOT) {
            op.iosInFlight = 0;
            completions.letGo(op);
            return false;
        }
        assert headerNeeded || held >= 0;
        op.state = StoreOp.State.READING;
        if (held == HeaderCache.WAIT) {
            op.iosInFlight++;
        } else {
            op.slot = held;
        }
        file.read(
                layout.dataOffset(op.page) + op.spanOffset,
                buffers.area(op.buffer).segment(),
                buffers.offset(op.buffer),
                op.spanBytes,
                op,
                WHOLE);
        return true;
    }

    private boolean takeSpan(StoreOp op, int from, int to) {
        int begin = from << op.fragmentShift;
        int end = to + 1 << op.fragmentShift;
        op.spanOffset = begin - begin % layout.blockBytes();
        op.spanBytes = (int) Layout.roundUp(end, layout.blockBytes()) - op.spanOffset;
        assert pieces(op) <= Long.SIZE : "a command asks for 32 fragments at most";
        op.buffer = buffers.take(op.spanBytes);
        return op.buffer != ReadBuffers.NONE;
    }

    /**
     * Where the fragment asked for is: an entry, ABSENT, HOME, UNKNOWN without the header, or LOST
     * if it may be in a page of which nobody can tell whose it is.
     */
    private int source(StoreOp op, int fragment, int slot) {
        long limit = op.request.op == FragmentOp.READ ? -1L : op.request.version;
        int pageId = op.pageId;
        int entry = entries.newestAt(pageId, fragment, limit);
        boolean replaced = entries.replacement(pageId, fragment) != JournalEntries.NONE;
        if (replaced || index.has(pageId, PageIndex.HOME_EMPTY)) {
            if (entry != JournalEntries.NONE) {
                return entry;
            }
            return !replaced && pages.isHomeLost(pageId) ? LOST : ABSENT;
        }
        if (entry != JournalEntries.NONE
                && Long.compareUnsigned(entries.version(entry), index.homeVersion(pageId)) > 0) {
            return entry;
        }
        if (slot < 0) {
            return UNKNOWN;
        }
        if (headers.isDamaged(slot, fragment)) {
            return entry == JournalEntries.NONE ? HOME : entry;
        }
        long home = headers.version(slot, fragment);
        boolean homeCounts = home != 0 && Long.compareUnsigned(home, limit) <= 0;
        if (entry != JournalEntries.NONE
                && (!homeCounts || Long.compareUnsigned(home, entries.version(entry)) <= 0)) {
            return entry;
        }
        if (!homeCounts) {
            return ABSENT;
        }
        return HOME;
    }

    @Override
    public void headerReady(StoreOp op, int slot) {
        op.slot = slot;
        ioDone(op);
    }

    @Override
    public void ioDone(StoreOp op, long token, int result) {
        boolean whole = token == WHOLE;
        if (result == (whole ? op.spanBytes : pieceBytes(op, token))) {
            nextPiece(op, token);
            return;
        }
        counters.readErrors++;
        if (whole && pieces(op) > 1 && !health.hasFailed()) {
            readPiece(op, 0);
        } else {
            op.unreadable |= whole ? ALL : 1L << token;
            nextPiece(op, token);
        }
    }

    /**
     * Of a span that cannot be read as a whole, what a device may have lost at once is read piece
     * by piece, one after the other: a device may take its time over each that it cannot read.
     */
    private void readPiece(StoreOp op, int piece) {
        int at = pieceStart(op, piece);
        file.read(
                layout.dataOffset(op.page) + op.spanOffset + at,
                buffers.area(op.buffer).segment(),
                (long) buffers.offset(op.buffer) + at,
                pieceBytes(op, piece),
                op,
                piece);
    }

    private void nextPiece(StoreOp op, long token) {
        if (token == WHOLE || token + 1 == pieces(op)) {
            ioDone(op);
        } else if (health.hasFailed()) {
            op.unreadable = ALL;
            ioDone(op);
        } else {
            readPiece(op, (int) token + 1);
        }
    }

    /** Pieces lie where those of the page do, so the first and the last may be shorter. */
    private static int pieces(StoreOp op) {
        return pieceOf(op, op.spanBytes - 1) + 1;
    }

    private static int pieceOf(StoreOp op, int at) {
        return (op.spanOffset + at) / PIECE_BYTES - op.spanOffset / PIECE_BYTES;
    }

    private static int pieceStart(StoreOp op, long piece) {
        int first = op.spanOffset - op.spanOffset % PIECE_BYTES;
        return Math.max(0, first + (int) piece * PIECE_BYTES - op.spanOffset);
    }

    private static int pieceBytes(StoreOp op, long piece) {
        return Math.min(op.spanBytes, pieceStart(op, piece + 1)) - pieceStart(op, piece);
    }

    private static boolean isUnreadable(StoreOp op, int at, int bytes) {
        long from = -1L << pieceOf(op, at);
        return (op.unreadable & from & ~(-2L << pieceOf(op, at + bytes - 1))) != 0;
    }

    private void ioDone(StoreOp op) {
        if (--op.iosInFlight == 0) {
            finish(op);
        }
    }

    private void finish(StoreOp op) {
        if (op.isFenced()) {
            counters.fenced++;
            completions.finish(op, IoStatus.FENCED, 0);
            return;
        }
        boolean samePage =
                index.isUsed(op.pageId)
                        && index.key(op.pageId) == op.key
                        && index.page(op.pageId) == op.page
                        && (op.slot < 0 || index.slot(op.pageId) == op.slot);
        if (!samePage || !copyOut(op)) {
            readAgain(op);
        }
    }

    private void readAgain(StoreOp op) {
        completions.letGo(op);
        op.state = StoreOp.State.WAITING;
        op.retries++;
        waiting.add(op);
    }

    /** False: it has to be read again. */
    private boolean copyOut(StoreOp op) {
        FragmentRequest request = op.request;
        int bytes = 1 << op.fragmentShift;
        int slot = op.slot >= 0 ? op.slot : headers.peek(op.pageId);
        request.directDone = 0;
        for (int i = 0; i < op.count; i++) {
            long target = request.bufferOffset + (long) i * FragmentFormat.stride(bytes);
            int source = source(op, op.first + i, slot);
            boolean good =
                    switch (source) {
                        case ABSENT -> {
                            putAbsent(request, target, bytes);
                            yield true;
                        }
                        case LOST -> {
                            putLost(request, target, bytes);
                            yield true;
                        }
                        case HOME -> op.slot >= 0 && copyHome(op, i, target, bytes);
                        case UNKNOWN -> false;
                        default -> {
                            copyEntry(request, i, source, target, bytes);
                            yield true;
                        }
                    };
            if (!good) {
                return false;
            }
        }
        completions.finish(op, IoStatus.OK, 0);
        return true;
    }

    private static void putAbsent(FragmentRequest request, long target, int bytes) {
        request.buffer.asSlice(target, bytes).fill((byte) 0);
        FragmentFormat.putMetadata(request.buffer, target + bytes, 0, 0, FragmentFormat.ABSENT);
    }

    private static void putLost(FragmentRequest request, long target, int bytes) {
        request.buffer.asSlice(target, bytes).fill((byte) 0);
        FragmentFormat.putMetadata(request.buffer, target + bytes, 0, 0, FragmentFormat.BAD);
    }

    private void copyEntry(FragmentRequest request, int i, int entry, long target, int bytes) {
        int flags = entries.flags(entry);
        int told = flags & (FragmentFormat.TOMBSTONE | FragmentFormat.ABSENT);
        long version = entries.version(entry);
        int crc = 0;
        if (told != 0) {
            request.buffer.asSlice(target, bytes).fill((byte) 0);
        } else {
            crc = entries.crc(entry);
            Area journal = ring.areaOf(entries.batch(entry));
            int location = ring.offsetOf(entries.batch(entry)) + entries.location(entry);
            if (journal.crc(location, bytes) != crc) {
                counters.crcErrors++;
                told = FragmentFormat.BAD;
            }
            copyData(journal, location, request, i, target, bytes, told == 0);
        }
        FragmentFormat.putMetadata(request.buffer, target + bytes, version, crc, told);
    }

    /** False: the data does not match, and the page has changed meanwhile. */
    private boolean copyHome(StoreOp op, int i, long target, int bytes) {
        FragmentRequest request = op.request;
        int fragment = op.first + i;
        if (headers.isTombstone(op.slot, fragment)) {
            request.buffer.asSlice(target, bytes).fill((byte) 0);
            FragmentFormat.putMetadata(
                    request.buffer,
                    target + bytes,
                    headers.version(op.slot, fragment),
                    0,
                    FragmentFormat.TOMBSTONE);
            return true;
        }
        int at = (fragment << op.fragmentShift) - op.spanOffset;
        if (at < 0 || at + bytes > op.spanBytes) {
            return false;
        }
        Area area = buffers.area(op.buffer);
        int offset = buffers.offset(op.buffer) + at;
        int crc = headers.crc(op.slot, fragment);
        boolean bad = headers.isDamaged(op.slot, fragment) || isUnreadable(op, at, bytes);
        if (!bad && area.crc(offset, bytes) != crc) {
            if (pages.homeChanges() != op.homeChangesSeen && op.retries < RETRIES_MAX) {
                return false;
            }
            bad = true;
        }
        if (bad) {
            counters.crcErrors++;
        }
        copyData(area, offset, request, i, target, bytes, !bad);
        FragmentFormat.putMetadata(
                request.buffer,
                target + bytes,
                headers.version(op.slot, fragment),
                crc,
                bad ? FragmentFormat.BAD : 0);
        return true;
    }

    /** What is good goes straight to where the submitter needs it, if it has said where. */
    private static void copyData(
            Area from,
            int offset,
            FragmentRequest request,
            int i,
            long target,
            int bytes,
            boolean good) {
        if (good && request.direct.byteSize() > 0) {
            long place = request.directOffset + (long) i * request.directStride;
            from.copyTo(offset, request.direct, place, bytes);
            request.directDone |= 1 << i;
        } else {
            from.copyTo(offset, request.buffer, target, bytes);
        }
    }

    private void nothingKnown(StoreOp op) {
        int bytes = 1 << op.fragmentShift;
        boolean lost = !op.vuid.deleting && pages.lost().mayHold(op.vuid);
        op.request.directDone = 0;
        for (int i = 0; i < op.count; i++) {
            long target = op.request.bufferOffset + (long) i * FragmentFormat.stride(bytes);
            if (lost) {
                putLost(op.request, target, bytes);
            } else {
                putAbsent(op.request, target, bytes);
            }
        }
        completions.finish(op, IoStatus.OK, 0);
    }
}
