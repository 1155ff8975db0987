package io.stria.control.decisions;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SurvivalTest {
    private static Survival of(Bench bench) {
        return Survival.of(bench.map(), bench.volume("v"), bench.allVote());
    }

    @Test
    void fiveNodesSurviveTwoLosses() {
        Bench bench = Bench.running(5, 2);
        bench.create("v", "2+2", Tolerance.NODE);
        assertEquals(new Survival(2, 2), of(bench));
    }

    @Test
    void whatIsAwayCounts() {
        Bench bench = Bench.running(5, 2);
        bench.create("v", "2+2", Tolerance.NODE);
        bench.down(2);
        assertEquals(new Survival(1, 1), of(bench));
        bench.down(3);
        assertEquals(new Survival(0, 0), of(bench));
    }

    @Test
    void threeNodesSurviveOne() {
        Bench bench = Bench.running(3, 2);
        bench.create("v", "2+2", Tolerance.DEVICE);
        assertEquals(new Survival(1, 2), of(bench));
    }

    @Test
    void oneNodeSurvivesTheLossOfDevicesOnly() {
        Bench bench = Bench.running(1, 4);
        bench.create("v", "2+2", Tolerance.DEVICE);
        assertEquals(new Survival(0, 2), of(bench));
    }

    /** Their data would survive two, their decisions do not: three of four are a majority. */
    @Test
    void fourNodesThatAllVoteSurviveOne() {
        Bench bench = Bench.running(4, 1);
        bench.create("v", "2+2", Tolerance.NODE);
        assertEquals(new Survival(1, 2), of(bench));
    }

    /** Its data would be there, and nobody to ask for it. */
    @Test
    void aVolumeWithOnePathSurvivesTheLossOfDevicesOnly() {
        Bench bench = Bench.running(5, 2);
        VolumeEntry volume = bench.create("v", "2+2", Tolerance.NODE);
        assertEquals(
                new Survival(0, 2),
                Survival.of(
                        bench.map(), volume.withPaths(List.of(volume.owner())), bench.allVote()));
    }

    /** Its node serves, so its data is there; but the next loss may be one vote too many. */
    @Test
    void aVoterThatTakesPartInNothingCountsAsALoss() {
        Bench bench = Bench.running(5, 2);
        VolumeEntry volume = bench.create("v", "2+2", Tolerance.NODE);
        assertEquals(new Survival(1, 2), Survival.of(bench.map(), volume, Set.of(1, 2, 3, 4)));
        assertEquals(new Survival(0, 2), Survival.of(bench.map(), volume, Set.of(1, 2, 3)));
        assertEquals(new Survival(0, 2), Survival.of(bench.map(), volume, Set.of()));
        bench.down(1);
        assertEquals(
                new Survival(0, 1),
                Survival.of(bench.map(), bench.volume("v"), Set.of(1, 2, 3, 4)),
                "who is away does not vote, whatever it said last");
    }

    /** Node 6 is no voter: that it does not vote is no loss. */
    @Test
    void onlyVotersAreCounted() {
        Bench bench = Bench.running(6, 2);
        VolumeEntry volume = bench.create("v", "2+2", Tolerance.NODE);
        assertEquals(new Survival(2, 2), Survival.of(bench.map(), volume, Set.of(1, 2, 3, 4, 5)));
        assertEquals(new Survival(1, 2), Survival.of(bench.map(), volume, Set.of(1, 2, 3, 4, 6)));
    }
}
