package io.stria.dataplane.volume;

import java.util.Arrays;

/** Of each block of a window that is being listed the version that was listed first; 0: none. */
final class FirstVersions {
    private long[] versions = {};
    private long first;

    void begin(long firstBlock) {
        first = firstBlock;
        Arrays.fill(versions, 0);
    }

    /** The version that was listed first, 0 if none was before this one. */
    long putIfNone(long block, long version) {
        int i = Math.toIntExact(block - first);
        if (i >= versions.length) {
            versions = Arrays.copyOf(versions, Math.max(i + 1, 2 * versions.length));
        }
        long before = versions[i];
        if (before == 0) {
            versions[i] = version;
        }
        return before;
    }
}
