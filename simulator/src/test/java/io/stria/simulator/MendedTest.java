package io.stria.simulator;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.Scheme;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The judge of what owners had to mend tells a device that fails from a store that is wrong. */
@Timeout(300)
class MendedTest {
    private static final long SCRUB_MS = 60_000;
    private static final long MARK_MS = 20_000;
    private static final int WRITES = 400;

    /** Two slots of a node and one of another. */
    private static final int MARKED = 3;

    private static SimulatedNode.Disk disk(SimulatedNode node) {
        return node.disks().getFirst();
    }

    private static void writeMuch(Scene scene) {
        scene.hosts.start();
        scene.cluster.expect(
                () -> scene.hosts.history().writes() >= WRITES, SCRUB_MS, "many writes");
        scene.hosts.quiesce(Scene.IO_MS);
    }

    /** A node and a device are marked, and then one more fails for good: nobody may mark that. */
    private static void loseThree(Scene scene) {
        scene.kill(true, scene.cluster.node(3));
        scene.cluster.node(5).loseDisk(disk(scene.cluster.node(5)), false);
        scene.hosts.start();
        scene.cluster.expect(
                () -> scene.cluster.volume().behind().size() == MARKED, MARK_MS, "all marked");
        scene.hosts.quiesce(Scene.IO_MS);
        scene.cluster.runFor(1_000); // pages are written, and no longer only the journal
        scene.cluster.node(4).loseDisk(disk(scene.cluster.node(4)), false);
    }

    private static void allComeBack(Scene scene) {
        for (SimulatedNode node : List.of(scene.cluster.node(4), scene.cluster.node(5))) {
            node.repairDisk(disk(node));
            node.kill();
        }
        scene.recovers();
    }

    private static long found(Scene scene) {
        NodeProcess process = scene.owner().processOrNull();
        assertTrue(process != null);
        return process.scrubs().faults();
    }

    /** What it holds is whole; it is only not to be had, for scrubs and for hosts' reads. */
    @Test
    void aDeviceThatFailsAndMayNotBeMarkedHasLostNothing() {
        Scene.play(
                81,
                5,
                new Scheme(1),
                scene -> {
                    writeMuch(scene);
                    loseThree(scene);
                    new OwnerScrub(scene.cluster).run(SCRUB_MS);
                    assertTrue(found(scene) > 0, "the scrub finds what cannot be read");
                    assertEquals(MARKED, scene.cluster.volume().behind().size());
                    scene.hosts.readAll(Scene.IO_MS);
                    allComeBack(scene);
                    scene.cluster.runFor(1_000);
                    assertDoesNotThrow(scene.cluster.mended()::expectNone);
                });
    }

    /** A store forgets writes: also beside a device that fails. */
    @Test
    void whatAStoreHasLostIsNotExplainedByTheDeviceOfAnother() {
        AssertionError caught = judged(PlantedBugs::storesThatForgetWrites);
        assertTrue(caught.getMessage().contains("had to mend"), caught.getMessage());
    }

    @Test
    void whatAStoreCallsBadWithoutAReasonIsNotExplainedByTheDeviceOfAnother() {
        AssertionError caught = judged(PlantedBugs::storesThatCallGoodFragmentsBad);
        assertTrue(caught.getMessage().contains("fragments bad"), caught.getMessage());
    }

    private static AssertionError judged(Supplier<Seams> bug) {
        AssertionError[] caught = new AssertionError[1];
        Scene.play(
                82,
                5,
                new Scheme(1),
                bug.get(),
                scene -> {
                    writeMuch(scene);
                    loseThree(scene);
                    new OwnerScrub(scene.cluster).run(SCRUB_MS);
                    caught[0] =
                            assertThrows(AssertionError.class, scene.cluster.mended()::expectNone);
                    allComeBack(scene);
                    new OwnerScrub(scene.cluster).run(SCRUB_MS); // all is mended
                });
        return caught[0];
    }
}
