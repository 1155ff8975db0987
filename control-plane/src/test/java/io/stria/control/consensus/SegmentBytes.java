package io.stria.control.consensus;

import java.util.ArrayList;
import java.util.List;

/** Where the entries of a segment of a voter's log begin. */
final class SegmentBytes {
    private static final int HEADER_BYTES = 8;

    private SegmentBytes() {}

    /** The first byte of each entry, and of what follows the last one. */
    static List<Integer> bounds(byte[] segment) {
        List<Integer> bounds = new ArrayList<>();
        int at = HEADER_BYTES;
        while (at < segment.length && segment[at] != 0) {
            bounds.add(at);
            int length = 0;
            int shift = 0;
            for (; segment[at] < 0; at++, shift += 7) {
                length |= (segment[at] & 0x7f) << shift;
            }
            at += 1 + (length | segment[at] << shift) + 4;
        }
        bounds.add(at);
        return bounds;
    }
}
