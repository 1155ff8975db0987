package io.stria.dataplane.volume;

/**
 * Consecutive pages of a volume.
 *
 * @param end the first page after them
 */
record PageRange(long first, long end) {
    boolean contains(long page) {
        return first <= page && page < end;
    }

    /** Those of both, and what lies between them. */
    PageRange spanning(PageRange other) {
        return new PageRange(Math.min(first, other.first), Math.max(end, other.end));
    }
}
