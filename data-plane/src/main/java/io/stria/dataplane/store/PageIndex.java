package io.stria.dataplane.store;

import io.stria.runtime.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * (VUID, LPA) to page, off heap. Each known page of an address space has an entry of 40 bytes with
 * an id that never moves; an open addressing table of ids (4 bytes each, three quarters full at
 * most) finds it by key. So an entry costs at most 46 bytes.
 *
 * <pre>
 *    0 key             8   VUID << 39 | LPA; -1: the id is free
 *    8 home version    8   newest version in the page's header, or above; -1: not known
 *   16 page            4   on the device; -1: none (only tombstones, in the journal)
 *   20 journal head    4   first of its {@link JournalEntries}
 *   24 last batch      4   of the newest journal record about it (low half of the sequence)
 *   28 header slot     4   in the {@link HeaderCache}; -1: not cached
 *   32 pending         4   commands at work on it: it must stay
 *   36 fragment shift  1
 *   37 flags           1
 *   38 header writes   2   what the header on the device says of how often it was written, see
 *                          {@link HeaderCache}; 0: not known
 * </pre>
 */
final class PageIndex {
    static final int NONE = -1;

    /** Nothing is stored at home: no header need be read. */
    static final int HOME_EMPTY = 1;

    /** No whole header was ever written durably: a sector that is not valid says "absent". */
    static final int UNWRITTEN = 2;

    /** Its header is being wiped: changes wait. */
    static final int FREEING = 4;

    /** In work by the present round of merging. */
    static final int MERGING = 8;

    /** Waits in the queue of pages that hold nothing any more. */
    static final int DEAD_QUEUED = 16;

    /** Some journal record names its page. */
    static final int NAMED = 32;

    private static final int ENTRY_BYTES = 40;
    private static final long FREE = -1;

    private final Arena arena;
    private MemorySegment entries;
    private MemorySegment slots;
    private int capacity;
    private int slotCount;
    private int highId;
    private int freeHead = NONE;
    private int count;

    PageIndex(Arena arena, int capacity) {
        this.arena = arena;
        this.capacity = capacity;
        this.slotCount = slotsFor(capacity);
        this.entries = Memory.within(arena, (long) capacity * ENTRY_BYTES);
        this.slots = emptySlots();
    }

    private static int slotsFor(int capacity) {
        return (int) Math.min(Integer.MAX_VALUE, capacity * 4L / 3 + 8);
    }

    private MemorySegment emptySlots() {
        MemorySegment empty = Memory.within(arena, slotCount * 4L);
        empty.fill((byte) -1);
        return empty;
    }

    /**
     * Recovery alone: the journal may name more keys without a page than there are at any one time.
     */
    void grow() {
        capacity = (int) Math.min(Integer.MAX_VALUE - 8, capacity + capacity / 4L + 1024);
        MemorySegment larger = Memory.within(arena, (long) capacity * ENTRY_BYTES);
        MemorySegment.copy(entries, 0, larger, 0, (long) highId * ENTRY_BYTES);
        entries = larger;
        slotCount = slotsFor(capacity);
        slots = emptySlots();
        for (int id = 0; id < highId; id++) {
            if (isUsed(id)) {
                putSlot(id);
            }
        }
    }

    static int entriesFor(int pages) {
        return (int) Math.min(Integer.MAX_VALUE - 8, pages + pages / 64L + 1024);
    }

    long bytes() {
        return entries.byteSize() + slots.byteSize();
    }

    int count() {
        return count;
    }

    /** Ids lie below this. */
    int highId() {
        return highId;
    }

    boolean isFull() {
        return count == capacity;
    }

    int find(long key) {
        for (int slot = slotOf(key); ; slot = next(slot)) {
            int id = slots.getAtIndex(ValueLayout.JAVA_INT, slot);
            if (id == NONE || key(id) == key) {
                return id;
            }
        }
    }

    /** The key must not be there, and the index not be full. */
    int add(long key, int fragmentShift) {
        assert !isFull() && key >= 0;
        int id = freeHead;
        if (id != NONE) {
            freeHead = getInt(id, 20);
        } else {
            id = highId++;
        }
        count++;
        putLong(id, 0, key);
        putLong(id, 8, 0);
        putInt(id, 16, NONE);
        putInt(id, 20, NONE);
        putInt(id, 24, 0);
        putInt(id, 28, NONE);
        putInt(id, 32, 0);
        putByte(id, 36, fragmentShift);
        putByte(id, 37, HOME_EMPTY | UNWRITTEN);
        headerWrites(id, 0);
        putSlot(id);
        return id;
    }

    private void putSlot(int id) {
        int slot = slotOf(key(id));
        while (slots.getAtIndex(ValueLayout.JAVA_INT, slot) != NONE) {
            slot = next(slot);
        }
        slots.setAtIndex(ValueLayout.JAVA_INT, slot, id);
    }

