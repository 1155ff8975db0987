package io.stria.dataplane.store;

import io.stria.runtime.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Every fragment version that lives in the journal only, off heap: found by (page id, fragment)
 * through a hash table with chains, and by page through a list whose head stands in the {@link
 * PageIndex}.
 *
 * <pre>
 *    0 page id     4
 *    4 fragment    2
 *    6 flags       2
 *    8 version     8
 *   16 CRC32C      4
 *   20 location    4   of the data, from where its batch begins
 *   24 batch       4   that holds it (low half of the sequence); pinned there once
 *   28 next        4   in the chain of the hash table, or of free entries
 *   32 previous    4   of the same page
 *   36 next        4   of the same page
 * </pre>
 */
final class JournalEntries {
    static final int NONE = -1;

    /** The low flags are those of {@code FragmentFormat}: TOMBSTONE, ABSENT, BAD. */
    static final int REPLACED = 8;

    /** On its way home in the present round of merging. */
    static final int MERGING = 16;

    /** A copy of it is on its way to the head of the journal. */
    static final int COPYING = 32;

    private static final int BYTES = 40;

    /** So far a chain is walked along before a shorter way is looked for. */
    private static final int STEPS_IN_CHAIN = 16;

    /** Fragments of one page that are written together come one after the other. */
    private static final int STEPS_BACK = 64;

    private final PageIndex index;
    private final Arena arena;
    private final MemorySegment heads;
    private MemorySegment entries;
    private int capacity;
    private final int headMask;
    private int highId;
    private int freeHead = NONE;
    private int count;
    private int replacements;
    private long added;

    JournalEntries(Arena arena, PageIndex index, int capacity) {
        this.arena = arena;
        this.index = index;
        this.capacity = capacity;
        int headCount = headsFor(capacity);
        this.headMask = headCount - 1;
        this.entries = Memory.within(arena, (long) capacity * BYTES);
        this.heads = Memory.within(arena, headCount * 4L);
        heads.fill((byte) -1);
    }

    static long bytesFor(int capacity) {
        return (long) capacity * BYTES + 4L * headsFor(capacity);
    }

    /** A fraction: few of the entries are in use at a time, and the heads should stay in caches. */
    private static int headsFor(int capacity) {
        return Integer.highestOneBit(Math.max(16, capacity / 4) * 2 - 1);
    }

    int count() {
        return count;
    }

    /** How many have {@link #REPLACED}. */
    int replacements() {
        return replacements;
    }

    /** How many were ever added. */
    long added() {
        return added;
    }

    int capacity() {
        return capacity;
    }

    /** Recovery alone: makes room for twice as many. */
    void grow() {
        MemorySegment larger = Memory.within(arena, 2L * capacity * BYTES);
        MemorySegment.copy(entries, 0, larger, 0, entries.byteSize());
        entries = larger;
        capacity *= 2;
    }

    /**
     * First version of a fragment, in no order; {@link #next} goes on. Most pages have nothing in
     * the journal, which their index entry tells without a look at the large table.
     */
    int first(int pageId, int fragment) {
        if (index.journalHead(pageId) == NONE) {
            return NONE;
        }
        return match(
                heads.getAtIndex(ValueLayout.JAVA_INT, bucket(pageId, fragment)), pageId, fragment);
    }

    int next(int entry) {
        return match(getInt(entry, 28), pageId(entry), fragment(entry));
    }

    private int match(int entry, int pageId, int fragment) {
        while (entry != NONE && (pageId(entry) != pageId || fragment(entry) != fragment)) {
            entry = getInt(entry, 28);
        }
        return entry;
    }

    int find(int pageId, int fragment, long version) {
        int entry = first(pageId, fragment);
        while (entry != NONE && version(entry) != version) {
            entry = next(entry);
        }
        return entry;
    }

    /** Newest version at or below a limit. */
    int newestAt(int pageId, int fragment, long limit) {
        int newest = NONE;
        for (int entry = first(pageId, fragment); entry != NONE; entry = next(entry)) {
            if (Long.compareUnsigned(version(entry), limit) <= 0
                    && (newest == NONE
                            || Long.compareUnsigned(version(entry), version(newest)) > 0)) {
                newest = entry;
            }
        }
        return newest;
    }

    /** The entry that replaced everything before it, what is at home included. */
    int replacement(int pageId, int fragment) {
        int entry = first(pageId, fragment);
        while (entry != NONE && !has(entry, REPLACED)) {
            entry = next(entry);
        }
        return entry;
    }

