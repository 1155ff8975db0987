package io.stria.dataplane.store;

import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/**
 * Where the journal's oldest batches go when the ring is full of versions that must stay (design
 * section 4: a stuck write does not fill it). A shadow takes whole batches, byte by byte, in order
 * and without a gap, so that ring and shadows together are one journal: recovery replays it from
 * its tail, and a shadow is free as soon as the recorded tail has passed its last batch. What a
 * shadow held before has lower sequences and is never taken for a part of that journal.
 *
 * <p>The memory of a shadow is made when it is used first, and kept.
 */
final class Shadows {
    static final int NONE = -1;

    private final Arena arena;
    private final int bytes;
    private final @Nullable Area[] areas;
    private final long[] lastSequences;
    private int used;

    Shadows(Arena arena, Layout layout) {
        this.arena = arena;
        this.bytes = layout.shadowBytes();
        this.areas = new @Nullable Area[layout.shadows()];
        this.lastSequences = new long[layout.shadows()];
    }

    int count() {
        return areas.length;
    }

    int used() {
        return used;
    }

    int bytes() {
        return bytes;
    }

    Area area(int shadow) {
        Area area = areas[shadow];
        if (area == null) {
            area = new Area(arena, bytes);
            areas[shadow] = area;
        }
        return area;
    }

    long memoryBytes() {
        long sum = 0;
        for (Area area : areas) {
            sum += area == null ? 0 : bytes;
        }
        return sum;
    }

    /** A free one, or NONE. */
    int find() {
        for (int shadow = 0; shadow < lastSequences.length; shadow++) {
            if (lastSequences[shadow] == 0) {
                return shadow;
            }
        }
        return NONE;
    }

    /** It is needed until the recorded tail has passed this batch. */
    void take(int shadow, long lastSequence) {
        assert lastSequences[shadow] == 0;
        lastSequences[shadow] = lastSequence;
        used++;
    }

    void release(long recordedTail) {
        if (used == 0) {
            return;
        }
        for (int shadow = 0; shadow < lastSequences.length; shadow++) {
            if (lastSequences[shadow] != 0 && lastSequences[shadow] < recordedTail) {
                lastSequences[shadow] = 0;
                used--;
            }
        }
    }
}
