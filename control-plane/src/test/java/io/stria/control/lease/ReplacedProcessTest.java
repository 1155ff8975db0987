package io.stria.control.lease;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.VolumeEntry;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.NodeSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Another process registers as the owner's node while the owner's own, which nobody hears, still
 * has a lease. {@link LeaseWorld} checks after each step that none is left when an epoch is in
 * force.
 */
class ReplacedProcessTest {
    private static final int SEEDS = 20;

    @Test
    void itsEpochIsInForceOnlyWhenTheFormerLeaseHasRunOut() {
        for (int seed = 0; seed < SEEDS; seed++) {
            Scene each = new Scene(seed);
            each.cutOff();
            each.register(Incarnation.ofLaterProcess(each.incarnation, 0));
            long ms = each.untilInForce();
            assertTrue(ms > 900 && ms < 2_200, ms + " ms, seed " + seed);
        }
    }

    /** Each of them might have got one. */
    @Test
    void allThatWereReplacedAreWaitedFor() {
        Scene scene = new Scene(1);
        scene.cutOff();
        long second = Incarnation.ofLaterProcess(scene.incarnation, 0);
        scene.register(second);
        scene.world.run(100);
        scene.register(Incarnation.ofLaterProcess(second, 0));
        long ms = scene.untilInForce();
        assertTrue(ms > 800 && ms < 2_100, ms + " ms");
    }

    @Test
    void nobodyWaitsForTheLeaseOfOneThatHasEnded() {
        Scene scene = new Scene(1);
        scene.owner.kill();
        scene.witness.attest(scene.owner.id, scene.owner.lastIncarnation());
        // Before it counts as down.
        scene.register(Incarnation.ofLaterProcess(scene.incarnation, 0));
        long ms = scene.untilInForce();
        assertTrue(ms < 200, ms + " ms");
    }

    @Test
    void itsEndMayBeAttestedAfterItWasReplaced() {
        Scene scene = new Scene(1);
        scene.cutOff();
        scene.register(Incarnation.ofLaterProcess(scene.incarnation, 0));
        scene.world.run(300);
        assertTrue(scene.witness.inForce < scene.epoch, "it may have a lease");
        scene.owner.kill();
        scene.witness.attest(scene.owner.id, scene.owner.lastIncarnation());
        long ms = scene.untilInForce();
        assertTrue(ms < 200, ms + " ms");
    }

    /** It has given its lease up before it registers again. */
    @Test
    void aProcessThatRegistersAgainIsNotWaitedFor() {
        Scene scene = new Scene(1);
        scene.owner.kill();
        scene.register(scene.incarnation + 1);
        long ms = scene.untilInForce();
        assertTrue(ms < 200, ms + " ms");
    }

    /** Somebody who leads, and another node that owns the only volume. */
    private static final class Scene {
        private final LeaseWorld world;
        private final LeaseWorld.Machine witness;
        private final LeaseWorld.Machine owner;
        private final long incarnation;
        private long epoch;

        Scene(long seed) {
            world = new LeaseWorld(seed);
            world.until(world::allOnline, 10_000);
            world.create(1, "v");
            world.until(
                    () ->
                            world.allServed(1)
                                    && world.machines.stream().allMatch(LeaseWorld.Machine::leased),
                    10_000);
            VolumeEntry volume = world.map().volumes().getFirst();
            int leader = world.machine(1).running().leader().nodeId();
            int other = volume.paths().stream().filter(n -> n != leader).findFirst().orElseThrow();
            if (volume.owner() == leader) {
                witness = world.machine(leader);
                witness.propose(new Decision.TakeVolume(volume.vuid(), volume.epoch(), other));
                world.run(2_000);
            } else {
                witness = world.machine(leader);
            }
            owner = world.machine(world.map().volumes().getFirst().owner());
            incarnation = world.map().node(owner.id).orElseThrow().incarnation();
            assertTrue(owner.leased() && owner.id != witness.id);
        }

        void cutOff() {
            for (int node = 1; node <= LeaseWorld.NODES; node++) {
                world.cut(owner.id, node);
                world.cut(node, owner.id);
            }
        }

        void register(long as) {
            epoch = world.map().epoch() + 1;
            witness.propose(
                    new Decision.RegisterNode(
                            new NodeSpec(owner.id, "10.0.0.9", 4420, 80, 98, "", "", true),
                            as,
                            List.of()));
            world.until(() -> world.map().epoch() >= epoch, 2_000);
        }

        long untilInForce() {
            return world.until(() -> witness.inForce >= epoch, 5_000);
        }
    }
}
