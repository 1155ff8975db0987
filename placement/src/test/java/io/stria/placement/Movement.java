package io.stria.placement;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.Scheme;
import java.util.stream.LongStream;

/**
 * Chunks that a change of the map moves, counted over the first pages of one volume.
 *
 * @param pages that were looked at
 * @param moved chunks that stand elsewhere afterwards
 * @param needed chunks that had to move: those of removed devices, or what the shares of devices
 *     that gain grow by
 * @param arrived chunks that stand on slots that the list did not have
 */
record Movement(long pages, long moved, double needed, long arrived) {
    private static final long BATCH = 1_000;

    /** Of a change that gives some devices a larger share than they had. */
    static Movement toGrown(ClusterMap before, ClusterMap after, Scheme scheme, long pages) {
        long[] counts = count(before, after, scheme, pages);
        return new Movement(pages, counts[0], pages * growth(before, after, scheme), counts[2]);
    }

    /** Of a removal: what stood on slots that are no longer there has to move. */
    static Movement ofLost(ClusterMap before, ClusterMap after, Scheme scheme, long pages) {
        long[] counts = count(before, after, scheme, pages);
        return new Movement(pages, counts[0], counts[1], counts[2]);
    }

    /** Of a replacement: what the slots get that were tombstones has to move. */
    static Movement ofFilled(ClusterMap before, ClusterMap after, Scheme scheme, long pages) {
        return ofLost(after, before, scheme, pages);
    }

    /** Chunks of a page that must move at least: what the fair shares grow by. */
    static double growth(ClusterMap before, ClusterMap after, Scheme scheme) {
        double[] old = FairShare.of(before, scheme);
        double[] now = FairShare.of(after, scheme);
        double growth = 0;
        for (int slot = 0; slot < now.length; slot++) {
            growth += Math.max(0, now[slot] - (slot < old.length ? old[slot] : 0));
        }
        return growth;
    }

    double overMinimum() {
        return moved / needed;
    }

    /** Of an addition: over what the new devices took, be it their fair share or not. */
    double overArrived() {
        return moved / (double) arrived;
    }

    /** One standard deviation of {@link #overMinimum} that comes from the number of pages. */
    double noise() {
        return Math.sqrt(moved) / needed;
    }

    /** Moved chunks, those of them whose old slot is a tombstone now, those on new slots. */
    private static long[] count(
            ClusterMap mapBefore, ClusterMap mapAfter, Scheme scheme, long pages) {
        Placement before = Placement.of(mapBefore);
        Placement after = Placement.of(mapAfter);
        return LongStream.rangeClosed(0, (pages - 1) / BATCH)
                .parallel()
                .map(batch -> batch * BATCH)
                .mapToObj(from ->
                        count(before, after, mapAfter, scheme, from, Math.min(pages, from + BATCH)))
                .reduce(new long[3], (a, b) -> new long[] {a[0] + b[0], a[1] + b[1], a[2] + b[2]});
    }

    private static long[] count(
            Placement before,
            Placement after,
            ClusterMap mapAfter,
            Scheme scheme,
            long from,
            long to) {
        long moved = 0;
        long lost = 0;
        long arrived = 0;
        int[] old = new int[scheme.fragments()];
        int[] now = new int[scheme.fragments()];
        for (long page = from; page < to; page++) {
            before.primary(Pages.VUID, page, scheme, old);
            after.primary(Pages.VUID, page, scheme, now);
            for (int chunk = 0; chunk < old.length; chunk++) {
                if (old[chunk] != now[chunk]) {
                    moved++;
                    boolean gone = mapAfter.slot(old[chunk]).state() == DeviceState.REMOVED;
                    lost += gone ? 1 : 0;
                    arrived += now[chunk] >= before.slots() ? 1 : 0;
                }
            }
        }
        return new long[] {moved, lost, arrived};
    }
}
