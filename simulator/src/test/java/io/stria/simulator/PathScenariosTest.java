package io.stria.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.DeviceState;
import io.stria.clustermap.Scheme;
import io.stria.control.decisions.Decision;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes that present the volume go one after the other, and others take their place. */
@Timeout(300)
class PathScenariosTest {
    private static final int NODES = 8;
    private static final long AFTER_S = 10;
    private static final long MOVE_MS = 60_000;
    private static final long PROPOSAL_NS = 5_000_000_000L;

    /** With a majority left when three nodes are gone. */
    private static void play(long seed, Consumer<Scene> scenario) {
        Scene.play(
                ClusterConfig.of(seed, NODES, new Scheme(2)).withAllVoting(),
                ChunkStores.small(),
                Seams.NONE,
                scene -> {
                    scene.cluster.rebuildAfter(AFTER_S);
                    scene.hosts.start();
                    scene.writesGoOn(2_000);
                    scenario.accept(scene);
                });
    }

    private static boolean hasNothing(Scene scene, int node) {
        return scene.cluster.map().slots().stream()
                .filter(slot -> slot.nodeId() == node)
                .allMatch(slot -> slot.state() == DeviceState.REMOVED);
    }

    private static void isServedWithout(Scene scene, List<Integer> first) {
        List<Integer> paths = scene.cluster.volume().paths();
        assertEquals(first.size(), paths.size());
        assertTrue(Collections.disjoint(first, paths), first + " and then " + paths);
        scene.hosts.quiesce(Scene.IO_MS);
        scene.hosts.readAll(Scene.IO_MS);
    }

    @ParameterizedTest
    @ValueSource(longs = {80, 81})
    void aVolumeIsServedWhenAllNodesThatPresentedItHaveBeenLostOneAfterTheOther(long seed) {
        play(
                seed,
                scene -> {
                    List<Integer> first = scene.cluster.volume().paths();
                    for (int path : first) {
                        scene.kill(true, scene.cluster.node(path));
                        scene.writesGoOn(Pairs.ATTESTED_MS);
                        scene.cluster.expect(() -> hasNothing(scene, path), MOVE_MS, "rebuilt");
                        scene.writesGoOn(Pairs.ATTESTED_MS);
                    }
                    isServedWithout(scene, first);
                });
    }

    @ParameterizedTest
    @ValueSource(longs = {82, 83})
    void aVolumeIsServedWhenAllNodesThatPresentedItHaveBeenDrainedAndSwitchedOff(long seed) {
        play(
                seed,
                scene -> {
                    List<Integer> first = scene.cluster.volume().paths();
                    for (int path : first) {
                        drain(scene, path);
                        scene.cluster.expect(() -> hasNothing(scene, path), MOVE_MS, "drained");
                    }
                    assertEquals(first.getFirst(), scene.cluster.volume().owner());
                    for (int path : first) {
                        scene.kill(true, scene.cluster.node(path));
                        scene.writesGoOn(Pairs.ATTESTED_MS);
                    }
                    isServedWithout(scene, first);
                });
    }

    private static void drain(Scene scene, int node) {
        NodeProcess process = scene.cluster.processOrNull(NODES);
        assertTrue(process != null);
        List<UUID> devices =
                scene.cluster.node(node).disks().stream()
                        .map(SimulatedNode.Disk::deviceId)
                        .toList();
        process.withAgent((agent, nowNs) ->
                agent.propose(
                        new Decision.DrainDevices(devices), nowNs + PROPOSAL_NS, result -> {}));
    }
}
