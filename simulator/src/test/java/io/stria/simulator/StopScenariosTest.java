package io.stria.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.stria.clustermap.Scheme;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A node that is told to end, and whose devices take long to close. */
@Timeout(300)
class StopScenariosTest {
    private static final Scheme TWO = new Scheme(2);

    /**
     * Its lease is renewed meanwhile. Did it serve again, its owner would begin once more at the
     * same epoch, and what hosts write then would be older than what they wrote before.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void anOwnerThatHasStoppedServesNothingThoughItsLeaseIsRenewed(long seed) {
        Scene.play(
                seed,
                5,
                TWO,
                scene -> {
                    scene.hosts.start();
                    scene.writesGoOn(2_000);
                    SimulatedNode owner = scene.owner();
                    int epoch = scene.cluster.volume().epoch();
                    owner.stopServing(false);
                    scene.cluster.runFor(6_000);
                    assertEquals(epoch, scene.cluster.volume().epoch(), "its lease is renewed");
                    assertFalse(owner.processOrNull().servesAny());
                    scene.kill(true, owner);
                    scene.writesGoOn(Pairs.ATTESTED_MS);
                });
    }

    @Test
    void hostsGoOnElsewhereLongBeforeAnOwnerThatStopsHasEnded() {
        Scene.play(
                4,
                5,
                TWO,
                scene -> {
                    scene.hosts.start();
                    scene.writesGoOn(2_000);
                    SimulatedNode owner = scene.owner();
                    owner.stopServing(true);
                    scene.writesGoOn(Pairs.SILENT_MS);
                    assertNotEquals(owner.id(), scene.owner().id());
                    scene.cluster.runFor(10_000);
                    assertNotEquals(owner.id(), scene.owner().id());
                    scene.kill(true, owner);
                    scene.writesGoOn(Pairs.ATTESTED_MS);
                });
    }
}
