package io.stria.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.Scheme;
import io.stria.runtime.sim.SimulatedRandom;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever happens to a cluster, nothing acknowledged is lost and nothing read is un-read. */
@Timeout(900)
class RandomRunTest {
    private static final int SEEDS = Integer.getInteger("stria.simulator.seeds", 120);
    private static final int ENOUGH_SEEDS = 100;
    private static final int LULLS_ONE_IN = 5;
    private static final int SAME_SEEDS = 6;
    private static final long FIRST = Long.getLong("stria.simulator.first", 1);

    /** Minutes with hardly anything to do take more than half of the time of the runs with any. */
    private static Trial trial(long seed) {
        Trial trial = Trial.of(seed);
        boolean lulls = new SimulatedRandom(seed).split("lulls").nextInt(LULLS_ONE_IN) == 0;
        return lulls ? trial : trial.withoutLulls();
    }

    @Test
    void keepsEveryPromiseUnderRandomFaults() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        int jobs = Runtime.getRuntime().availableProcessors();
        Seeds seeds = new Seeds(FIRST, SEEDS, jobs, RandomRunTest::trial, out);
        int status = seeds.run();
        assertEquals(Simulate.KEPT, status, () -> bytes.toString(StandardCharsets.UTF_8));
        assertTrue(seeds.sum().writes() > 100L * SEEDS, seeds.sum().toString());
        if (SEEDS >= ENOUGH_SEEDS) {
            assertEquals(
                    EnumSet.allOf(Hardship.class),
                    seeds.sum().met().keySet(),
                    "what the runs met: " + seeds.sum().met());
        }
        System.out.println(bytes.toString(StandardCharsets.UTF_8).lines().toList().getLast());
    }

    /**
     * Eight logical blocks of 512 bytes share a block, and are written by several hosts at once.
     */
    @Test
    void keepsEverySectorUnderRandomFaults() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        int jobs = Runtime.getRuntime().availableProcessors();
        Seeds seeds =
                new Seeds(FIRST, SEEDS / 4 + 1, jobs, seed -> trial(seed).withLbaBytes(512), out);
        int status = seeds.run();
        assertEquals(Simulate.KEPT, status, () -> bytes.toString(StandardCharsets.UTF_8));
        System.out.println(bytes.toString(StandardCharsets.UTF_8).lines().toList().getLast());
    }

    /**
     * A run that says that no more is lost than the cluster bears keeps to that: the next two nodes
     * go when nobody takes the last ones for lost any more, and only one goes where two are more
     * than half of the voters, or have more than two chunks of a page.
     */
    @Test
    void losesNoMoreThanTheClusterBears() {
        for (Trial trial :
                List.of(
                        new Trial(718, 5, new Scheme(2)).withoutLulls(),
                        new Trial(5026, 4, new Scheme(4)).withLbaBytes(512))) {
            assertTrue(trial.run().writes() > 0, trial.command());
        }
    }

    /** Whichever faults the seed draws, and whichever kind of run. */
    @Test
    void theSameSeedIsTheSameRun() {
        Set<Long> hashes = new HashSet<>();
        for (long seed = FIRST; seed < FIRST + SAME_SEEDS; seed++) {
            Outcome once = trial(seed).run();
            assertEquals(once, trial(seed).run(), "seed " + seed);
            hashes.add(once.hash());
        }
        assertEquals(SAME_SEEDS, hashes.size());
    }
}
