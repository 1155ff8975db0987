package io.stria.dataplane.store;

import io.stria.runtime.BlockFile;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/**
 * Page headers in memory, within a bound. A header takes as many slots as it has device blocks,
 * side by side, and is called by the first of them. It is held by those who work with it, and it is
 * <em>dirty</em> while it knows more than the device does: then it pins the oldest batch that the
 * device's header lacks, and stays. Others are evicted by a clock hand.
 *
 * <p>A <em>group</em> of slots takes one header of the largest kind. As long as some group has
 * nothing that is held or dirty, there is room for any header: so groups are what counts when it is
 * asked how much is dirty.
 *
 * <p>A header that leaves the memory is on the device as it was here. The index remembers how often
 * its sectors had been written then, so that an older one, left by a device that lost or
 * misdirected a write, is found out when it is read again. After a restart nobody knows.
 */
final class HeaderCache implements BlockFile.Completion {
    static final int WAIT = -1;
    static final int NO_SLOT = -2;

    private static final int NO_PAGE = -1;
    private static final int UNKNOWN_WRITES = 0;
    private static final long CLEAN = 0;

    private enum State {
        EMPTY,
        LOADING,
        READY
    }

    private final BlockFile file;
    private final Layout layout;
    private final long formatId;
    private final PageIndex index;
    private final LostPages lost;
    private final JournalRing ring;
    private final StoreCounters counters;
    private final Area memory;
    private final int slotBytes;
    private final int slotsPerGroup;
    private final State[] states;

    /** Slots that the header takes which begins here; 0 where none does. */
    private final int[] sizes;

    private final int[] pageIds;
    private final int[] holds;
    private final boolean[] referenced;
    private final long[] dirtyBatch;

    /** A word for each slot: a header has at most 64 sectors for each of its own. */
    private final long[] dirtySectors;

    private final @Nullable HeaderWaiter[] waiters;

    /** The device may have another header than this: it could not be read, or not be written. */
    private final boolean[] unsure;

    private final int[] dirtyInGroup;
    private int hand;
    private int dirtyCount;
    private int dirtyGroups;
    private long releases;

    /**
     * @param groups headers of the largest kind for which there is room
     */
    HeaderCache(
            Arena arena,
            BlockFile file,
            Layout layout,
            long formatId,
            PageIndex index,
            LostPages lost,
            JournalRing ring,
            StoreCounters counters,
            int groups) {
        this.file = file;
        this.layout = layout;
        this.formatId = formatId;
        this.index = index;
        this.lost = lost;
        this.ring = ring;
        this.counters = counters;
        this.slotBytes = layout.headerUnitBytes();
        this.slotsPerGroup = layout.headerBytes() / slotBytes;
        int slots = groups * slotsPerGroup;
        this.memory = new Area(arena, (long) slots * slotBytes);
        this.sizes = new int[slots];
        this.dirtyInGroup = new int[groups];
        this.states = new State[slots];
        java.util.Arrays.fill(states, State.EMPTY);
        this.pageIds = new int[slots];
        java.util.Arrays.fill(pageIds, NO_PAGE);
        this.holds = new int[slots];
        this.referenced = new boolean[slots];
        this.dirtyBatch = new long[slots];
        this.dirtySectors = new long[slots];
        this.unsure = new boolean[slots];
        this.waiters = new @Nullable HeaderWaiter[slots];
    }

    Area memory() {
        return memory;
    }

    int offset(int slot) {
        return slot * slotBytes;
    }

    int groups() {
        return dirtyInGroup.length;
    }

    /** Groups with a dirty header in them. */
    int dirtyGroups() {
        return dirtyGroups;
    }

    int dirtyCount() {
        return dirtyCount;
    }

    /** As long as this is the same, nothing that was held has come free. */
    long releases() {
        return releases;
    }

    /** The slot of a header in memory, not held; or {@link #WAIT} when it is not there. */
    int peek(int pageId) {
        int slot = index.slot(pageId);
        if (slot == PageIndex.NONE || states[slot] != State.READY) {
            return WAIT;
        }
        referenced[slot] = true;
        return slot;
    }

    /**
     * Holds the header of a page that has one. Returns its slot; or {@link #WAIT}: the waiter will
     * be called; or {@link #NO_SLOT}: all are held or dirty, try later.
     */
    int acquire(int pageId, HeaderWaiter waiter) {
        assert index.page(pageId) != PageIndex.NONE;
        int slot = index.slot(pageId);
        if (slot == PageIndex.NONE) {
            int size = layout.usedHeaderBytes(index.fragmentShift(pageId)) / slotBytes;
            slot = evict(size);
            if (slot == NO_SLOT) {
                return NO_SLOT;
            }
            sizes[slot] = size;
            pageIds[slot] = pageId;
            index.slot(pageId, slot);
            if (index.has(pageId, PageIndex.HOME_EMPTY)) {
                fresh(slot);
            } else {
                load(slot);
            }
        }
        holds[slot]++;
        referenced[slot] = true;
        if (states[slot] == State.READY) {
            return slot;
        }
        waiter.nextWaiter = waiters[slot];
        waiters[slot] = waiter;
        return WAIT;
    }

