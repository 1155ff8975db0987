package io.stria.dataplane.store;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.IoStatus;

/**
 * LIST, one at a time: looks for the next pages of the VUID that hold something above the version,
 * and lists these in order. Chunks that are asked for in groups are looked up in the index, else
 * all of it is looked through, a slice with each poll. Headers of the pages that come next are read
 * meanwhile.
 */
final class Lister implements StoreOp.Driver {
    private static final int IDS_AT_A_TIME = 32768;
    private static final int PAGES_AT_A_TIME = 512;
    private static final int HEADERS_AHEAD_MAX = 16;

    private final Layout layout;
    private final PageIndex index;
    private final JournalEntries entries;
    private final HeaderCache headers;
    private final Completions completions;
    private final OpQueue waiting = new OpQueue();
    private final KeyWindow window = new KeyWindow(PAGES_AT_A_TIME);
    private final ListedVersions versions = new ListedVersions();
    private final Ahead[] idleAhead;
    private int idleAheadCount;

    /** Keys of the window before it were asked for, or listed. */
    private int nextAhead;

    private int cursor;
    private long fromKey;
    private boolean scanning;
    private boolean loading;

    Lister(Layout layout, Pages pages, HeaderCache headers, Completions completions) {
        this.layout = layout;
        this.index = pages.index;
        this.entries = pages.entries;
        this.headers = headers;
        this.completions = completions;
        this.idleAhead = new Ahead[Math.clamp(headers.groups() / 8, 1, HEADERS_AHEAD_MAX)];
        for (int i = 0; i < idleAhead.length; i++) {
            idleAhead[idleAheadCount++] = new Ahead();
        }
    }

    /** It reads nothing for itself. */
    boolean isIdle() {
        return idleAheadCount == idleAhead.length;
    }

    void submit(StoreOp op) {
        op.driver = this;
        waiting.add(op);
        if (waiting.peek() == op) {
            begin(op);
        }
    }

    private void begin(StoreOp op) {
        op.state = StoreOp.State.SCANNING;
        scan(op.key);
    }

    private void scan(long key) {
        fromKey = key;
        cursor = 0;
        scanning = true;
        nextAhead = 0;
        window.clear();
    }

    int poll() {
        StoreOp op = waiting.peek();
        if (op == null || loading) {
            return 0;
        }
        if (op.isFenced()) {
            end(op, IoStatus.FENCED);
        } else if (scanning) {
            if (op.request.groups == 0) {
                scanSlice(op);
            } else {
                findGroups(op);
            }
        } else {
            return listPages(op) ? 1 : 0;
        }
        return 1;
    }

    private void scanSlice(StoreOp op) {
        int end = (int) Math.min(index.highId(), (long) cursor + IDS_AT_A_TIME);
        for (; cursor < end; cursor++) {
            if (index.isUsed(cursor)
                    && index.key(cursor) >>> DeviceAddress.VUID_SHIFT == op.vuid.vuid
                    && index.key(cursor) >= fromKey
                    && holdsAbove(cursor, op.request.version)) {
                window.offer(index.key(cursor));
            }
        }
        if (cursor >= index.highId()) {
            scanned();
        }
    }

    private void findGroups(StoreOp op) {
        int chunks = op.request.count;
        for (long rest = op.request.groups; rest != 0; rest &= rest - 1) {
            long first = op.key + (long) Long.numberOfTrailingZeros(rest) * chunks;
            for (long key = Math.max(first, fromKey); key < first + chunks; key++) {
                int pageId = index.find(key);
                if (pageId != PageIndex.NONE && holdsAbove(pageId, op.request.version)) {
                    window.offer(key);
                }
            }
        }
        scanned();
    }

    private void scanned() {
        scanning = false;
        window.sort();
    }

    private boolean holdsAbove(int pageId, long version) {
        if (isHomeAbove(pageId, version)) {
            return true;
        }
        for (int entry = index.journalHead(pageId);
                entry != JournalEntries.NONE;
                entry = entries.nextOfPage(entry)) {
            if (Long.compareUnsigned(entries.version(entry), version) > 0) {
                return true;
            }
        }
        return false;
    }

    private boolean isHomeAbove(int pageId, long version) {
        return !index.has(pageId, PageIndex.HOME_EMPTY)
                && Long.compareUnsigned(index.homeVersion(pageId), version) > 0;
    }

    /** False if there is no header slot for now. */
    private boolean listPages(StoreOp op) {
        while (!window.isEmpty()) {
            long key = window.peek();
            int pageId = index.find(key);
            readAhead(op.request.version);
            if (pageId != PageIndex.NONE) {
                if (isHomeAbove(pageId, op.request.version) && op.slot < 0 && !load(op, pageId)) {
                    return loading;
                }
                boolean whole = listPage(op, pageId);
                if (op.slot >= 0) {
                    headers.release(op.slot);
                    op.slot = HeaderCache.NO_SLOT;
                }
                if (!whole) {
                    op.result |= FragmentFormat.LIST_MORE;
                    end(op, IoStatus.OK);
                    return true;
                }
            }
            fromKey = key + 1;
            window.take();
        }
        if (window.hasOverflowed()) {
            scan(fromKey);
        } else {
            end(op, IoStatus.OK);
        }
        return true;
    }

