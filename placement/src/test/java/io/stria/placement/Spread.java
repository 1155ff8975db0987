package io.stria.placement;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.Scheme;
import java.util.Map;
import java.util.TreeMap;

/**
 * How much slots hold, over their fair share.
 *
 * @param fullest device, as a ratio
 * @param emptiest device, as a ratio
 * @param sigma of a device of mean share if every chunk were drawn by chance alone, as a ratio
 * @param byWeight mean ratio of the devices of each weight: what is left when chance is averaged
 */
record Spread(double fullest, double emptiest, double sigma, Map<Long, Double> byWeight) {

    static Spread of(ClusterMap map, Scheme scheme, long pages) {
        return of(map, FairShare.of(map, scheme), load(map, scheme, pages), pages);
    }

    static Spread of(ClusterMap map, double[] share, long[] load, long pages) {
        double fullest = 0;
        double emptiest = Double.MAX_VALUE;
        double total = 0;
        Map<Long, double[]> sums = new TreeMap<>();
        for (DeviceSlot slot : map.slots()) {
            double fair = pages * share[slot.slot()];
            double ratio = load[slot.slot()] / fair;
            fullest = Math.max(fullest, ratio);
            emptiest = Math.min(emptiest, ratio);
            total += fair;
            double[] sum = sums.computeIfAbsent(slot.weight(), weight -> new double[2]);
            sum[0] += load[slot.slot()];
            sum[1] += fair;
        }
        Map<Long, Double> byWeight = new TreeMap<>();
        sums.forEach((weight, sum) -> byWeight.put(weight, sum[0] / sum[1]));
        double sigma = Math.sqrt(load.length / total);
        return new Spread(fullest, emptiest, sigma, byWeight);
    }

    private static long[] load(ClusterMap map, Scheme scheme, long pages) {
        Placement placement = Placement.of(map);
        long[] load = new long[map.slots().size()];
        int[] slots = new int[scheme.fragments()];
        for (long page = 0; page < pages; page++) {
            placement.primary(Pages.VUID, page, scheme, slots);
            for (int slot : slots) {
                load[slot]++;
            }
        }
        return load;
    }
}
