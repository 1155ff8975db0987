package io.stria.runtime.spdk;

import java.util.UUID;

/**
 * Keys under which starts of a node register with a device. Anybody can read them.
 *
 * <pre>
 *   bits  63..32   31..1    0
 *         node     start    fenced
 * </pre>
 *
 * <ul>
 *   <li>node: of the node's identity, the same for all its starts
 *   <li>start: drawn anew by each
 *   <li>fenced: whether all writes of former starts are known to have ended. The start is free to
 *       write from then on. A holder without it has ended in the middle of taking the reservation,
 *       and nobody knows whether writes of the holder before are still under way.
 * </ul>
 */
final class ReservationKey {
    private static final long FENCED = 1;
    private static final long START = 0xFFFF_FFFEL;
    private static final int NODE_SHIFT = 32;

    private ReservationKey() {}

    /** Of a start that has not fenced anybody yet. */
    static long of(SpdkOwner owner, long random) {
        long start = random & START;
        return node(owner.node()) | (start == 0 ? START : start);
    }

    /** Of the same start, when it has. */
    static long fenced(long key) {
        return key | FENCED;
    }

    static boolean isFenced(long key) {
        return (key & FENCED) != 0;
    }

    /** Whether a start of the same node has drawn it. */
    static boolean isOf(SpdkOwner owner, long key) {
        return (key ^ node(owner.node())) >>> NODE_SHIFT == 0;
    }

    private static long node(UUID node) {
        long mixed = node.getMostSignificantBits() ^ node.getLeastSignificantBits();
        return (mixed ^ mixed << NODE_SHIFT) >>> NODE_SHIFT << NODE_SHIFT;
    }
}
