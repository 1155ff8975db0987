package io.stria.simulator.powercut;

import io.stria.clustermap.Scheme;
import io.stria.clustermap.VolumeEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * One seed: a script, power cut at each boundary of it, and recovery from the states that the cut
 * can leave. The script itself goes on as if nothing had happened.
 */
final class CutRun {
    private static final int SUBSETS_MAX = 64;

    /**
     * At one boundary in so many all subsets are taken of so many writes, however few states are
     * asked for.
     */
    private static final int ALL_ONE_IN = 8;

    private static final int ALL_OF = 2;

    /** One recovery in so many meets another power cut. */
    private static final int AGAIN_ONE_IN = 4;

    private final long seed;
    private final Scheme scheme;
    private final int perBoundary;
    private final long statesMax;
    private final Runnable onState;
    private final SplittableRandom random;
    private final Script script;
    private CutCounts counts = CutCounts.NOTHING;
    private boolean prepared;

    /**
     * @param mergePercent how full a store's ring is when it begins to merge
     * @param perBoundary the most states to take of one boundary
     * @param onState runs before each recovery
     */
    CutRun(
            long seed,
            Scheme scheme,
            int mergePercent,
            int perBoundary,
            long statesMax,
            Runnable onState) {
        this.seed = seed;
        this.scheme = scheme;
        this.perBoundary = perBoundary;
        this.statesMax = statesMax;
        this.onState = onState;
        this.random = new SplittableRandom(seed ^ 0x5712);
        this.script =
                new Script(
                        seed,
                        scheme,
                        mergePercent,
                        this::onBoundary,
                        () -> counts.states() >= statesMax);
    }

    CutCounts run() {
        try (Machine machine = script.machine()) {
            script.prepare();
            prepared = true;
            script.play();
            assert machine.nowNs() > 0;
        }
        return counts;
    }

    private void onBoundary() {
        if (!prepared || counts.states() >= statesMax) {
            return;
        }
        Machine machine = script.machine();
        int loose = unsafe(machine);
        boolean all = loose < 31 && 1 << loose <= SUBSETS_MAX;
        int variants = all ? 1 << loose : SUBSETS_MAX;
        boolean few = loose > 0 && loose <= ALL_OF && random.nextInt(ALL_ONE_IN) == 0;
        int most = few ? Math.max(perBoundary, 3 * variants) : perBoundary;
        boolean exhausts = all && variants * 3 <= most;
        counts = counts.boundary(exhausts && loose > 0);
        for (int i = 0; i < Math.min(most, 3 * variants + SUBSETS_MAX / 2); i++) {
            if (exhausts && i < 3 * variants) {
                recover(machine, script.expected(), subset(i / 3), false, i % 3, 0);
            } else if (all && !exhausts && random.nextBoolean()) {
                recover(
                        machine,
                        script.expected(),
                        subset(random.nextInt(variants)),
                        false,
                        random.nextInt(3),
                        0);
            } else {
                drawn(machine, script.expected(), 0);
            }
        }
    }

    private static int unsafe(Machine machine) {
        return machine.disks().stream().mapToInt(disk -> disk.unsafe().size()).sum();
    }

    /** Some writes survive, some do not, some in part. */
    private void drawn(Machine machine, Expected expected, int depth) {
        double survival =
                switch (random.nextInt(4)) {
                    case 0 -> 0;
                    case 1 -> 1;
                    default -> random.nextDouble();
                };
        boolean torn = random.nextBoolean();
        Choice choice =
                torn ? (write, block, index) -> random.nextDouble() < survival : whole(survival);
        recover(machine, expected, choice, torn, random.nextInt(3), depth);
    }

    private Choice whole(double survival) {
        List<Boolean> drawn = new ArrayList<>();
        return (write, block, index) -> {
            while (drawn.size() <= index) {
                drawn.add(random.nextDouble() < survival);
            }
            return drawn.get(index);
        };
    }

    private static Choice subset(int bits) {
        return (write, block, index) -> (bits >>> index & 1) != 0;
    }

    /** What becomes of a block of the index-th write that the cut may take, over all disks. */
    private interface Choice {
        boolean survives(CutDisk.Write write, int block, int index);
    }

    private void recover(
            Machine before,
            Expected expected,
            Choice choice,
            boolean torn,
            int missingCount,
            int depth) {
        Set<Integer> missing = missing(before.volume(), missingCount);
        counts = counts.state(torn, missing.size(), depth > 0);
        onState.run();
        Recovery recovery = new Recovery(before, expected, choice, depth);
        try {
            recovery.run(missing);
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    "%s; seed %d, %s, state %d, without slots %s, behind %s%s"
                            .formatted(
                                    e.getMessage(),
                                    seed,
                                    scheme,
                                    counts.states(),
                                    missing,
                                    before.volume().behind().keySet(),
                                    depth > 0 ? ", at the second cut" : ""),
                    e);
        }
    }

    /** So many that at most two locations of a block are not there or not current. */
    private Set<Integer> missing(VolumeEntry volume, int count) {
        Set<Integer> missing = new TreeSet<>();
        Set<Integer> lost = new TreeSet<>(volume.behind().keySet());
        for (int i = 0; i < count; i++) {
            int slot = random.nextInt(scheme.fragments());
            lost.add(slot);
            if (lost.size() <= Scheme.PARITY_FRAGMENTS) {
                missing.add(slot);
            } else {
                lost.remove(slot);
            }
        }
        return missing;
    }

    /** One state, from the cut to a scrub. */
    private final class Recovery implements CutDisk.Observer {
        private final Machine machine;
        private final int depth;
        private Expected expected;
        private int cutIn;

        Recovery(Machine before, Expected expected, Choice choice, int depth) {
            this.expected = expected;
            this.depth = depth;
            boolean again = depth == 0 && random.nextInt(AGAIN_ONE_IN) == 0;
            cutIn = again ? 1 + random.nextInt(random.nextBoolean() ? 8 : 80) : 0;
            CutClock clock = new CutClock();
            List<CutDisk> disks = new ArrayList<>();
            int[] index = {0};
            for (CutDisk disk : before.disks()) {
                int first = index[0];
                List<CutDisk.Write> unsafe = disk.unsafe();
                disks.add(
                        disk.afterCut(
                                (write, block) ->
                                        choice.survives(
                                                write, block, first + unsafe.indexOf(write)),
                                clock,
                                () -> again ? random.nextInt(50_000) : 0,
                                this));
                index[0] += unsafe.size();
            }
            machine = new Machine(before.volume(), before.mergePercent(), clock, disks);
        }

        void run(Set<Integer> missing) {
            try (Machine recovered = machine) {
                recovered.open(missing);
                recovered.startOwner();
                recovered.awaitServing();
                long[] stamps = recovered.readAll();
                for (int block = 0; block < stamps.length; block++) {
                    expected.check(block, stamps[block]);
                }
                expected = Expected.of(stamps, expected.touched());
                for (int slot : missing) {
                    recovered.openAgain(slot);
                }
                recovered.awaitInSync();
                long[] later = recovered.readAll();
                for (int block = 0; block < later.length; block++) {
                    expected.check(block, later[block]);
                }
                new StripeCheck(recovered).run(later);
            }
        }

        @Override
        public void onBoundary() {
            if (cutIn > 0 && --cutIn == 0) {
                drawn(machine, expected, depth + 1);
            }
        }
    }
}
