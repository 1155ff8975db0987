package io.stria.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.Scheme;
import io.stria.runtime.sim.DiskImage;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class ScenariosTest {
    private static final Scheme TWO = new Scheme(2);
    private static final long ATTESTED_MS = Pairs.ATTESTED_MS;
    private static final long SILENT_MS = Pairs.SILENT_MS;

    /** When an owner that reaches too few stores has been followed by one that reaches all. */
    private static final long CUT_OFF_MS = 14_000;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void anyTwoOfTenNodesAreKilledAndNothingIsLostAndWritesGoOn(int dataFragments) {
        loseAllPairs(10, dataFragments, Part.Kind.NODES);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void anyTwoOfTenDevicesFailAndNothingIsLostAndWritesGoOn(int dataFragments) {
        loseAllPairs(5, dataFragments, Part.Kind.DEVICES);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void anyTwoOfTenDevicesHangAndNothingIsLostAndWritesGoOn(int dataFragments) {
        loseAllPairs(5, dataFragments, Part.Kind.HUNG_DEVICES);
    }

    private static void loseAllPairs(int nodes, int dataFragments, Part.Kind kind) {
        Pairs.Result result = Pairs.lose(1, nodes, new Scheme(dataFragments), kind);
        System.out.println(result);
        assertEquals(45, result.pairs());
        assertTrue(result.before() > 45 * 20, result.toString());
        assertTrue(result.during() > 45, result.toString());
        assertTrue(result.after() > 45 * 20, result.toString());
        assertTrue(result.attestedMs() <= Pairs.ATTESTED_MS);
        assertTrue(result.silentMs() <= Pairs.SILENT_MS);
        assertTrue(result.blocksRead() > 45 * 100, result.toString());
        assertTrue(result.scrubbed() > 100, result.toString());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void allFiveNodesLosePowerUnderLoadAndEveryAcknowledgedBlockReadsBack(long seed) {
        Scene.play(
                seed,
                5,
                TWO,
                scene -> {
                    scene.hosts.start();
                    scene.cluster.runFor(700 + 13 * seed);
                    scene.cluster.nodes().forEach(SimulatedNode::powerCut);
                    scene.cluster.runFor(1_000);
                    scene.recovers();
                    assertTrue(scene.cluster.volume().behind().isEmpty());
                    scene.writesGoOn(1_000);
                });
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void allTenNodesLosePowerUnderLoadAgainAndAgain(int dataFragments) {
        Scene.play(
                9,
                10,
                new Scheme(dataFragments),
                scene -> {
                    for (int round = 0; round < 4; round++) {
                        scene.hosts.start();
                        scene.writesGoOn(2_000);
                        scene.cluster.nodes().forEach(SimulatedNode::powerCut);
                        scene.cluster.runFor(1 + 400 * round);
                        scene.recovers();
                        scene.hosts.quiesce(Scene.IO_MS);
                        scene.hosts.readAll(Scene.IO_MS);
                    }
                });
    }

    @Test
    void aNodeThatIsBackAndCaughtUpStandsInForTwoOthers() {
        Scene.play(
                3,
                5,
                TWO,
                scene -> {
                    scene.hosts.start();
                    for (int back = 1; back <= 5; back++) {
                        scene.writesGoOn(2_000);
                        scene.kill(true, scene.cluster.node(back));
                        scene.writesGoOn(ATTESTED_MS);
                        scene.recovers();
                        scene.kill(
                                true,
                                scene.cluster.node(1 + back % 5),
                                scene.cluster.node(1 + (back + 1) % 5));
                        scene.writesGoOn(ATTESTED_MS);
                        scene.hosts.quiesce(Scene.IO_MS);
                        scene.hosts.readAll(Scene.IO_MS);
                        scene.recovers();
                        scene.hosts.start();
                    }
                });
    }

    @Test
    void anOwnerThatIsCutOffStopsBeforeItsSuccessorStarts() {
        Scene.play(
                4,
                5,
                TWO,
                scene -> {
                    scene.hosts.start();
                    scene.writesGoOn(2_000);
                    SimulatedNode owner = scene.owner();
                    int vuid = scene.cluster.volume().vuid();
                    scene.cluster.links().isolate(owner.id()); // hosts still reach it
                    NodeProcess process = owner.processOrNull();
                    long stoppedMs =
                            scene.cluster.expect(
                                    () -> !process.holdsLease(), 2_200, "the end of its lease");
                    assertFalse(scene.cluster.isServed());
                    scene.cluster.expect(
                            () -> !process.isOptimized(vuid), 20, "its word to the hosts");
                    long servedMs =
                            scene.cluster.expect(
                                    () -> scene.owner() != owner && scene.cluster.isServed(),
                                    SILENT_MS,
                                    "a successor");
                    assertTrue(stoppedMs >= 1_000, stoppedMs + " ms");
                    assertTrue(servedMs > 0, servedMs + " ms");
                    scene.writesGoOn(2_000);
                });
    }

    @Test
    void anOwnerThatStandsStillLongerThanItsLeaseDisturbsNobodyWhenItGoesOn() {
        Scene.play(
                5,
                5,
                TWO,
                scene -> {
                    scene.hosts.start();
                    scene.writesGoOn(2_000);
                    SimulatedNode owner = scene.owner();
                    owner.pause();
                    scene.cluster.expect(
                            () -> scene.owner() != owner && scene.cluster.isServed(),
                            SILENT_MS,
                            "a successor");
                    scene.writesGoOn(2_000);
                    owner.resume();
                    scene.writesGoOn(2_000);
                    assertNotEquals(owner, scene.owner());
                    scene.recovers();
                    assertNotEquals(owner, scene.owner());
                });
    }

    @Test
    void anOwnerThatStandsStillForLessThanItsLeaseStaysTheOwner() {
        Scene.play(
                6,
                5,
                TWO,
                scene -> {
                    scene.hosts.start();
                    scene.writesGoOn(2_000);
                    SimulatedNode owner = scene.owner();
                    int epoch = scene.cluster.volume().epoch();
                    owner.pause();
                    scene.cluster.runFor(1_000);
                    owner.resume();
                    scene.writesGoOn(2_000);
                    assertEquals(epoch, scene.cluster.volume().epoch());
                });
    }

    @Test
    void whatOnlyTheOwnerCannotReachIsBehindForItsSuccessorToo() {
        Scene.play(7, 5, TWO, ScenariosTest::ownerLosesItsWayToOneStoreAndDies);
    }

    static void ownerLosesItsWayToOneStoreAndDies(Scene scene) {
        scene.hosts.start();
        scene.writesGoOn(2_000);
        SimulatedNode owner = scene.owner();
        SimulatedNode other = scene.cluster.node(1 + owner.id() % 5);
        scene.cluster.network().cut(owner.host(), other.host()); // their leases know nothing of it
        scene.cluster.runFor(200);
        scene.writesGoOn(SILENT_MS);
        scene.cluster.runFor(2_500);
        scene.writesGoOn(2_000);
        scene.hosts.quiesce(Scene.IO_MS);
        scene.kill(true, owner);
        scene.hosts.readAll(Scene.IO_MS);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void anOwnerThatReachesTheLeaderAndTooFewStoresGivesWayToANodeThatReachesAll(long seed) {
        Scene.play(seed, 5, TWO, ScenariosTest::ownerLosesItsWaysToThreeStores);
    }

    static void ownerLosesItsWaysToThreeStores(Scene scene) {
        scene.hosts.start();
        scene.writesGoOn(2_000);
        SimulatedNode owner = scene.owner();
        int epoch = scene.cluster.volume().epoch();
        int second =
                scene.cluster.volume().paths().stream()
                        .filter(path -> path != owner.id())
                        .findFirst()
                        .orElseThrow();
        cutStores(scene, owner, second);
        scene.cluster.expect(() -> scene.owner() != owner, CUT_OFF_MS, "another owner");
        scene.writesGoOn(2_000);
        assertEquals(second, scene.owner().id());
        assertEquals(epoch + 1, scene.cluster.volume().epoch());
    }

    /** Nobody else reaches what it has, so nobody could take over: it stays, and goes on later. */
    @Test
    void anOwnerThatNobodyElseReachesStaysTheOwner() {
        Scene.play(
                2,
                5,
                TWO,
                scene -> {
                    scene.hosts.start();
                    scene.writesGoOn(2_000);
                    SimulatedNode owner = scene.owner();
                    int epoch = scene.cluster.volume().epoch();
                    cutStores(scene, owner, owner.id());
                    scene.cluster.runFor(2 * CUT_OFF_MS);
                    assertEquals(owner, scene.owner());
                    assertEquals(epoch, scene.cluster.volume().epoch());
                    scene.cluster.heal();
                    scene.writesGoOn(CUT_OFF_MS);
                });
    }

    /**
     * The owner before has connections still, on which nothing was said since: that they are of no
     * use any more shows only to whoever tries them.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void connectionsThatNobodyUsesDoNotPassForWays(long seed) {
        Scene.play(
                seed,
                5,
                TWO,
                scene -> {
                    ownerLosesItsWaysToThreeStores(scene);
                    scene.cluster.heal();
                    scene.writesGoOn(CUT_OFF_MS);
                    scene.cluster.runFor(40_000);
                    SimulatedNode owner = scene.owner();
                    int epoch = scene.cluster.volume().epoch();
                    for (int path : scene.cluster.volume().paths()) {
                        cutStores(scene, scene.cluster.node(path), path);
                    }
                    scene.cluster.runFor(4 * CUT_OFF_MS);
                    assertEquals(owner, scene.owner());
                    assertEquals(epoch, scene.cluster.volume().epoch());
                    scene.cluster.heal();
                    scene.writesGoOn(CUT_OFF_MS);
                    assertEquals(epoch, scene.cluster.volume().epoch());
                });
    }

    /** The node's ways to the data of all but one; its lease knows nothing of it. */
    private static void cutStores(Scene scene, SimulatedNode node, int butNot) {
        for (SimulatedNode other : scene.cluster.nodes()) {
            if (other != node && other.id() != butNot) {
                scene.cluster.network().cut(node.host(), other.host());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void aDeviceThatIsRolledBackWhileItsSlotIsInSyncIsComparedBeforeItVotes(int dataFragments) {
        for (long seed = 1; seed <= 3; seed++) {
            Scene.play(
                    seed,
                    6,
                    new Scheme(dataFragments),
                    scene -> {
                        scene.hosts.start();
                        scene.writesGoOn(2_000);
                        SimulatedNode owner = scene.owner();
                        SimulatedNode other = scene.cluster.node(1 + owner.id() % 6);
                        List<DiskImage> images =
                                other.disks().stream()
                                        .map(disk -> other.host().disk(disk.path()).snapshot())
                                        .toList();
                        scene.cluster.runFor(3_000);
                        scene.writesGoOn(2_000);
                        scene.hosts.quiesce(Scene.IO_MS);
                        scene.cluster.runFor(500);
                        other.kill();
                        for (int i = 0; i < images.size(); i++) {
                            other.rollBack(other.disks().get(i), images.get(i));
                        }
                        other.start();
                        scene.kill(true, owner);
                        scene.hosts.readAll(Scene.IO_MS);
                        scene.recovers();
                    });
        }
    }

    @Test
    void aRolledBackDeviceIsMadeEqualUnderAnOwnerThatGoesOn() {
        Scene.play(
                8,
                5,
                new Scheme(1),
                scene -> {
                    scene.hosts.start();
                    scene.writesGoOn(2_000);
                    SimulatedNode other = scene.cluster.node(1 + scene.owner().id() % 5);
                    DiskImage image = other.host().disk(other.disks().getFirst().path()).snapshot();
                    scene.cluster.runFor(3_000);
                    other.kill();
                    other.rollBack(other.disks().getFirst(), image);
                    other.start();
                    scene.writesGoOn(SILENT_MS);
                    scene.hosts.quiesce(Scene.IO_MS);
                    scene.hosts.readAll(Scene.IO_MS);
                    scene.recovers();
                });
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whatOneStoreMissedIsThereWhenTheOwnerAndAnotherComeBack(long seed) {
        Scene.play(seed, 5, TWO, ScenariosTest::ownerAndAnotherDieThatHadWhatAThirdMissed);
    }

    /** More than two: the cluster may stand still until they are back, and lose nothing. */
    static void ownerAndAnotherDieThatHadWhatAThirdMissed(Scene scene) {
        scene.hosts.start();
        scene.writesGoOn(2_000);
        SimulatedNode owner = scene.owner();
        SimulatedNode other = scene.cluster.node(1 + owner.id() % 5);
        scene.cluster.network().cut(owner.host(), other.host()); // their leases know nothing of it
        scene.cluster.runFor(200);
        scene.writesGoOn(SILENT_MS);
        scene.cluster.runFor(2_500);
        scene.writesGoOn(2_000);
        scene.kill(true, owner, scene.cluster.node(1 + (owner.id() + 1) % 5));
        scene.cluster.runFor(6_000);
        scene.recovers();
        scene.writesGoOn(2_000);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void leaderAndOwnerAreKilledTogether(boolean attested) {
        int differed = 0;
        for (long seed = 1; seed <= 4; seed++) {
            boolean[] different = new boolean[1];
            Scene.play(
                    seed,
                    5,
                    TWO,
                    scene -> {
                        scene.hosts.start();
                        scene.writesGoOn(2_000);
                        SimulatedNode leader = scene.cluster.leader().orElseThrow();
                        SimulatedNode owner = scene.owner();
                        different[0] = leader != owner;
                        scene.kill(attested, leader, owner);
                        scene.writesGoOn(SILENT_MS);
                    });
            differed += different[0] ? 1 : 0;
        }
        assertTrue(differed > 0, "leader and owner were one node each time");
    }

    @Test
    void aLeaderThatIsHeardAndDoesNotHearIsReplacedThoughTheOwnerStandsStillToo() {
        int differed = 0;
        for (long seed = 1; seed <= 4; seed++) {
            boolean[] different = new boolean[1];
            Scene.play(
                    seed,
                    5,
                    TWO,
                    scene -> {
                        scene.hosts.start();
                        scene.writesGoOn(2_000);
                        SimulatedNode leader = scene.cluster.leader().orElseThrow();
                        different[0] = leader != scene.owner();
                        scene.owner().pause();
                        for (SimulatedNode other : scene.cluster.nodes()) {
                            if (other != leader) {
                                scene.cluster.links().cutOneWay(other.id(), leader.id());
                            }
                        }
                        scene.writesGoOn(12_000);
                    });
            differed += different[0] ? 1 : 0;
        }
        assertTrue(differed > 0, "leader and owner were one node each time");
    }
}
