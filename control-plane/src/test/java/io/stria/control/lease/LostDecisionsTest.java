package io.stria.control.lease;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.VolumeEntry;
import io.stria.control.decisions.Decision;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Three of five voters lose decisions that two nodes have applied the maps of, and other maps get
 * their epochs. {@link LeaseWorld} checks after each step that nobody serves beside the owner.
 */
class LostDecisionsTest {
    private static final int VOLUMES = 5;
    private static final int SEEDS = 8;

    /** Each of three nodes that start anew makes an epoch: as many as were lost, more, or fewer. */
    @Test
    void nobodyServesByADecisionThatWasLostWhenItsEpochHasBeenGivenAgain() {
        for (int decisions = 1; decisions <= 6; decisions++) {
            for (int seed = 0; seed < SEEDS; seed++) {
                Fork each = new Fork(seed);
                try {
                    each.loseDecisions(decisions);
                    each.world.run(10_000);
                    each.recover(decisions);
                } catch (AssertionError e) {
                    throw new AssertionError(
                            "%d decisions lost, seed %d: %s"
                                    .formatted(decisions, seed, e.getMessage()),
                            e);
                }
            }
        }
    }

    /** What this is for. */
    @Test
    void twoServeAtOneTimeIfMapsAreNotCompared() {
        int asManyAsStartAnew = 3;
        AssertionError found =
                assertThrows(
                        AssertionError.class,
                        () -> {
                            for (int seed = 0; seed < SEEDS; seed++) {
                                Fork each = new Fork(seed);
                                each.world.areDigestsForged = true;
                                each.loseDecisions(asManyAsStartAnew);
                                each.world.run(10_000);
                            }
                        });
        assertTrue(found.getMessage().contains("is served by nodes"), found.getMessage());
    }

    /** One world, in which that happens. */
    private static final class Fork {
        private final LeaseWorld world;
        private final List<LeaseWorld.Machine> losing = new ArrayList<>();
        private final List<LeaseWorld.Machine> keeping = new ArrayList<>();

        Fork(long seed) {
            world = new LeaseWorld(seed);
            world.until(world::allOnline, 10_000);
            for (int i = 0; i < VOLUMES; i++) {
                world.create(1, "v" + i);
            }
            world.until(() -> world.allServed(VOLUMES), 10_000);
            int leader = world.machine(1).running().leader().nodeId();
            for (LeaseWorld.Machine machine : world.machines) {
                boolean keeps = machine.id != leader && keeping.size() < 2;
                (keeps ? keeping : losing).add(machine);
            }
        }

        /** Of these, some that move a volume to a node that will know it, and are lost. */
        void loseDecisions(int decisions) {
            world.areDecisionsLost = true;
            keeping.forEach(machine -> world.cutLog(machine.id));
            int kept = world.consensus.log(losing.getFirst().id).length();
            long epoch = world.map().epoch();
            List<VolumeEntry> moving =
                    world.map().volumes().stream()
                            .filter(volume -> losing.stream().anyMatch(m -> m.id == volume.owner()))
                            .filter(volume -> volume.paths().stream().anyMatch(this::keeps))
                            .toList();
            assertTrue(!moving.isEmpty());
            int through = losing.getFirst().id;
            for (int i = 0; i < decisions; i++) {
                if (i < moving.size()) {
                    VolumeEntry volume = moving.get(i);
                    int taker =
                            volume.paths().stream().filter(this::keeps).findFirst().orElseThrow();
                    world.machine(through)
                            .propose(new Decision.TakeVolume(volume.vuid(), volume.epoch(), taker));
                } else {
                    world.create(through, "w" + i);
                }
            }
            world.until(
                    () ->
                            world.map().epoch() == epoch + decisions
                                    && keeping.stream()
                                            .allMatch(m -> hasServed(m, epoch + decisions)),
                    10_000);
            losing.forEach(LeaseWorld.Machine::kill);
            losing.forEach(machine -> world.consensus.log(machine.id).loseEntriesBehind(kept));
            losing.forEach(LeaseWorld.Machine::start);
        }

        private boolean keeps(int node) {
            return keeping.stream().anyMatch(machine -> machine.id == node);
        }

        private static boolean hasServed(LeaseWorld.Machine machine, long epoch) {
            return machine.applied.epoch() == epoch && machine.inForce == epoch && machine.leased();
        }

        /** When other decisions have come after those that took the epochs. */
        void recover(int decisions) {
            world.heal();
            for (int i = 0; i < decisions; i++) {
                world.create(losing.getFirst().id, "x" + i);
            }
            world.until(() -> world.allOnline() && world.allServed(VOLUMES + decisions), 30_000);
            keeping.forEach(machine -> assertTrue(machine.runs(), "it goes on"));
        }
    }
}