    void release(int slot) {
        holds[slot]--;
        releases++;
        assert holds[slot] >= 0;
        if (holds[slot] == 0 && pageIds[slot] == NO_PAGE) {
            free(slot);
        }
    }

    private void free(int slot) {
        states[slot] = State.EMPTY;
        sizes[slot] = 0;
        unsure[slot] = false;
    }

    /** The first of so many slots side by side, a power of two, whose headers may go. */
    private int evict(int size) {
        for (int i = 0; i < 2 * states.length; i += size) {
            int slot = hand & -size;
            hand = slot + size == states.length ? 0 : slot + size;
            if (evicted(slot, size)) {
                return slot;
            }
        }
        return NO_SLOT;
    }

    private boolean evicted(int slot, int size) {
        for (int larger = 2 * size; larger <= slotsPerGroup; larger *= 2) {
            int before = slot & -larger;
            if (sizes[before] >= larger) {
                return evicted(before);
            }
        }
        boolean all = true;
        for (int i = slot; i < slot + size; i++) {
            all &= sizes[i] == 0 || evicted(i);
        }
        return all;
    }

    private boolean evicted(int slot) {
        if (holds[slot] > 0 || dirtyBatch[slot] != CLEAN || states[slot] == State.LOADING) {
            return false;
        }
        if (referenced[slot]) {
            referenced[slot] = false;
            return false;
        }
        int pageId = pageIds[slot];
        if (pageId != NO_PAGE) {
            boolean awaitsWrite = forgetSectors(slot);
            if (unsure[slot]) {
                index.headerWrites(pageId, UNKNOWN_WRITES);
            } else if (!awaitsWrite) {
                index.headerWrites(pageId, writes(slot));
            }
            index.slot(pageId, PageIndex.NONE);
            pageIds[slot] = NO_PAGE;
        }
        free(slot);
        return true;
    }

    /** Returns whether any was to be written with the next of the header. */
    private boolean forgetSectors(int slot) {
        long any = 0;
        for (int word = slot; word < slot + sizes[slot]; word++) {
            any |= dirtySectors[word];
            dirtySectors[word] = 0;
        }
        return any != 0;
    }

    private void fresh(int slot) {
        int pageId = pageIds[slot];
        int sectors = layout.sectors(index.fragmentShift(pageId));
        for (int sector = 0; sector < sectors; sector++) {
            clearSector(slot, sector);
            if (lost.mayHold(index.key(pageId))) {
                PageHeader.markSuspect(memory, sectorOffset(slot, sector));
            }
        }
        states[slot] = State.READY;
    }

    private void clearSector(int slot, int sector) {
        int pageId = pageIds[slot];
        PageHeader.clear(
                memory,
                sectorOffset(slot, sector),
                formatId,
                index.key(pageId),
                index.page(pageId),
                sector,
                index.fragmentShift(pageId));
    }

    private int sectorOffset(int slot, int sector) {
        return offset(slot) + sector * PageHeader.SECTOR_BYTES;
    }

    private void load(int slot) {
        int pageId = pageIds[slot];
        states[slot] = State.LOADING;
        counters.headerReads++;
        file.read(
                layout.headerOffset(index.page(pageId)),
                memory.segment(),
                offset(slot),
                layout.usedHeaderBytes(index.fragmentShift(pageId)),
                this,
                slot);
    }

    @Override
    public void complete(long token, int result) {
        int slot = (int) token;
        states[slot] = State.READY;
        if (pageIds[slot] != NO_PAGE) {
            accept(slot, result > 0);
        }
        HeaderWaiter waiter = waiters[slot];
        waiters[slot] = null;
        while (waiter != null) {
            HeaderWaiter next = waiter.nextWaiter;
            waiter.nextWaiter = null;
            waiter.headerReady(slot);
            waiter = next;
        }
    }

    /**
     * A sector that is not valid is damage, unless it is blank and the header was never written
     * whole. If lost pages may hold what was there before, a blank one does not say "absent", but
     * only as long as there are any.
     */
    private void accept(int slot, boolean readable) {
        int pageId = pageIds[slot];
        int sectors = layout.sectors(index.fragmentShift(pageId));
        boolean mayBeBlank = index.has(pageId, PageIndex.UNWRITTEN);
        boolean damaged = false;
        for (int sector = 0; sector < sectors; sector++) {
            int at = sectorOffset(slot, sector);
            boolean valid =
                    readable
                            && PageHeader.isValid(memory, at, formatId, index.page(pageId), sector)
                            && PageHeader.key(memory, at) == index.key(pageId);
            if (!valid) {
                boolean absent = readable && mayBeBlank && PageHeader.isZero(memory, at);
                clearSector(slot, sector);
                if (!absent) {
                    PageHeader.markDamaged(memory, at);
                    counters.damagedSectors++;
                    damaged = true;
                } else if (lost.mayHold(index.key(pageId))) {
                    PageHeader.markSuspect(memory, at);
                }
            }
        }
        int known = index.headerWrites(pageId);
        unsure[slot] |= damaged;
        if (known != UNKNOWN_WRITES && !damaged && writes(slot) != known) {
            damageAll(slot, sectors);
        }
        index.homeVersion(pageId, newestVersion(slot, sectors));
    }

