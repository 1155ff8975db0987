package io.stria.dataplane.volume;

/**
 * Consecutive pages of a volume.
 *
 * @param end the first page after them
 */
record PageRange(long first, long end) {
    static final PageRange ALL = new PageRange(0, Long.MAX_VALUE);

    boolean contains(long page) {
        return first <= page && page < end;
    }

    /** Those of both, and what lies between them. */
    PageRange spanning(PageRange other) {
        return new PageRange(Math.min(first, other.first), Math.max(end, other.end));
    }
}
