package io.stria.placement;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.Scheme;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Every figure of {@code docs/placement.md}, printed as it is found, by {@code ./perf/run
 * placement}. Not run with the tests, which hold the same claims on small clusters ({@link
 * StudyClaimsTest}); ten times as many pages with {@code -Dstria.study=large}.
 */
final class PlacementStudy {
    private static final boolean LARGE = "large".equals(System.getProperty("stria.study"));
    private static final int SCALE = LARGE ? 10 : 1;
    private static final int MOVES_WANTED = 10_000 * SCALE;
    private static final long PAGES_MIN = 4_000L * SCALE;
    private static final long PAGES_MAX = 100_000L * SCALE;

    private static final Scheme TWO = new Scheme(2);
    private static final Scheme EIGHT = new Scheme(8);
    private static final long[] MIXED = {4000, 8000, 16000, 4000, 32000};

    private static final StudyCluster HUNDRED = StudyCluster.flat(100, 10, 1000);
    private static final StudyCluster HUNDRED_MIXED = StudyCluster.flat(100, 10, MIXED);
    private static final StudyCluster UNEVEN = StudyCluster.flat(100, 1, 4000, 8000, 32000);
    private static final StudyCluster ZONED = StudyCluster.nested(5, 4, 5, 10, 1000);
    private static final StudyCluster THOUSAND = StudyCluster.nested(10, 10, 10, 10, MIXED);

    private static final List<StudyCluster> SMALL =
            List.of(
                    StudyCluster.flat(10, 3, 1000),
                    StudyCluster.flat(12, 1, 1000),
                    StudyCluster.flat(12, 3, 1000),
                    StudyCluster.flat(25, 4, 1000),
                    StudyCluster.flat(50, 4, 1000));
    private static final List<StudyCluster> BIG =
            List.of(
                    StudyCluster.flat(100, 1, 1000),
                    HUNDRED,
                    HUNDRED_MIXED,
                    StudyCluster.flat(200, 10, 1000),
                    StudyCluster.flat(1000, 10, MIXED));
    private static final List<StudyCluster> TIGHT =
            List.of(UNEVEN, StudyCluster.nested(1, 20, 5, 10, 1000), ZONED, THOUSAND);

    private final List<String> broken = new ArrayList<>();

    private PlacementStudy() {}

    public static void main(String[] arguments) throws Exception {
        Map<String, Part> parts = new LinkedHashMap<>();
        PlacementStudy study = new PlacementStudy();
        parts.put("speed", study::speed);
        parts.put("removals", study::removals);
        parts.put("replacements", study::replacements);
        parts.put("additions", study::additions);
        parts.put("weights", study::weightChanges);
        parts.put("spread", study::spread);
        parts.put("crush", study::besideCrush);
        for (String wanted : arguments.length == 0 ? parts.keySet() : List.of(arguments)) {
            Part part = parts.get(wanted);
            if (part == null) {
                System.err.println("no part " + wanted + "; there are " + parts.keySet());
                System.exit(2);
            }
            part.print();
        }
        study.broken.forEach(claim -> line("DOES NOT HOLD: %s", claim));
        System.exit(study.broken.isEmpty() ? 0 : 1);
    }

    /** One table. */
    private interface Part {
        void print() throws Exception;
    }

    private void claim(boolean holds, String claim) {
        if (!holds) {
            broken.add(claim);
        }
    }

    private void speed() {
        title("Placements a second, one core (CPU time of the thread), and draws");
        line("%-38s %6s %12s %12s %10s", "cluster", "scheme", "placements/s", "draws/page", "most");
        for (StudyCluster cluster :
                List.of(
                        StudyCluster.flat(5, 2, 1000),
                        StudyCluster.flat(12, 3, 1000),
                        StudyCluster.flat(100, 1, 1000),
                        HUNDRED,
                        HUNDRED_MIXED,
                        ZONED,
                        StudyCluster.flat(1000, 10, MIXED),
                        THOUSAND)) {
            Scheme scheme = cluster.devices() < 12 ? TWO : EIGHT;
            Tries tries = Tries.of(cluster.map(), scheme, 20_000L * SCALE);
            line(
                    "%-38s %6s %12.0f %12.2f %10d%s",
                    cluster.name(),
                    scheme,
                    placementsPerSecond(cluster.map(), scheme),
                    tries.draws() / (double) tries.pages(),
                    tries.most(),
                    tries.rendezvous() == 0 ? "" : "  rendezvous " + tries.rendezvous());
        }
    }

