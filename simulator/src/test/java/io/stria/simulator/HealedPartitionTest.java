package io.stria.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.clustermap.Scheme;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An owner is on the smaller side of a network that is cut in two, for so short that nobody takes
 * its place. What it believed of the others meanwhile is no reason to mark any of them when the
 * network is healed: with two marked in vain a third one that is lost could not be.
 */
@Timeout(300)
class HealedPartitionTest {
    private static final Scheme TWO = new Scheme(2);

    /** All leases are over after this. */
    private static final long LEASE_MS = 2_100;

    /** In which whatever was going to be marked has been. */
    private static final long CALM_MS = 2_500;

    /** Between renewals: the lease of a node that is cut off may be older by so much. */
    private static final long RENEWAL_MS = 800;

    private static final long PHASE_MS = 100;

    private static final long AFTERWARDS_MS = 700;

    /** At any moment between two renewals. */
    private static void cutAndHeal(long seed, Consumer<Scene> then) {
        for (long phaseMs = 0; phaseMs < RENEWAL_MS; phaseMs += PHASE_MS) {
            long waitMs = phaseMs;
            Scene.play(
                    seed,
                    5,
                    TWO,
                    scene -> {
                        scene.hosts.start();
                        scene.writesGoOn(2_000);
                        scene.cluster.runFor(waitMs);
                        int epoch = scene.cluster.volume().epoch();
                        cutInTwo(scene);
                        NodeProcess process = scene.owner().processOrNull();
                        scene.cluster.expect(
                                () -> !process.holdsLease(), LEASE_MS, "the end of its lease");
                        assertEquals(epoch, scene.cluster.volume().epoch(), "none is down yet");
                        scene.cluster.links().heal();
                        then.accept(scene);
                    });
        }
    }

    /** The owner and the leader, or another one, on the one side. */
    private static void cutInTwo(Scene scene) {
        SimulatedNode owner = scene.owner();
        SimulatedNode leader = scene.cluster.leader().orElseThrow();
        SimulatedNode second = leader == owner ? scene.cluster.node(1 + owner.id() % 5) : leader;
        Links links = scene.cluster.links();
        for (SimulatedNode other : scene.cluster.nodes()) {
            if (other != owner && other != second) {
                for (int id : new int[] {owner.id(), second.id()}) {
                    links.cutOneWay(id, other.id());
                    links.cutOneWay(other.id(), id);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void nobodyIsMarkedForTheSilenceOfANetworkThatWasCut(long seed) {
        cutAndHeal(
                seed,
                scene -> {
                    scene.cluster.run(() -> !scene.cluster.volume().behind().isEmpty(), CALM_MS);
                    assertEquals(Map.of(), scene.cluster.volume().behind());
                    scene.writesGoOn(2_000);
                });
    }

    /** Its own slots can be marked then, and its successor waits for nobody. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void theOwnerMayBeLostSoonAfterwards(long seed) {
        cutAndHeal(
                seed,
                scene -> {
                    scene.cluster.runFor(AFTERWARDS_MS);
                    scene.cluster.links().isolate(scene.owner().id());
                    scene.writesGoOn(Pairs.SILENT_MS);
                });
    }
}
