package io.stria.clustermap;

import java.util.Collections;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Which slots the pages of a volume are placed on. While its chunks move from one list of slots to
 * another, pages below the cursor are where the new list has them, and the others where the old one
 * has them. The owner moves pages in order and proposes each step; so a take-over knows from the
 * map alone where every page is.
 *
 * @param from list of the pages at the cursor and above
 * @param to list of the pages below the cursor; the same as {@code from} when nothing moves
 * @param cursor first page that has not moved; 0 when nothing moves
 * @param since map epoch in which this movement began, or in which a slot that pages move to was
 *     marked behind meanwhile, see {@link #marked}; it tells the movement from all others; 0 when
 *     nothing moves, or may move yet, see {@link #isHeld}
 * @param missed slots that were behind when chunks moved to them, or that another device has taken:
 *     versions do not tell what they lack, so they are compared from the beginning before they are
 *     in sync
 */
public record Placing(
        SlotList from, SlotList to, long cursor, long since, SortedSet<Integer> missed) {
    /** Of a volume that is placed on whatever the map lists that it is put into. */
    public static final Placing AS_LISTED = settled(new SlotList(0, Collections.emptySortedSet()));

    public Placing {
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(to, "to");
        Checks.range("cursor", cursor, 0, Long.MAX_VALUE);
        missed = Collections.unmodifiableSortedSet(new TreeSet<>(missed));
        Checks.range("epoch of a movement", since, 0, Long.MAX_VALUE);
        if (from.equals(to) && (cursor != 0 || since != 0)) {
            throw new IllegalArgumentException(
                    "pages do not move, and yet %d of them have moved since epoch %d"
                            .formatted(cursor, since));
        }
        if (since == 0 && cursor != 0) {
            throw new IllegalArgumentException(
                    "pages may not move yet, and %d of them have".formatted(cursor));
        }
        for (int slot : missed) {
            if (!from.contains(slot) && !to.contains(slot)) {
                throw new IllegalArgumentException(
                        "slot " + slot + " missed chunks, and holds none");
            }
        }
    }

    public static Placing settled(SlotList list) {
        return new Placing(list, list, 0, 0, Collections.emptySortedSet());
    }

    public boolean isMoving() {
        return !from.equals(to);
    }

    /**
     * Nothing has moved, and nothing may: of the slots that pages would move to so many are behind
     * that a page could lose more than it can. No step that was proposed before is decided any
     * more.
     */
    public boolean isHeld() {
        return isMoving() && since == 0;
    }

    /** Whether pages are where the list that they move to has them. */
    public boolean hasMovedPages() {
        return cursor > 0;
    }

    /** The list that a page is placed on. */
    public SlotList of(long page) {
        return page < cursor ? to : from;
    }

    /** Whether any page may have a chunk on the slot. */
    public boolean uses(int slot) {
        return from.contains(slot) || to.contains(slot);
    }

    /**
     * Pages below the new cursor have moved, without chunks for these slots.
     *
     * @param newCursor the number of all pages when everything has arrived
     */
    public Placing moved(long newCursor, long pages, SortedSet<Integer> without) {
        SortedSet<Integer> lacking = new TreeSet<>(missed);
        lacking.addAll(without);
        if (newCursor < pages) {
            return new Placing(from, to, newCursor, since, lacking);
        }
        lacking.removeIf(slot -> !to.contains(slot));
        return new Placing(to, to, 0, 0, lacking);
    }

    /** The slot has been compared, and lacks nothing any more. */
    public Placing complete(int slot) {
        SortedSet<Integer> lacking = new TreeSet<>(missed);
        return lacking.remove(slot) ? new Placing(from, to, cursor, since, lacking) : this;
    }

    /** What the slot holds is not known: nothing that it says of itself is believed. */
    public Placing incomplete(int slot) {
        SortedSet<Integer> lacking = new TreeSet<>(missed);
        return lacking.add(slot) ? new Placing(from, to, cursor, since, lacking) : this;
    }

    /**
     * The slot, which was not behind, is from this map epoch on. What has been copied there for
     * steps that are not decided yet may be gone when it is in sync again, and no catch-up looks
     * for it: so these steps are of a movement that has ended, and are proposed anew.
     */
    public Placing marked(int slot, long epoch) {
        return isMoving() && to.contains(slot)
                ? new Placing(from, to, cursor, epoch, missed)
                : this;
    }

    /** Moves on to another list, from this map epoch on. */
    public Placing towards(SlotList list, long epoch) {
        if (isMoving()) {
            throw new IllegalStateException("pages move already");
        }
        return list.equals(to) ? this : new Placing(to, list, 0, epoch, missed);
    }

    /**
     * The movement, which has moved nothing, is held, or is not any more from this map epoch on.
     */
    public Placing held(boolean isToBe, long epoch) {
        checkThatNothingHasMoved();
        return isToBe == isHeld() ? this : new Placing(from, to, 0, isToBe ? 0 : epoch, missed);
    }

    /**
     * The movement, which has moved nothing, goes to another list; nothing moves if that is the old
     * one.
     */
    public Placing insteadTowards(SlotList list, long epoch) {
        checkThatNothingHasMoved();
        SortedSet<Integer> lacking = new TreeSet<>(missed);
        lacking.removeIf(slot -> !from.contains(slot) && !list.contains(slot));
        return new Placing(from, list, 0, list.equals(from) ? 0 : epoch, lacking);
    }

    private void checkThatNothingHasMoved() {
        if (!isMoving() || hasMovedPages()) {
            throw new IllegalStateException("of a movement " + cursor + " pages have moved");
        }
    }
}
