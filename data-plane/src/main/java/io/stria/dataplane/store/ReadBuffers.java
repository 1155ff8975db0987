package io.stria.dataplane.store;

import java.lang.foreign.Arena;

/** Aligned buffers for data on its way from and to pages: many small ones, and some of a chunk. */
final class ReadBuffers {
    static final int NONE = -1;
    static final int SMALL_BYTES = 8192;

    private final Area small;
    private final Area large;
    private final int largeBytes;
    private final int[] freeSmall;
    private final int[] freeLarge;
    private int freeSmallCount;
    private int freeLargeCount;

    ReadBuffers(Arena arena, int chunkBytes, int smallCount, int largeCount) {
        this.small = new Area(arena, (long) smallCount * SMALL_BYTES);
        this.large = new Area(arena, (long) largeCount * chunkBytes);
        this.largeBytes = chunkBytes;
        this.freeSmall = new int[smallCount];
        this.freeLarge = new int[largeCount];
        for (int i = 0; i < smallCount; i++) {
            freeSmall[freeSmallCount++] = i;
        }
        for (int i = 0; i < largeCount; i++) {
            freeLarge[freeLargeCount++] = smallCount + i;
        }
    }

    int take(int bytes) {
        if (bytes <= SMALL_BYTES && freeSmallCount > 0) {
            return freeSmall[--freeSmallCount];
        }
        return freeLargeCount > 0 && bytes > SMALL_BYTES ? freeLarge[--freeLargeCount] : NONE;
    }

    /** Leaves one large buffer for reads, so that these are never stuck behind writes. */
    int takeForWrite() {
        return freeLargeCount > 1 ? freeLarge[--freeLargeCount] : NONE;
    }

    void giveBack(int buffer) {
        if (buffer < freeSmall.length) {
            freeSmall[freeSmallCount++] = buffer;
        } else {
            freeLarge[freeLargeCount++] = buffer;
        }
    }

    Area area(int buffer) {
        return buffer < freeSmall.length ? small : large;
    }

    int offset(int buffer) {
        return buffer < freeSmall.length
                ? buffer * SMALL_BYTES
                : (buffer - freeSmall.length) * largeBytes;
    }
}