    /**
     * Some sector is older than it should be, and nobody can say which. When the header is written
     * for the next time, all of them are, so that this is known after a restart as well.
     */
    private void damageAll(int slot, int sectors) {
        for (int sector = 0; sector < sectors; sector++) {
            clearSector(slot, sector);
            PageHeader.markDamaged(memory, sectorOffset(slot, sector));
            dirtySectors[slot + (sector >> 6)] |= 1L << sector;
        }
        counters.damagedSectors += sectors;
    }

    /** Of all sectors of a header that is as it is on the device; never {@link #UNKNOWN_WRITES}. */
    private int writes(int slot) {
        int sectors = layout.sectors(index.fragmentShift(pageIds[slot]));
        long sum = 0;
        for (int sector = 0; sector < sectors; sector++) {
            sum += PageHeader.writeCount(memory, sectorOffset(slot, sector));
        }
        return 1 + (int) Long.remainderUnsigned(sum, 0xffff);
    }

    private long newestVersion(int slot, int sectors) {
        long newest = 0;
        for (int i = 0; i < sectors * PageHeader.FRAGMENTS_PER_SECTOR; i++) {
            long version = PageHeader.version(memory, offset(slot), i);
            if (Long.compareUnsigned(version, newest) > 0) {
                newest = version;
            }
        }
        return newest;
    }

    long version(int slot, int fragment) {
        return PageHeader.version(memory, offset(slot), fragment);
    }

    int crc(int slot, int fragment) {
        return PageHeader.crc(memory, offset(slot), fragment);
    }

    boolean isTombstone(int slot, int fragment) {
        return PageHeader.isTombstone(memory, offset(slot), fragment);
    }

    /** Nothing is known of it, but that there may have been something. */
    boolean isDamaged(int slot, int fragment) {
        return PageHeader.isDamaged(memory, offset(slot), fragment)
                || (PageHeader.isSuspect(memory, offset(slot), fragment)
                        && lost.mayHold(PageHeader.key(memory, offset(slot))));
    }

    /** Whether there is data at home. */
    boolean hasData(int slot, int fragment) {
        return isDamaged(slot, fragment)
                || (version(slot, fragment) != 0 && !isTombstone(slot, fragment));
    }

    /** Changes a fragment's metadata and marks its sector; who calls it sees to the pin. */
    void set(int slot, int fragment, long version, int crc, boolean tombstone) {
        PageHeader.set(memory, offset(slot), fragment, version, crc, tombstone);
        int sector = fragment / PageHeader.FRAGMENTS_PER_SECTOR;
        dirtySectors[slot + (sector >> 6)] |= 1L << sector;
        index.raiseHomeVersion(pageIds[slot], version);
        index.set(pageIds[slot], PageIndex.HOME_EMPTY, false);
    }

    /** The device's header lacks what this batch says; older batches pinned by the slot stay so. */
    void pinDirty(int slot, long batch) {
        if (dirtyBatch[slot] == CLEAN) {
            dirtyBatch[slot] = batch;
            ring.pin((int) batch);
            dirtyCount++;
            if (dirtyInGroup[slot / slotsPerGroup]++ == 0) {
                dirtyGroups++;
            }
        }
    }

    boolean isDirty(int slot) {
        return dirtyBatch[slot] != CLEAN;
    }

    boolean isSectorDirty(int slot, int sector) {
        return (dirtySectors[slot + (sector >> 6)] >>> sector & 1) != 0;
    }

    /**
     * The sectors are about to be written: the slot is clean. Returns the batch to unpin when they
     * are durable, or 0.
     */
    long takeDirty(int slot) {
        java.util.Arrays.fill(dirtySectors, slot, slot + sizes[slot], 0L);
        long batch = dirtyBatch[slot];
        if (batch != CLEAN) {
            dirtyCount--;
            dirtyBatch[slot] = CLEAN;
            if (--dirtyInGroup[slot / slotsPerGroup] == 0) {
                dirtyGroups--;
            }
        }
        return batch;
    }

    /** A write of the header has failed, or is not durable. */
    void unsure(int slot) {
        unsure[slot] = true;
    }

    /** The page is gone. Whoever holds the slot lets go in time. */
    void drop(int pageId) {
        int slot = index.slot(pageId);
        if (slot == PageIndex.NONE) {
            return;
        }
        long batch = takeDirty(slot);
        if (batch != CLEAN) {
            ring.unpin((int) batch);
        }
        index.slot(pageId, PageIndex.NONE);
        pageIds[slot] = NO_PAGE;
        referenced[slot] = false;
        if (holds[slot] == 0 && states[slot] == State.READY) {
            free(slot);
        }
    }
}