    void remove(int id) {
        assert pending(id) == 0 && journalHead(id) == NONE && slot(id) == NONE;
        int hole = slotOf(key(id));
        while (slots.getAtIndex(ValueLayout.JAVA_INT, hole) != id) {
            hole = next(hole);
        }
        closeHole(hole);
        putLong(id, 0, FREE);
        putInt(id, 20, freeHead);
        freeHead = id;
        count--;
    }

    /** Moves later entries of the run back, so that no search stops early. */
    private void closeHole(int hole) {
        int slot = hole;
        while (true) {
            slot = next(slot);
            int id = slots.getAtIndex(ValueLayout.JAVA_INT, slot);
            if (id == NONE) {
                break;
            }
            int wanted = slotOf(key(id));
            boolean stays =
                    hole <= slot
                            ? hole < wanted && wanted <= slot
                            : hole < wanted || wanted <= slot;
            if (!stays) {
                slots.setAtIndex(ValueLayout.JAVA_INT, hole, id);
                hole = slot;
            }
        }
        slots.setAtIndex(ValueLayout.JAVA_INT, hole, NONE);
    }

    boolean isUsed(int id) {
        return id < highId && key(id) != FREE;
    }

    long key(int id) {
        return entries.get(ValueLayout.JAVA_LONG, (long) id * ENTRY_BYTES);
    }

    long homeVersion(int id) {
        return entries.get(ValueLayout.JAVA_LONG, (long) id * ENTRY_BYTES + 8);
    }

    void homeVersion(int id, long version) {
        putLong(id, 8, version);
    }

    void raiseHomeVersion(int id, long version) {
        if (Long.compareUnsigned(version, homeVersion(id)) > 0) {
            homeVersion(id, version);
        }
    }

    int page(int id) {
        return getInt(id, 16);
    }

    /** Another page has another header. */
    void page(int id, int page) {
        putInt(id, 16, page);
        headerWrites(id, 0);
    }

    int journalHead(int id) {
        return getInt(id, 20);
    }

    void journalHead(int id, int entry) {
        putInt(id, 20, entry);
    }

    int lastBatch(int id) {
        return getInt(id, 24);
    }

    void lastBatch(int id, int sequence) {
        putInt(id, 24, sequence);
    }

    int slot(int id) {
        return getInt(id, 28);
    }

    void slot(int id, int slot) {
        putInt(id, 28, slot);
    }

    int pending(int id) {
        return getInt(id, 32);
    }

    void addPending(int id, int change) {
        int pending = pending(id) + change;
        assert pending >= 0;
        putInt(id, 32, pending);
    }

    int fragmentShift(int id) {
        return entries.get(ValueLayout.JAVA_BYTE, (long) id * ENTRY_BYTES + 36);
    }

    int headerWrites(int id) {
        return entries.get(ValueLayout.JAVA_SHORT, (long) id * ENTRY_BYTES + 38) & 0xffff;
    }

    void headerWrites(int id, int writes) {
        entries.set(ValueLayout.JAVA_SHORT, (long) id * ENTRY_BYTES + 38, (short) writes);
    }

    boolean has(int id, int flag) {
        return (flags(id) & flag) != 0;
    }

    void set(int id, int flag, boolean value) {
        putByte(id, 37, value ? flags(id) | flag : flags(id) & ~flag);
    }

    /**
     * A power cut has left a part of the page's first header. As long as the journal names the page
     * it says so; afterwards the rest would pass for damage.
     */
    boolean isTorn(int id) {
        return isUsed(id) && page(id) != NONE && has(id, UNWRITTEN) && !has(id, HOME_EMPTY);
    }

    private int flags(int id) {
        return entries.get(ValueLayout.JAVA_BYTE, (long) id * ENTRY_BYTES + 37) & 0xff;
    }

    private int slotOf(long key) {
        return (int) (((Hash.mix(key) >>> 32) * slotCount) >>> 32);
    }

    private int next(int slot) {
        return slot + 1 == slotCount ? 0 : slot + 1;
    }

    private int getInt(int id, int field) {
        return entries.get(ValueLayout.JAVA_INT, (long) id * ENTRY_BYTES + field);
    }

    private void putInt(int id, int field, int value) {
        entries.set(ValueLayout.JAVA_INT, (long) id * ENTRY_BYTES + field, value);
    }

    private void putLong(int id, int field, long value) {
        entries.set(ValueLayout.JAVA_LONG, (long) id * ENTRY_BYTES + field, value);
    }

    private void putByte(int id, int field, int value) {
        entries.set(ValueLayout.JAVA_BYTE, (long) id * ENTRY_BYTES + field, (byte) value);
    }
}