    /** As far as others leave room for it. */
    private void readAhead(long version) {
        int end = Math.min(window.taken() + idleAhead.length, window.count());
        nextAhead = Math.max(nextAhead, window.taken() + 1);
        for (; nextAhead < end && idleAheadCount > 0; nextAhead++) {
            int pageId = index.find(window.at(nextAhead));
            if (pageId != PageIndex.NONE
                    && isHomeAbove(pageId, version)
                    && headers.peek(pageId) == HeaderCache.WAIT) {
                int slot = headers.acquire(pageId, idleAhead[idleAheadCount - 1]);
                if (slot == HeaderCache.NO_SLOT) {
                    return;
                }
                assert slot == HeaderCache.WAIT;
                idleAheadCount--;
            }
        }
    }

    /** A header that will be needed soon. */
    private final class Ahead extends HeaderWaiter {
        @Override
        void headerReady(int slot) {
            headers.release(slot);
            idleAhead[idleAheadCount++] = this;
        }
    }

    private boolean load(StoreOp op, int pageId) {
        int slot = headers.acquire(pageId, op);
        if (slot == HeaderCache.WAIT) {
            loading = true;
        } else if (slot != HeaderCache.NO_SLOT) {
            op.slot = slot;
            return true;
        }
        return false;
    }

    /** The page may have gone meanwhile: then it is looked up anew. */
    @Override
    public void headerReady(StoreOp op, int slot) {
        loading = false;
        int pageId = index.find(window.peek());
        if (pageId != PageIndex.NONE && index.slot(pageId) == slot) {
            op.slot = slot;
        } else {
            headers.release(slot);
        }
    }

    @Override
    public void ioDone(StoreOp op, long token, int result) {
        throw new AssertionError("LIST does no IO of its own");
    }

    /** False if the buffer is full. */
    private boolean listPage(StoreOp op, int pageId) {
        int shift = index.fragmentShift(pageId);
        int first = index.key(pageId) == op.key ? op.first : 0;
        for (int fragment = first; fragment < layout.fragments(shift); fragment++) {
            if (!listFragment(op, pageId, fragment, shift)) {
                return false;
            }
        }
        return true;
    }

    /** What of it does not fit is not listed at all, but for the first: that as far as it fits. */
    private boolean listFragment(StoreOp op, int pageId, int fragment, int shift) {
        collect(op, pageId, fragment);
        long room = op.request.bufferBytes / FragmentFormat.LIST_ENTRY_BYTES - op.result;
        boolean fits = versions.count() <= room;
        if (!fits && op.result > 0) {
            return false;
        }
        for (int i = 0; i < Math.min(versions.count(), room); i++) {
            FragmentFormat.putListEntry(
                    op.request.buffer,
                    op.request.bufferOffset + op.result * FragmentFormat.LIST_ENTRY_BYTES,
                    address(pageId, fragment, shift),
                    versions.version(i),
                    versions.isTombstone(i) ? FragmentFormat.TOMBSTONE : 0);
            op.result++;
        }
        return fits;
    }

    private void collect(StoreOp op, int pageId, int fragment) {
        long above = op.request.version;
        long home = homeVersion(op, pageId, fragment);
        versions.clear();
        for (int entry = entries.first(pageId, fragment);
                entry != JournalEntries.NONE;
                entry = entries.next(entry)) {
            long version = entries.version(entry);
            if (version == home) {
                home = 0; // it is on its way there
            }
            if (Long.compareUnsigned(version, above) > 0) {
                versions.add(version, entries.has(entry, FragmentFormat.TOMBSTONE));
            }
        }
        if (Long.compareUnsigned(home, above) > 0) {
            versions.add(home, headers.isTombstone(op.slot, fragment));
        }
        versions.sort();
    }

    private long address(int pageId, int fragment, int shift) {
        long key = index.key(pageId);
        long lpa = key & DeviceAddress.VLBA_MASK;
        return DeviceAddress.of(
                (int) (key >>> DeviceAddress.VUID_SHIFT),
                (lpa << layout.pageShift()) + ((long) fragment << shift - 9));
    }

    /** 0 when there is none that counts. */
    private long homeVersion(StoreOp op, int pageId, int fragment) {
        if (op.slot < 0
                || headers.isDamaged(op.slot, fragment)
                || entries.replacement(pageId, fragment) != JournalEntries.NONE) {
            return 0;
        }
        return headers.version(op.slot, fragment);
    }

    private void end(StoreOp op, IoStatus status) {
        waiting.poll();
        completions.finish(op, status, status == IoStatus.OK ? op.result : 0);
        StoreOp next = waiting.peek();
        if (next != null) {
            begin(next);
        }
    }
}
