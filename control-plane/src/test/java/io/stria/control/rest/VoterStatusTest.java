package io.stria.control.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.control.lease.LeaderView;
import io.stria.control.lease.VoterReport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is told of voters that take part in nothing; nodes 1 to 5 have one. */
class VoterStatusTest {
    private static final VoterReport WORKS = VoterReport.works(10L << 30);
    private static final VoterReport FAILED =
            new VoterReport(VoterReport.State.FAILED, "its log has failed", 0);
    private static final VoterReport UNOPENED =
            new VoterReport(
                    VoterReport.State.UNOPENED,
                    "it could not be opened",
                    VoterReport.UNKNOWN_BYTES);

    private static ClusterMap map(NodeState fifth) {
        List<NodeEntry> nodes =
                IntStream.rangeClosed(1, 6)
                        .mapToObj(id ->
                                new NodeEntry(
                                        id,
                                        "10.0.0." + id,
                                        4420,
                                        80,
                                        98,
                                        "",
                                        "",
                                        id <= 5,
                                        id == 5 ? fifth : NodeState.ONLINE,
                                        7))
                        .toList();
        return new ClusterMap(new UUID(7, 7), 9, 8, nodes, List.of(), List.of());
    }

    private static @Nullable LeaderView leader(VoterReport... voters) {
        List<LeaderView.NodeView> nodes = new ArrayList<>();
        for (int i = 0; i < voters.length; i++) {
            nodes.add(
                    new LeaderView.NodeView(
                            i + 1, 77, "nio", true, 9, 0, voters[i], List.of(), List.of()));
        }
        return new LeaderView(3, 1, 9, 9, nodes, List.of(), 600, List.of(), List.of(), List.of());
    }

    private static ClusterViews views(NodeState fifth, @Nullable LeaderView leader) {
        return new ClusterViews(map(fifth), leader, new MoveRates(), 0);
    }

    private static ClusterViews views(VoterReport... voters) {
        return views(NodeState.ONLINE, leader(voters));
    }

    @Test
    void thoseThatHaveFailedAreNamedAndCountedAsGone() {
        ClusterViews views = views(WORKS, FAILED, WORKS, UNOPENED, WORKS, VoterReport.NONE);
        ClusterJson.Cluster cluster = views.cluster(9);
        assertEquals("degraded", cluster.health());
        assertTrue(
                cluster.problems()
                        .containsAll(
                                List.of(
                                        "node 2's voter takes part in nothing: its log has failed",
                                        "node 4's voter takes part in nothing: it could not be"
                                                + " opened")),
                cluster.problems().toString());
        assertEquals(new ClusterJson.Count(5, 3), cluster.voters());
        assertEquals(
                Arrays.asList("works", "failed", "works", "unopened", "works", "none"),
                views.nodes().stream().map(ClusterJson.Node::voterState).toList());
        assertEquals(
                Arrays.asList(
                        null, "its log has failed", null, "it could not be opened", null, null),
                views.nodes().stream().map(ClusterJson.Node::voterReason).toList());
        assertTrue(views.okToStop(2).ok());
        ClusterJson.StopCheck refused = views.okToStop(3);
        assertFalse(refused.ok());
        assertTrue(refused.reason().contains("too few voters"), refused.reason());
    }

    @Test
    void whileAllWorkThereIsNothingToTell() {
        ClusterViews views = views(WORKS, WORKS, WORKS, WORKS, WORKS, VoterReport.NONE);
        assertEquals(List.of(), views.cluster(9).problems());
        assertEquals(new ClusterJson.Count(5, 5), views.cluster(9).voters());
        assertTrue(views.okToStop(3).ok());
    }

    /** A leader that has just begun: nothing is the matter, and nothing may be stopped yet. */
    @Test
    void whoHasNotBeenHeardIsNotCountedOn() {
        VoterReport[] voters = new VoterReport[5];
        Arrays.fill(voters, VoterReport.UNHEARD);
        voters[0] = WORKS;
        ClusterViews views = views(voters);
        assertEquals(List.of(), views.cluster(9).problems());
        assertEquals(new ClusterJson.Count(5, 1), views.cluster(9).voters());
        assertNull(views.nodes().get(1).voterState());
        assertFalse(views.okToStop(3).ok());
    }

    @Test
    void withoutALeaderNobodyIsCountedOn() {
        ClusterViews views = views(NodeState.ONLINE, null);
        assertEquals(new ClusterJson.Count(5, 0), views.cluster(9).voters());
        assertNull(views.nodes().getFirst().voterState());
    }

    /** What it said before does not count; nor is it worth a line beside that it is offline. */
    @Test
    void ofANodeThatIsOfflineNothingIsKnown() {
        ClusterViews views =
                views(NodeState.OFFLINE, leader(WORKS, WORKS, WORKS, WORKS, FAILED, WORKS));
        assertEquals(List.of("node 5 is offline"), views.cluster(9).problems());
        assertEquals(new ClusterJson.Count(5, 4), views.cluster(9).voters());
        assertNull(views.nodes().get(4).voterState());
    }

    /** Its configuration and the map contradict each other. */
    @Test
    void aVoterWhoseNodeKnowsOfNoneIsGone() {
        ClusterViews views = views(WORKS, VoterReport.NONE, WORKS, WORKS, WORKS);
        assertEquals(
                List.of("node 2's voter takes part in nothing: its node has none"),
                views.cluster(9).problems());
        assertEquals(new ClusterJson.Count(5, 4), views.cluster(9).voters());
    }

    @Test
    void littleRoomIsToldBeforeThereIsNone() {
        assertEquals(
                List.of(
                        "node 2 has less than 256 MiB left for decisions: without room its voter"
                                + " fails"),
                views(
                                WORKS,
                                VoterReport.works((256L << 20) - 1),
                                VoterReport.works(256L << 20),
                                VoterReport.works(VoterReport.UNKNOWN_BYTES),
                                WORKS)
                        .cluster(9)
                        .problems());
    }
}
