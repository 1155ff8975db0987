package io.stria.control.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.control.decisions.StopCheck;
import io.stria.control.decisions.Survival;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Voters whose disks have failed, on nodes that serve on: the leader hears it from these. */
class FailedVoterTest {
    private static final int VOLUMES = 5;
    private static final int SEEDS = 8;

    private static LeaseWorld running(long seed) {
        LeaseWorld world = new LeaseWorld(seed);
        world.until(world::allOnline, 10_000);
        for (int i = 0; i < VOLUMES; i++) {
            world.create(1, "v" + i);
        }
        world.until(() -> world.allServed(VOLUMES), 10_000);
        world.until(() -> voting(world).size() == LeaseWorld.NODES, 3_000);
        return world;
    }

    private static List<LeaseWorld.Machine> leading(LeaseWorld world) {
        return world.machines.stream()
                .filter(machine -> machine.runs() && machine.leads().leads())
                .toList();
    }

    private static List<LeaseWorld.Machine> followers(LeaseWorld world) {
        return world.machines.stream()
                .filter(machine -> !leading(world).contains(machine))
                .toList();
    }

    private static List<LeaderView.NodeView> views(LeaseWorld world) {
        return leading(world).stream()
                .flatMap(machine -> machine.leads().view(machine.clock()).nodes().stream())
                .toList();
    }

    /** As the leader has been told; nobody where none leads. */
    private static Set<Integer> voting(LeaseWorld world) {
        return leading(world).stream()
                .flatMap(machine -> machine.leads().view(machine.clock()).voting().stream())
                .collect(Collectors.toSet());
    }

    /** As an operator is told who asks the leader's node. */
    private static boolean mayStop(LeaseWorld world, int node) {
        Set<Integer> away =
                views(world).stream()
                        .filter(view -> !view.leased())
                        .map(LeaderView.NodeView::id)
                        .collect(Collectors.toSet());
        return StopCheck.of(world.map(), node, away, voting(world)).ok();
    }

    @Test
    void theStopThatWouldEndAllLeasesIsRefused() {
        for (int seed = 0; seed < SEEDS; seed++) {
            LeaseWorld world = running(seed);
            List<LeaseWorld.Machine> followers = followers(world);
            LeaseWorld.Machine third = followers.get(2);
            assertTrue(mayStop(world, third.id));
            followers.subList(0, 2).forEach(each -> world.consensus.log(each.id).fail());
            world.run(1_000);

            assertTrue(world.machines.stream().allMatch(LeaseWorld.Machine::leased));
            assertTrue(world.allOnline(), "their nodes serve on");
            assertEquals(3, voting(world).size());
            assertEquals(3, Survival.workingVoters(world.map(), voting(world)));
            assertFalse(mayStop(world, third.id), "seed " + seed);
            assertTrue(mayStop(world, followers.getFirst().id), "its voter is gone as it is");

            // What this is for.
            third.kill();
            world.run(10_000);
            assertTrue(world.machines.stream().noneMatch(LeaseWorld.Machine::leased));
        }
    }

    /** It takes nobody's voter for granted that it has not heard of. */
    @Test
    void aNewLeaderHearsItBeforeItCountsOnAnybody() {
        for (int seed = 0; seed < SEEDS; seed++) {
            LeaseWorld world = running(seed);
            LeaseWorld.Machine failed = followers(world).getFirst();
            world.consensus.log(failed.id).fail();
            world.run(1_000);
            leading(world).getFirst().kill();
            for (int i = 0; i < 2_000; i++) {
                world.step();
                assertFalse(voting(world).contains(failed.id), "seed " + seed);
                for (LeaderView.NodeView view : views(world)) {
                    assertTrue(view.pid() != 0 || !view.voter().works(), "it was not heard");
                }
            }
            assertEquals(3, voting(world).size());
        }
    }

    @Test
    void itCountsAgainWhenItsProcessHasStartedAnew() {
        LeaseWorld world = running(1);
        LeaseWorld.Machine failed = followers(world).getFirst();
        world.consensus.log(failed.id).fail();
        world.until(() -> !voting(world).contains(failed.id), 1_000);
        failed.kill();
        failed.start();
        world.until(() -> voting(world).contains(failed.id), 10_000);
    }
}