    /** The best of five rounds: the others had a neighbour. */
    private static double placementsPerSecond(ClusterMap map, Scheme scheme) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        Placement placement = Placement.of(map);
        int[] slots = new int[scheme.fragments()];
        int pages = 60_000 * SCALE;
        double best = 0;
        for (int round = 0; round < 5; round++) {
            long before = threads.getCurrentThreadCpuTime();
            for (long page = 0; page < pages; page++) {
                placement.primary(round, page, scheme, slots);
            }
            best = Math.max(best, pages * 1e9 / (threads.getCurrentThreadCpuTime() - before));
        }
        return best;
    }

    private void removals() {
        title("Removal: chunks moved over chunks lost, 8+2");
        line("%-38s %10s %10s %10s %10s", "cluster", "a device", "a node", "a rack", "a second");
        for (StudyCluster cluster : all()) {
            ClusterMap map = cluster.map();
            ClusterMap once = StudyCluster.removed(map, slot -> slot.slot() == 0);
            int second = cluster.devicesEach();
            line(
                    "%-38s %10.4f %10.4f %10s %10.4f",
                    cluster.name(),
                    removal(map, slot -> slot.slot() == 0),
                    removal(map, slot -> slot.nodeId() == 1),
                    cluster.racksEach() == 1
                            ? "-"
                            : "%.4f".formatted(removal(map, cluster::inFirstRack)),
                    removalAgain(once, slot -> slot.slot() == second));
        }
        line("");
        line("Devices removed one after the other: moved over lost, each time and in all");
        for (StudyCluster cluster : SMALL) {
            removeInTurn(cluster);
        }
    }

    private double removal(ClusterMap map, Predicate<DeviceSlot> which) {
        double ratio = removalAgain(map, which);
        claim(ratio == 1.0, "a first removal moves what was lost and nothing else");
        return ratio;
    }

    private static double removalAgain(ClusterMap map, Predicate<DeviceSlot> which) {
        ClusterMap after = StudyCluster.removed(map, which);
        return Movement.ofLost(map, after, EIGHT, pages(shareOf(map, which))).overMinimum();
    }

    /** Chunks of an average page on these slots. */
    private static double shareOf(ClusterMap map, Predicate<DeviceSlot> which) {
        double[] share = FairShare.of(map, EIGHT);
        return map.slots().stream().filter(which).mapToDouble(slot -> share[slot.slot()]).sum();
    }

    private static void removeInTurn(StudyCluster cluster) {
        ClusterMap map = cluster.map();
        long moved = 0;
        double needed = 0;
        StringBuilder each = new StringBuilder();
        int rounds = Math.min(6, cluster.devices() - EIGHT.fragments());
        for (int i = 0; i < rounds; i++) {
            int gone = i * cluster.devices() / rounds;
            ClusterMap after = StudyCluster.removed(map, slot -> slot.slot() == gone);
            Movement movement = Movement.ofLost(map, after, EIGHT, pages(0.05));
            moved += movement.moved();
            needed += movement.needed();
            each.append(" %.4f".formatted(movement.overMinimum()));
            map = after;
        }
        line("%-38s%s; in all %.4f", cluster.name(), each, moved / needed);
    }

    /** A replacement is a removal backwards: the same two maps, the same chunks move. */
    private void replacements() {
        title("Replacement in tombstones' slots: chunks moved over those the new devices get, 8+2");
        line(
                "%-38s %10s %10s %10s %16s",
                "cluster", "a device", "a node", "a rack", "one of a node's");
        for (StudyCluster cluster : all()) {
            ClusterMap map = cluster.map();
            ClusterMap without = StudyCluster.removed(map, slot -> slot.nodeId() == 1);
            ClusterMap one = without.withSlot(without.slot(0).withState(DeviceState.ONLINE));
            line(
                    "%-38s %10.4f %10.4f %10s %16s",
                    cluster.name(),
                    replacement(map, slot -> slot.slot() == 0),
                    replacement(map, slot -> slot.nodeId() == 1),
                    cluster.racksEach() == 1
                            ? "-"
                            : "%.4f".formatted(replacement(map, cluster::inFirstRack)),
                    cluster.devicesEach() == 1
                            ? "-"
                            : "%.4f".formatted(replacement(one, slot -> slot.slot() == 0)));
        }
    }

    private static double replacement(ClusterMap whole, Predicate<DeviceSlot> which) {
        ClusterMap without = StudyCluster.removed(whole, which);
        long pages = pages(shareOf(whole, which));
        return Movement.ofFilled(without, whole, EIGHT, pages).overMinimum();
    }

    private void additions() {
        title("Addition: chunks moved over the growth of shares, 8+2 (+- one sigma)");
        line(
                "%-38s %14s %14s %12s %14s %14s %14s",
                "cluster",
                "device, node 1",
                "a node",
                "over arrived",
                "a rack",
                "a zone",
                "10 % more");
        for (StudyCluster cluster : all()) {
            ClusterMap map = cluster.map();
            Growth device = growth(map, cluster.withDevice(map));
            Growth node = growth(map, cluster.withNode(map));
            line(
                    "%-38s %14s %14s %12.3f %14s %14s %14s",
                    cluster.name(),
                    device,
                    node,
                    node.movement().overArrived(),
                    cluster.racksEach() == 1 ? "-" : growth(map, cluster.withRack(map)),
                    cluster.zones() == 1 ? "-" : growth(map, cluster.withZone(map)),
                    growth(map, cluster.withNodes(map, Math.max(1, cluster.nodes() / 10))));
            if (BIG.contains(cluster)) {
                claim(
                        node.isAtMost(1.10),
                        "a node is added to %s for at most 1.10".formatted(cluster.name()));
                // A device where the node has some already: see the document.
                claim(
                        device.isAtMost(1.15),
                        "a device is added to a node of %s for at most 1.15"
                                .formatted(cluster.name()));
            }
        }
        narrowerCaps();
    }

    /** The list meets narrower caps than before, so that placements follow another rule. */
    private static void narrowerCaps() {
        line("");
        line("Addition that narrows a cap: the same, and the part of all chunks that moves");
        StudyCluster nodes = StudyCluster.flat(9, 4, 1000);
        StudyCluster zones = StudyCluster.nested(4, 5, 4, 4, 1000);
        narrows("a tenth node", nodes, nodes.withNode(nodes.map()));
        narrows("a fifth zone", zones, zones.withZone(zones.map()));
    }

    private static void narrows(String what, StudyCluster cluster, ClusterMap after) {
        Growth growth = growth(cluster.map(), after);
        line("%-38s %s: %s, %.3f", cluster.name(), what, growth, growth.ofAll());
    }

    private record Growth(Movement movement) {
        /** Part of all chunks that moves. */
        double ofAll() {
            return movement.moved() / (movement.pages() * (double) EIGHT.fragments());
        }

        boolean isAtMost(double goal) {
            return movement.overMinimum() - 3 * movement.noise() <= goal;
        }

        @Override
        public String toString() {
            // Where a cap binds, a share cannot grow.
            return movement.needed() == 0
                    ? "-"
                    : "%.3f+-%.3f".formatted(movement.overMinimum(), movement.noise());
        }
    }

    private static Growth growth(ClusterMap before, ClusterMap after) {
        long pages = pages(Movement.growth(before, after, EIGHT));
        return new Growth(Movement.toGrown(before, after, EIGHT, pages));
    }

    private void weightChanges() {
        title("Change of weights: chunks moved over the growth of shares, 8+2 (+- one sigma)");
        line(
                "%-38s %16s %8s %14s %14s %14s %14s %14s",
                "cluster",
                "oldest x 2",
                "of all",
                "middle x 2",
                "newest x 2",
                "newest / 2",
                "last node x 2",
                "last rack x 2");
        for (StudyCluster cluster : all()) {
            ClusterMap map = cluster.map();
            int newest = cluster.devices() - 1;
            Growth oldest = growth(map, times(map, slot -> slot.slot() == 0, 2));
            line(
                    "%-38s %16s %8.3f %14s %14s %14s %14s %14s",
                    cluster.name(),
                    oldest,
                    oldest.ofAll(),
                    growth(map, times(map, slot -> slot.slot() == newest / 2, 2)),
                    growth(map, times(map, slot -> slot.slot() == newest, 2)),
                    growth(map, times(map, slot -> slot.slot() == newest, 0.5)),
                    growth(map, times(map, slot -> slot.nodeId() == cluster.nodes(), 2)),
                    cluster.racksEach() == 1
                            ? "-"
                            : growth(map, times(map, cluster::inLastRack, 2)));
        }
    }

    private static ClusterMap times(ClusterMap map, Predicate<DeviceSlot> which, double factor) {
        return StudyCluster.weighed(
                map, slot -> which.test(slot) ? (long) (slot.weight() * factor) : slot.weight());
    }

    private void spread() {
        title("Load over the fair share under the caps, 8+2");
        for (StudyCluster cluster : all()) {
            ClusterMap map = cluster.map();
            long pages = Math.min(PAGES_MAX, cluster.devices() * 1000L);
            Spread spread = Spread.of(map, EIGHT, pages);
            StringBuilder classes = new StringBuilder();
            spread.byWeight()
                    .forEach(
                            (weight, mean) -> classes.append("  %d: %.4f".formatted(weight, mean)));
            line(
                    "%-38s %.3f to %.3f, sigma by chance %.3f; mean by weight%s",
                    cluster.name(), spread.emptiest(), spread.fullest(), spread.sigma(), classes);
        }
    }

    private void besideCrush() throws Exception {
        title("Beside CRUSH (crushtool --test, straw2), 8+2, the same maps");
        if (!Crush.isPresent()) {
            line("skipped: no crushtool on the PATH (Debian's package ceph-base has it)");
            return;
        }
        for (StudyCluster cluster : List.of(SMALL.get(2), HUNDRED, HUNDRED_MIXED, ZONED)) {
            compare(cluster);
        }
    }

    private static void compare(StudyCluster cluster) throws Exception {
        ClusterMap map = cluster.map();
        int pages = 40_000 * SCALE;
        line("%s", cluster.name());
        try (Crush crush = new Crush(map, cluster.zones(), EIGHT)) {
            line(
                    "  placements/s              Stria %8.0f   CRUSH %8.0f",
                    placementsPerSecond(map, EIGHT), crush.placementsPerSecond(pages));
            int[][] before = crush.place(pages);
            line(
                    "  chunks without a device   Stria %8d   CRUSH %8d of %d",
                    0, Crush.unplaced(before), pages * 10L);
            double[] share = FairShare.of(map, EIGHT);
            Spread ours = Spread.of(map, EIGHT, pages);
            Spread theirs = Spread.of(map, share, Crush.load(before, map.slots().size()), pages);
            line(
                    "  emptiest to fullest       Stria %.3f-%.3f   CRUSH %.3f-%.3f",
                    ours.emptiest(), ours.fullest(), theirs.emptiest(), theirs.fullest());
            ClusterMap removed = StudyCluster.removed(map, slot -> slot.slot() == 0);
            line(
                    "  a device removed          Stria %8.3f   CRUSH %8.3f (out), %.3f (off the map)",
                    Movement.ofLost(map, removed, EIGHT, pages).overMinimum(),
                    Crush.movedOverLost(before, crush.placeWithout(0, pages), 0),
                    offTheMap(removed, cluster, before));
            line(
                    "  a device added to node 1  %s",
                    beside(map, cluster.withDevice(map), cluster, before));
            line(
                    "  a node added              %s",
                    beside(map, cluster.withNode(map), cluster, before));
            line(
                    "  newest device's weight x2 %s",
                    beside(
                            map,
                            times(map, slot -> slot.slot() == cluster.devices() - 1, 2),
                            cluster,
                            before));
        }
    }

    private static double offTheMap(ClusterMap removed, StudyCluster cluster, int[][] before)
            throws Exception {
        try (Crush crush = new Crush(removed, cluster.zones(), EIGHT)) {
            return Crush.movedOverLost(before, crush.place(before.length), 0);
        }
    }

    private static String beside(
            ClusterMap map, ClusterMap changed, StudyCluster cluster, int[][] before)
            throws Exception {
        try (Crush crush = new Crush(changed, cluster.zones(), EIGHT)) {
            Movement ours = Movement.toGrown(map, changed, EIGHT, before.length);
            long theirs = Crush.moved(before, crush.place(before.length));
            return "Stria %8.3f   CRUSH %8.3f"
                    .formatted(ours.overMinimum(), theirs / ours.needed());
        }
    }

    private static List<StudyCluster> all() {
        return Stream.of(SMALL, BIG, TIGHT).flatMap(List::stream).toList();
    }

    /** As many as show the moves wanted, within bounds. */
    private static long pages(double movesPerPage) {
        return Math.clamp((long) (MOVES_WANTED / movesPerPage), PAGES_MIN, PAGES_MAX);
    }

    private static void title(String text) {
        line("");
        line("== %s", text);
    }

    private static void line(String format, Object... arguments) {
        System.out.println(format.formatted(arguments).stripTrailing());
    }
}
