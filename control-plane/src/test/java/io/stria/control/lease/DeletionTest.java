package io.stria.control.lease;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.NodeState;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import io.stria.control.decisions.Decision;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeletionTest {
    private static LeaseWorld running(long seed) {
        LeaseWorld world = new LeaseWorld(seed);
        world.until(world::allOnline, 10_000);
        world.create(1, "v");
        world.until(() -> world.allServed(1), 10_000);
        return world;
    }

    private static VolumeEntry volume(LeaseWorld world) {
        return world.map().volumeByName("v").orElseThrow();
    }

    private static boolean isGone(LeaseWorld world) {
        return world.map().volumeByName("v").isEmpty();
    }

    private static void delete(LeaseWorld world, LeaseWorld.Machine through) {
        through.propose(new Decision.DeleteVolume("v", volume(world).id()));
    }

    @Test
    void aVolumeGoesAlsoWhenNoNodeIsThereThatPresentedIt() {
        for (long seed = 40; seed < 45; seed++) {
            LeaseWorld world = running(seed);
            List<Integer> paths = volume(world).paths();
            world.machine(paths.get(0)).kill();
            world.machine(paths.get(1)).kill();
            world.machine(paths.get(2)).dataStandsStill = true; // but it still votes
            world.until(
                    () ->
                            paths.stream()
                                    .map(id -> world.map().node(id).orElseThrow())
                                    .allMatch(node -> node.state() == NodeState.OFFLINE),
                    20_000);
            delete(
                    world,
                    world.machines.stream()
                            .filter(machine -> !paths.contains(machine.id))
                            .findFirst()
                            .orElseThrow());
            world.until(() -> isGone(world), 10_000);
        }
    }

    /** The leader of that time may have gone before it could end the deletion. */
    @Test
    void aDeletionIsEndedByTheNextLeader() {
        for (long seed = 50; seed < 55; seed++) {
            LeaseWorld world = running(seed);
            world.machines.forEach(machine -> machine.applyMs = 400);
            delete(world, world.machine(1));
            world.until(() -> volume(world).state() == VolumeState.DELETING, 10_000);
            LeaseWorld.Machine leader = world.machine(world.machine(1).running().leader().nodeId());
            assertFalse(isGone(world));
            leader.kill();
            world.until(() -> isGone(world), 20_000);
        }
    }

    @Test
    void aVolumeStaysInTheMapAsLongAsANodeWithALeaseMayServeIt() {
        for (long seed = 60; seed < 65; seed++) {
            LeaseWorld world = running(seed);
            int vuid = volume(world).vuid();
            world.machine(volume(world).owner()).applyMs = 1_000;
            delete(world, world.machine(1));
            world.until(() -> isGone(world), 10_000);
            for (LeaseWorld.Machine machine : world.machines) {
                assertTrue(
                        !machine.leased()
                                || machine.applied
                                        .volume(vuid)
                                        .filter(volume -> volume.state() == VolumeState.ONLINE)
                                        .isEmpty(),
                        world::describe);
            }
        }
    }
}
