package io.stria.simulator;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.DeviceState;
import io.stria.clustermap.Scheme;
import io.stria.control.decisions.Decision;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The owner of the volume, which was drained, is cut off and removed while it runs on, and hosts
 * reach it still. What it acknowledges after that would be lost.
 */
@Timeout(300)
class RemovedNodeScenariosTest {
    private static final int NODES = 7;
    private static final int VOTERS = 3;
    private static final long MOVE_MS = 60_000;
    private static final long TOLD_MS = 5_000;
    private static final long PROPOSAL_NS = 1_000_000_000L;

    private final int[] drained = {2, 3};

    private static boolean hasNothing(Scene scene, int node) {
        return scene.cluster.map().slots().stream()
                .filter(slot -> slot.nodeId() == node)
                .allMatch(slot -> slot.state() == DeviceState.REMOVED);
    }

    private static void propose(Scene scene, Decision decision) {
        NodeProcess process = scene.cluster.processOrNull(2);
        assertTrue(process != null);
        process.withAgent(
                (agent, nowNs) -> agent.propose(decision, nowNs + PROPOSAL_NS, result -> {}));
    }

    private static void drain(Scene scene, int node) {
        List<UUID> devices =
                scene.cluster.node(node).disks().stream()
                        .map(SimulatedNode.Disk::deviceId)
                        .toList();
        propose(scene, new Decision.DrainDevices(devices));
        scene.cluster.expect(() -> hasNothing(scene, node), MOVE_MS, "drained");
    }

    /** Voters give their paths up, so that the first of them to go is followed by no voter. */
    private int ownerThatDoesNotVote(Scene scene) {
        for (int node : drained) {
            drain(scene, node);
        }
        scene.kill(true, scene.cluster.node(1));
        scene.writesGoOn(Pairs.ATTESTED_MS);
        scene.cluster.node(1).start();
        scene.cluster.expect(scene.cluster::isWhole, MOVE_MS, "node 1 in sync");
        int owner = scene.owner().id();
        assertTrue(owner > VOTERS, "node " + owner);
        return owner;
    }

    private static void removeWhileItIsCutOff(Scene scene, int node) {
        scene.cluster.links().isolate(node); // hosts still reach it
        long incarnation = scene.cluster.map().node(node).orElseThrow().incarnation();
        Decision remove = new Decision.RemoveNode(node, incarnation);
        for (int i = 0; i < 100 && !scene.cluster.map().isRemoved(node); i++) {
            propose(scene, remove);
            scene.cluster.run(() -> scene.cluster.map().isRemoved(node), 100);
        }
        assertTrue(scene.cluster.map().isRemoved(node));
        NodeProcess process = scene.cluster.processOrNull(node);
        assertTrue(process != null, "it knows nothing");
        assertFalse(process.holdsLease(), "nobody is removed who has a lease");
    }

    private static void endsByItself(Scene scene, int node) {
        scene.cluster.expect(
                () -> scene.cluster.processOrNull(node) == null, TOLD_MS, "it is told, and ends");
    }

    @ParameterizedTest
    @ValueSource(longs = {90, 91})
    void anOwnerThatIsRemovedWhileItIsCutOffServesNothingAndIsToldWhenItIsBack(long seed) {
        Scene.play(
                ClusterConfig.of(seed, NODES, new Scheme(2)).withVoters(VOTERS),
                ChunkStores.small(),
                Seams.NONE,
                scene -> {
                    scene.hosts.start();
                    scene.writesGoOn(2_000);
                    int node = ownerThatDoesNotVote(scene);
                    drain(scene, node);
                    assertTrue(scene.owner().id() == node, "an owner stays until it ends");

                    removeWhileItIsCutOff(scene, node);
                    scene.writesGoOn(Pairs.ATTESTED_MS);
                    assertFalse(scene.cluster.volume().paths().contains(node));
                    SimulatedNode leader = scene.cluster.leader().orElseThrow();
                    scene.kill(true, leader);
                    scene.writesGoOn(Pairs.ATTESTED_MS);
                    leader.start();

                    scene.cluster.links().heal();
                    endsByItself(scene, node);
                    scene.cluster.node(node).start();
                    endsByItself(scene, node);
                    assertTrue(scene.cluster.map().isRemoved(node));
                    scene.writesGoOn(Pairs.ATTESTED_MS);
                });
    }
}
