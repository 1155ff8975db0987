package io.stria.runtime.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SimulationTest {
    @Test
    void eventsHappenInTheOrderOfTheirTimes() {
        Simulation simulation = new Simulation(1);
        SimulatedRandom random = simulation.random("test");
        List<Long> expected = new ArrayList<>();
        List<Long> seen = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            long delayNs = random.nextLong(1000);
            Simulation.Scheduled event =
                    simulation.after(delayNs, () -> seen.add(simulation.nowNs()));
            if (random.nextBoolean()) {
                event.cancel();
            } else {
                expected.add(delayNs);
            }
        }
        simulation.runFor(1000);
        expected.sort(null);
        assertEquals(expected, seen);
        assertEquals(1000, simulation.nowNs());
        assertEquals(0, simulation.pendingEvents());
    }

    @Test
    void eventsOfOneMomentHappenInAnyOrderThatTheSeedRepeats() {
        Set<List<Integer>> orders = new HashSet<>();
        for (int seed = 0; seed < 100; seed++) {
            List<Integer> order = orderOfThree(seed);
            assertEquals(order, orderOfThree(seed));
            orders.add(order);
        }
        assertEquals(6, orders.size());
    }

    private static List<Integer> orderOfThree(long seed) {
        Simulation simulation = new Simulation(seed);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            int number = i;
            simulation.after(5, () -> order.add(number));
        }
        simulation.runFor(10);
        return order;
    }

    @Test
    void sameSeedGivesTheSameHashAndAnotherSeedAnother() {
        long[] hashes = LongStream.range(0, 50).map(SimulationTest::hashOfADiskRun).toArray();
        for (int seed = 0; seed < hashes.length; seed++) {
            assertEquals(hashes[seed], hashOfADiskRun(seed), "seed " + seed);
        }
        assertEquals(hashes.length, LongStream.of(hashes).distinct().count());
    }

    private static long hashOfADiskRun(long seed) {
        DiskBench bench = new DiskBench(seed, DiskConfig.flash(DiskBench.SIZE, 512));
        for (int i = 0; i < 50; i++) {
            bench.submitWrite(i % 7 * 512L, 1024, i, i % 3 == 0);
        }
        bench.flush();
        bench.host.powerCut();
        bench.restart();
        bench.simulation.digest(bench.read(512));
        return bench.simulation.hash();
    }

    @Test
    void contentOfAWriteIsPartOfTheHash() {
        assertNotEquals(hashAfterWriting(1), hashAfterWriting(2));
    }

    private static long hashAfterWriting(int value) {
        DiskBench bench = new DiskBench(1, DiskConfig.instant(DiskBench.SIZE, 512));
        bench.write(0, 512, value, true);
        return bench.simulation.hash();
    }

    @Test
    void generatorSplitOffByNameDoesNotCareWhatOthersDrew() {
        SimulatedRandom one = new SimulatedRandom(7);
        SimulatedRandom other = new SimulatedRandom(7);
        other.nextLong();
        other.split("b").nextLong();
        long drawn = one.split("a").nextLong();
        assertEquals(drawn, other.split("a").nextLong());
        assertNotEquals(drawn, one.split("b").nextLong());
        assertNotEquals(drawn, new SimulatedRandom(8).split("a").nextLong());
    }

    @Test
    void runUntilStopsAtTheConditionOrTheLimit() {
        Simulation simulation = new Simulation(1);
        int[] count = {0};
        for (int i = 1; i <= 10; i++) {
            simulation.at(i * 100, () -> count[0]++);
        }
        assertTrue(simulation.runUntil(() -> count[0] == 3, 10_000));
        assertEquals(300, simulation.nowNs());
        assertFalse(simulation.runUntil(() -> count[0] == 100, 50));
        assertEquals(350, simulation.nowNs());
        assertTrue(simulation.step());
        assertEquals(400, simulation.nowNs());
    }

    @Test
    void timeStandsWhereTheLastEventWasWhenThereIsNoLimit() {
        Simulation simulation = new Simulation(1);
        simulation.after(7, () -> {});
        assertFalse(simulation.runUntil(() -> false, Long.MAX_VALUE));
        assertEquals(7, simulation.nowNs());
    }

    @Test
    void steppingFromInsideAnEventIsAnAssertion() {
        Simulation simulation = new Simulation(1);
        simulation.after(1, simulation::step);
        assertThrows(AssertionError.class, () -> simulation.runFor(10));
    }

    @Test
    void traceKeepsTheLastLines() {
        Simulation simulation = new Simulation(1);
        simulation.trace("unheard");
        simulation.traceLast(2);
        for (int i = 0; i < 5; i++) {
            simulation.trace("line " + i);
        }
        List<String> lines = simulation.traceLines();
        assertEquals(2, lines.size());
        assertTrue(lines.getFirst().endsWith("line 3"), lines.getFirst());
        assertTrue(simulation.describe().contains("line 4"));
    }
}
