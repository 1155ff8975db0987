package io.stria.dataplane.store;

import java.util.Arrays;

/** Versions of one fragment in their order, and which of them are tombstones. Reused. */
final class ListedVersions {
    /** In order as signed numbers: with the highest bit the other way round. */
    private long[] versions = new long[16];

    private long[] tombstones = new long[16];
    private int count;
    private int tombstoneCount;
    private int nextTombstone;

    void clear() {
        count = 0;
        tombstoneCount = 0;
        nextTombstone = 0;
    }

    void add(long version, boolean tombstone) {
        versions = withRoom(versions, count);
        versions[count++] = version ^ Long.MIN_VALUE;
        if (tombstone) {
            tombstones = withRoom(tombstones, tombstoneCount);
            tombstones[tombstoneCount++] = version ^ Long.MIN_VALUE;
        }
    }

    private static long[] withRoom(long[] array, int used) {
        return used < array.length ? array : Arrays.copyOf(array, 2 * used);
    }

    /** Before the first is asked for. */
    void sort() {
        Arrays.sort(versions, 0, count);
        Arrays.sort(tombstones, 0, tombstoneCount);
    }

    int count() {
        return count;
    }

    long version(int i) {
        return versions[i] ^ Long.MIN_VALUE;
    }

    /** They are asked for in their order. */
    boolean isTombstone(int i) {
        while (nextTombstone < tombstoneCount && tombstones[nextTombstone] < versions[i]) {
            nextTombstone++;
        }
        return nextTombstone < tombstoneCount && tombstones[nextTombstone] == versions[i];
    }
}