    int add(int pageId, int fragment, int flags, long version, int crc, int location, int batch) {
        assert count < capacity : "entries were not reserved";
        int entry = freeHead;
        if (entry != NONE) {
            freeHead = getInt(entry, 28);
        } else {
            entry = highId++;
        }
        count++;
        added++;
        replacements += isReplacement(flags);
        putInt(entry, 0, pageId);
        putShort(entry, 4, fragment);
        putShort(entry, 6, flags);
        entries.set(ValueLayout.JAVA_LONG, (long) entry * BYTES + 8, version);
        putInt(entry, 16, crc);
        putInt(entry, 20, location);
        putInt(entry, 24, batch);
        int bucket = bucket(pageId, fragment);
        putInt(entry, 28, heads.getAtIndex(ValueLayout.JAVA_INT, bucket));
        heads.setAtIndex(ValueLayout.JAVA_INT, bucket, entry);
        int pageHead = index.journalHead(pageId);
        putInt(entry, 32, NONE);
        putInt(entry, 36, pageHead);
        if (pageHead != NONE) {
            putInt(pageHead, 32, entry);
        }
        index.journalHead(pageId, entry);
        return entry;
    }

    void remove(int entry) {
        takeFromChain(entry);
        int previous = getInt(entry, 32);
        int next = getInt(entry, 36);
        if (previous == NONE) {
            index.journalHead(pageId(entry), next);
        } else {
            putInt(previous, 36, next);
        }
        if (next != NONE) {
            putInt(next, 32, previous);
        }
        replacements -= isReplacement(flags(entry));
        putInt(entry, 0, NONE);
        putInt(entry, 28, freeHead);
        freeHead = entry;
        count--;
    }

    private void takeFromChain(int entry) {
        int bucket = bucket(pageId(entry), fragment(entry));
        int before = heads.getAtIndex(ValueLayout.JAVA_INT, bucket);
        if (before == entry) {
            heads.setAtIndex(ValueLayout.JAVA_INT, bucket, getInt(entry, 28));
            return;
        }
        for (int steps = 1; getInt(before, 28) != entry; steps++) {
            before = steps == STEPS_IN_CHAIN ? closeBefore(entry, before) : getInt(before, 28);
        }
        putInt(before, 28, getInt(entry, 28));
    }

    /**
     * A fragment may have thousands of versions that stay, before those that go. Its chain and the
     * list of its page have them in one order, that in which they came; and the list leads back.
     *
     * @param from where the walk along the chain has come to, and goes on if there is none close by
     */
    private int closeBefore(int entry, int from) {
        int before = getInt(entry, 32);
        for (int i = 0; i < STEPS_BACK && before != NONE; i++) {
            if (fragment(before) == fragment(entry)) {
                return before;
            }
            before = getInt(before, 32);
        }
        return getInt(from, 28);
    }

    /** The newest of the page, which {@link #nextOfPage} goes on from. */
    int headOf(int pageId) {
        return index.journalHead(pageId);
    }

    int nextOfPage(int entry) {
        return getInt(entry, 36);
    }

    int pageId(int entry) {
        return getInt(entry, 0);
    }

    int fragment(int entry) {
        return entries.get(ValueLayout.JAVA_SHORT, (long) entry * BYTES + 4) & 0xffff;
    }

    int flags(int entry) {
        return entries.get(ValueLayout.JAVA_SHORT, (long) entry * BYTES + 6) & 0xffff;
    }

    boolean has(int entry, int flag) {
        return (flags(entry) & flag) != 0;
    }

    void set(int entry, int flag) {
        putShort(entry, 6, flags(entry) | flag);
    }

    void clear(int entry, int flag) {
        replacements -= isReplacement(flags(entry) & flag);
        putShort(entry, 6, flags(entry) & ~flag);
    }

    long version(int entry) {
        return entries.get(ValueLayout.JAVA_LONG, (long) entry * BYTES + 8);
    }

    int crc(int entry) {
        return getInt(entry, 16);
    }

    int location(int entry) {
        return getInt(entry, 20);
    }

    int batch(int entry) {
        return getInt(entry, 24);
    }

    void move(int entry, int location, int batch) {
        putInt(entry, 20, location);
        putInt(entry, 24, batch);
    }

    private int bucket(int pageId, int fragment) {
        return (int) Hash.mix((long) pageId << 16 | fragment) & headMask;
    }

    private static int isReplacement(int flags) {
        return (flags & REPLACED) == 0 ? 0 : 1;
    }

    private int getInt(int entry, int field) {
        return entries.get(ValueLayout.JAVA_INT, (long) entry * BYTES + field);
    }

    private void putInt(int entry, int field, int value) {
        entries.set(ValueLayout.JAVA_INT, (long) entry * BYTES + field, value);
    }

    private void putShort(int entry, int field, int value) {
        entries.set(ValueLayout.JAVA_SHORT, (long) entry * BYTES + field, (short) value);
    }
}
