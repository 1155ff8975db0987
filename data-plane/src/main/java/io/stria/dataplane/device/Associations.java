package io.stria.dataplane.device;

import java.util.Arrays;

/**
 * Numbers the associations of owners that use one connection to a store: each ATTACH begins another
 * one for its volume, and leaves those of other volumes alone. All numbers of a connection are
 * higher than those of the connections before it, whenever they are drawn: what a connection that
 * was given up still brings is older than what the next one has brought (rule 6 of
 * docs/correctness.md).
 */
public final class Associations {
    private static final int CONNECTION_SHIFT = 32;

    /** Of a volume that has not attached here: no store has it. */
    private final long none;

    private long newest;
    private int[] vuids = new int[4];
    private long[] byVuid = new long[4];
    private int count;

    /**
     * @param connection higher than that of any connection to this process that was made before
     */
    public Associations(long connection) {
        none = connection << CONNECTION_SHIFT;
        newest = none;
    }

    /** The number for a command: a new one for an ATTACH, else that of its volume's last ATTACH. */
    public long of(FragmentOp op, int vuid) {
        int at = Arrays.binarySearch(vuids, 0, count, vuid);
        if (op == FragmentOp.ATTACH) {
            newest++;
            if (at < 0) {
                at = insert(-at - 1, vuid);
            }
            byVuid[at] = newest;
        }
        return at < 0 ? none : byVuid[at];
    }

    private int insert(int at, int vuid) {
        if (count == vuids.length) {
            vuids = Arrays.copyOf(vuids, 2 * count);
            byVuid = Arrays.copyOf(byVuid, 2 * count);
        }
        System.arraycopy(vuids, at, vuids, at + 1, count - at);
        System.arraycopy(byVuid, at, byVuid, at + 1, count - at);
        count++;
        vuids[at] = vuid;
        return at;
    }
}
