package io.stria.control.decisions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.NodeState;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class StopCheckTest {
    private static StopCheck of(Bench bench, int node) {
        return StopCheck.of(bench.map(), node, Set.of(), bench.allVote());
    }

    @Test
    void oneOfFiveMayStopAndTheReserveIsSaid() {
        Bench bench = Bench.running(5, 2);
        bench.create("v", "2+2", Tolerance.NODE);
        StopCheck check = of(bench, 2);
        assertTrue(check.ok());
        assertEquals(
                "all volumes stay available without node 2, and may then lose 1 more device, or 1"
                        + " node",
                check.reason());
        assertEquals(new Survival(1, 1), check.volumes().getFirst().survives());
    }

    @Test
    void theThirdMayNotStop() {
        Bench bench = Bench.running(6, 1);
        bench.create("v", "2+2", Tolerance.NODE);
        bench.down(2);
        StopCheck second = of(bench, 6);
        assertTrue(second.ok(), second.reason());
        assertEquals(
                "all volumes stay available without node 6, and nothing more may be lost meanwhile",
                second.reason());
        bench.down(6);
        StopCheck third = of(bench, 3);
        assertFalse(third.ok());
        assertEquals(
                "volume v could have more than 2 chunks of a page away, whose blocks would wait",
                third.reason());
        assertTrue(of(bench, 6).ok(), "it is away already");
    }

    @Test
    void aMajorityOfVotersMustStay() {
        Bench bench = Bench.running(5, 1);
        bench.down(1);
        bench.down(2);
        assertEquals("too few voters would be left to decide anything", of(bench, 3).reason());
        assertFalse(of(bench, 3).ok());
    }

    /** Their nodes serve, and so would all volumes, but for the leases. */
    @Test
    void votersThatTakePartInNothingAreNotPartOfIt() {
        Bench bench = Bench.running(5, 1);
        bench.create("v", "2+2", Tolerance.NODE);
        Set<Integer> voting = Set.of(1, 3, 5);
        StopCheck third = StopCheck.of(bench.map(), 3, Set.of(), voting);
        assertFalse(third.ok());
        assertEquals(
                "too few voters would be left to decide anything, since those of nodes [2, 4] are"
                        + " not known to take part",
                third.reason());
        assertEquals(0, third.volumes().getFirst().survives().nodes());
        StopCheck failed = StopCheck.of(bench.map(), 4, Set.of(), voting);
        assertTrue(failed.ok(), "it takes no vote along: " + failed.reason());
        assertTrue(StopCheck.of(bench.map(), 3, Set.of(), Set.of(1, 3, 4, 5)).ok());
        assertFalse(
                StopCheck.of(bench.map(), 3, Set.of(5), Set.of(1, 3, 4, 5)).ok(),
                "node 5 is not heard any more");
    }

    @Test
    void withoutAWordFromAnyVoterNothingMayStop() {
        Bench bench = Bench.running(5, 1);
        assertFalse(StopCheck.of(bench.map(), 3, Set.of(), Set.of()).ok());
    }

    @Test
    void ofOneNodeNoPathWouldBeLeft() {
        Bench bench = Bench.running(1, 4);
        bench.create("v", "2+2", Tolerance.DEVICE);
        assertFalse(of(bench, 1).ok());
        assertTrue(of(bench, 1).reason().contains("too few voters"), of(bench, 1).reason());
    }

    @Test
    void whoIsNotHeardCountsAsAway() {
        Bench bench = Bench.running(5, 1);
        bench.create("v", "2+2", Tolerance.NODE);
        assertTrue(StopCheck.of(bench.map(), 3, Set.of(1), bench.allVote()).ok());
        assertFalse(StopCheck.of(bench.map(), 3, Set.of(1, 2), bench.allVote()).ok());
        assertTrue(StopCheck.of(bench.map(), 3, Set.of(1, 3), bench.allVote()).ok());
    }

    @Test
    void whatIsBehindCounts() {
        Bench bench = Bench.running(5, 1);
        bench.create("v", "2+2", Tolerance.NODE);
        bench.down(1);
        bench.start(1);
        bench.down(2);
        bench.start(2);
        StopCheck check = of(bench, 3);
        assertFalse(check.ok(), "nodes 1 and 2 have not caught up");
        assertTrue(of(bench, 2).ok(), "it has not caught up itself");
    }

    @Test
    void aDrainedDeviceWhoseNodeIsAwayIsAway() {
        Bench bench = Bench.running(6, 1);
        bench.create("v", "2+2", Tolerance.NODE);
        bench.done(new Decision.DrainDevices(List.of(new UUID(6, 0))));
        assertEquals(
                new Survival(2, 2), Survival.of(bench.map(), bench.volume("v"), bench.allVote()));
        bench.down(6);
        bench.down(5);
        bench.down(4);
        assertEquals(0, Survival.of(bench.map(), bench.volume("v"), bench.allVote()).devices());
        assertFalse(of(bench, 3).ok());
    }

    /** Another node takes its place, but no host is connected to that one yet. */
    @Test
    void anOwnerThatIsEmptyMayNotStopWhileTheOtherPathsAreAway() {
        Bench bench = Bench.running(8, 2);
        VolumeEntry volume = bench.create("v", "1+2", Tolerance.DEVICE);
        int owner = volume.owner();
        bench.done(new Decision.DrainDevices(List.of(new UUID(owner, 0), new UUID(owner, 1))));
        bench.moveAll("v");
        volume.paths().stream().filter(path -> path != owner).forEach(bench::down);
        StopCheck check = of(bench, owner);
        assertEquals("has no other path that is online", check.volumes().getFirst().problem());
        bench.down(owner);
        assertEquals(NodeState.ONLINE, bench.node(bench.volume("v").owner()).state());
    }
}
