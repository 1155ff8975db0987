package io.stria.simulator.powercut;

import io.stria.clustermap.Scheme;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Many seeds of {@link CutRun}, some at a time, until there were so many states. */
public final class PowerCuts {
    /** Of the rings, unless told otherwise. */
    public static final int MERGE_PERCENT = Machine.MERGE_PERCENT;

    private static final long PROGRESS_NS = 30_000_000_000L;

    private final long first;
    private final long states;
    private final int perBoundary;
    private final int mergePercent;
    private final int jobs;
    private final PrintStream out;
    private final AtomicLong seeds;

    /** States so far, also of seeds that are under way. */
    private final AtomicLong taken = new AtomicLong();

    private CutCounts sum = CutCounts.NOTHING;
    private final SortedSet<Long> underWay = new TreeSet<>();
    private long toldNs = System.nanoTime();
    private @Nullable Throwable broken;

    /**
     * @param first seed
     * @param states how many at least
     * @param perBoundary the most states of one boundary
     * @param mergePercent how full a store's ring is when it begins to merge
     */
    public PowerCuts(
            long first, long states, int perBoundary, int mergePercent, int jobs, PrintStream out) {
        this.first = first;
        this.states = states;
        this.perBoundary = perBoundary;
        this.mergePercent = mergePercent;
        this.jobs = jobs;
        this.out = out;
        this.seeds = new AtomicLong(first);
    }

    /** Nearly half with two data fragments, where blocks of stores are shared; few with eight. */
    static Scheme scheme(long seed) {
        return new Scheme(
                switch (Math.floorMod(seed, 16)) {
                    case 0, 4, 8, 12 -> 1;
                    case 2, 6, 10, 14 -> 4;
                    case 11 -> 8;
                    default -> 2;
                });
    }

    /** One seed; an assertion fails if anything is not there. */
    public static void play(long seed, int perBoundary) {
        new CutRun(seed, scheme(seed), MERGE_PERCENT, perBoundary, Long.MAX_VALUE, () -> {}).run();
    }

    /** Returns whether everything was there after each cut; throws nothing. */
    public boolean run() {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < jobs; i++) {
            threads.add(Thread.ofPlatform().name("power-cuts-" + i).start(this::work));
        }
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        Throwable failure = broken;
        if (failure != null) {
            failure.printStackTrace(out);
            return false;
        }
        out.printf("%s, seeds %d to %d; every promise kept%n", sum, first, seeds.get() - 1);
        return true;
    }

    /** How many states were recovered from. */
    public long states() {
        return sum.states();
    }

    /** At how many boundaries with unflushed writes all subsets of them were taken. */
    public long exhausted() {
        return sum.exhausted();
    }

    private synchronized boolean isOver() {
        return taken.get() >= states || broken != null;
    }

    private void work() {
        while (!isOver()) {
            long seed = begin();
            long share = Math.min((states + jobs - 1) / jobs, states - taken.get());
            CutRun run =
                    new CutRun(
                            seed,
                            scheme(seed),
                            mergePercent,
                            perBoundary,
                            Math.max(1, share),
                            taken::incrementAndGet);
            try {
                add(seed, run.run());
            } catch (AssertionError | RuntimeException e) {
                broke(e);
            }
        }
    }

    private synchronized long begin() {
        long seed = seeds.getAndIncrement();
        underWay.add(seed);
        return seed;
    }

    /** From time to time it says from which seed another run could go on. */
    private synchronized void add(long seed, CutCounts counts) {
        sum = sum.plus(counts);
        underWay.remove(seed);
        long nowNs = System.nanoTime();
        if (nowNs - toldNs >= PROGRESS_NS) {
            toldNs = nowNs;
            long next = underWay.isEmpty() ? seeds.get() : underWay.first();
            out.printf("%s; goes on with --seed %d%n", sum, next);
        }
    }

    private synchronized void broke(Throwable failure) {
        if (broken == null) {
            broken = failure;
        }
    }
}
