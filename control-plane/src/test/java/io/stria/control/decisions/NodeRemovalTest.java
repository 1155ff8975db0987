package io.stria.control.decisions;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.control.decisions.Result.Outcome;
import io.stria.placement.Placement;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Seven nodes with a device each, of which the last two are no voters. */
class NodeRemovalTest {
    private static final int LEAVES = 7;

    private final Bench bench = Bench.running(7, 1);

    private Result remove(int node) {
        return bench.apply(new Decision.RemoveNode(node, bench.node(node).incarnation()));
    }

    private void refused(Outcome outcome, String detail, Result result) {
        assertEquals(outcome, result.outcome(), result.toString());
        assertEquals(detail, result.detail());
    }

    private void drainAndSwitchOff() {
        bench.done(new Decision.DrainDevices(List.of(new UUID(LEAVES, 0))));
        for (VolumeEntry volume : bench.map().volumes()) {
            if (volume.placing().isMoving()) {
                bench.moveAll(volume.name());
            }
        }
        bench.down(LEAVES);
    }

    private void removed() {
        drainAndSwitchOff();
        assertEquals(Outcome.DONE, remove(LEAVES).outcome());
    }

    @Test
    void anEmptyNodeThatIsOffLeavesForEver() {
        bench.create("v", "2+2", Tolerance.NODE);
        drainAndSwitchOff();
        VolumeEntry before = bench.volume("v");
        assertEquals(Outcome.DONE, remove(LEAVES).outcome());
        assertEquals(NodeState.REMOVED, bench.node(LEAVES).state());
        assertEquals(6, bench.map().members().size());
        assertEquals(before, bench.volume("v"), "no volume notices");
        assertEquals(List.of(DeviceState.REMOVED), bench.states(LEAVES));
        assertEquals(Outcome.ALREADY, remove(LEAVES).outcome());
        assertEquals(Outcome.NOT_FOUND, bench.apply(new Decision.RemoveNode(8, 0)).outcome());
    }

    @Test
    void itIsNotLetInAgainWhateverItCallsItself() {
        removed();
        long newer = bench.node(LEAVES).incarnation() + 100;
        String detail = "node 7 was removed from the cluster, and no node gets its number again";
        refused(
                Outcome.CONFLICT,
                detail,
                bench.apply(
                        new Decision.RegisterNode(
                                Bench.spec(LEAVES), newer, bench.devices(LEAVES))));
        refused(
                Outcome.CONFLICT,
                detail,
                bench.apply(
                        new Decision.AddDevice(
                                LEAVES,
                                bench.node(LEAVES).incarnation(),
                                new DeviceSpec(new UUID(7, 9), 1L << 40))));
        refused(
                Outcome.CONFLICT,
                detail,
                bench.apply(
                        new Decision.NodeDown(LEAVES, bench.node(LEAVES).incarnation(), "late")));
    }

    /** The place is free, and so is the disk; the number is not. */
    @Test
    void anotherNodeMayHaveItsAddressesAndItsDisk() {
        removed();
        NodeSpec old = Bench.spec(LEAVES);
        bench.done(
                new Decision.RegisterNode(
                        new NodeSpec(
                                8,
                                old.address(),
                                old.dataPort(),
                                old.apiPort(),
                                old.consensusPort(),
                                old.zone(),
                                old.rack(),
                                false),
                        9000,
                        bench.devices(LEAVES)));
        assertEquals(List.of(DeviceState.ONLINE), bench.states(8));
        assertEquals(7, bench.map().members().size());
    }

    @Test
    void aVoterStays() {
        bench.done(new Decision.DrainDevices(List.of(new UUID(5, 0))));
        bench.down(5);
        refused(
                Outcome.CONFLICT,
                "node 5 is one of the voters, which do not change: it can be drained and switched"
                        + " off, but not removed",
                remove(5));
    }

    @Test
    void aNodeThatIsOnlineIsStoppedFirst() {
        bench.done(new Decision.DrainDevices(List.of(new UUID(LEAVES, 0))));
        refused(
                Outcome.CONFLICT,
                "node 7 is online: stop it first, so that what it serves goes elsewhere",
                remove(LEAVES));
    }

    @Test
    void oneWithDevicesInUseStaysUntilTheirChunksAreElsewhere() {
        bench.create("v", "2+2", Tolerance.NODE);
        String detail =
                "slots [6] of node 7 are in use: drain the node, or give its devices up, and wait"
                        + " until their chunks are elsewhere";
        refused(Outcome.CONFLICT, detail, remove(LEAVES));
        bench.done(new Decision.DrainDevices(List.of(new UUID(LEAVES, 0))));
        refused(Outcome.CONFLICT, detail, remove(LEAVES));
        bench.down(LEAVES);
        refused(Outcome.CONFLICT, detail, remove(LEAVES));
        bench.done(new Decision.FailDevices(List.of(new UUID(LEAVES, 0)), "burnt"));
        refused(Outcome.CONFLICT, detail, remove(LEAVES));
        bench.moveAll("v");
        assertEquals(Outcome.DONE, remove(LEAVES).outcome());
    }

    @Test
    void aLateWordDoesNotMeetAProcessThatHasCome() {
        drainAndSwitchOff();
        Decision.RemoveNode early =
                new Decision.RemoveNode(LEAVES, bench.node(LEAVES).incarnation());
        bench.start(LEAVES);
        bench.down(LEAVES);
        assertEquals(Outcome.STALE, bench.apply(early).outcome());
    }

    /** A volume that is being deleted takes no other path. */
    @Test
    void aPathStaysUntilAnotherNodeTakesItsPlace() {
        VolumeEntry volume = volumeWithPath(LEAVES);
        bench.done(new Decision.DeleteVolume(volume.name(), volume.id()));
        drainAndSwitchOff();
        assertTrue(bench.volume(volume.name()).paths().contains(LEAVES));
        Result result = remove(LEAVES);
        assertEquals(Outcome.CONFLICT, result.outcome());
        assertTrue(
                result.detail().startsWith("node 7 is a path of volumes such as ["),
                result.detail());
        bench.done(new Decision.VolumeDeleted(volume.vuid()));
        assertEquals(Outcome.DONE, remove(LEAVES).outcome());
    }

    private VolumeEntry volumeWithPath(int node) {
        for (int i = 0; i < 20; i++) {
            VolumeEntry volume = bench.create("v" + i, "2+2", Tolerance.NODE);
            if (volume.paths().contains(node)) {
                return volume;
            }
            bench.done(new Decision.DeleteVolume(volume.name(), volume.id()));
            bench.done(new Decision.VolumeDeleted(volume.vuid()));
        }
        throw new AssertionError("no volume has a path there");
    }

    @Test
    void aDiskThatBelongsToAnotherNodeIsPutBackFirst() {
        bench.create("v", "2+2", Tolerance.NODE);
        bench.done(new Decision.DrainDevices(List.of(new UUID(LEAVES, 0))));
        bench.moveAll("v");
        bench.down(6);
        long incarnation = bench.node(LEAVES).incarnation() + 100;
        bench.done(new Decision.RegisterNode(Bench.spec(LEAVES), incarnation, bench.devices(6)));
        bench.down(LEAVES);
        refused(
                Outcome.CONFLICT,
                "the device of slot 5 was put into node 7, and what it holds may be nowhere else:"
                        + " put it back into node 6",
                remove(LEAVES));
        bench.start(6);
        assertEquals(Outcome.DONE, remove(LEAVES).outcome());
    }

    @Test
    void itsSpareDevicesAreForgotten() {
        bench.create("v", "2+2", Tolerance.NODE);
        drainAndSwitchOff();
        bench.start(LEAVES);
        bench.down(LEAVES);
        assertEquals(1, bench.state.unplaced().size());
        assertEquals(Outcome.DONE, remove(LEAVES).outcome());
        assertEquals(List.of(), bench.state.unplaced());
    }

    @Test
    void itIsNoPathOfANewVolume() {
        removed();
        for (int i = 0; i < 20; i++) {
            VolumeEntry volume = bench.create("v" + i, "2+2", Tolerance.NODE);
            assertFalse(volume.paths().contains(LEAVES), volume.toString());
        }
    }

    /** Else no volume could ever be made. */
    @Test
    void oneThatNeverCameIsNotWaitedForWhenItIsRemoved() {
        Bench young = new Bench(7, 1);
        for (int node = 1; node < 7; node++) {
            young.start(node);
        }
        Decision create = Bench.createDecision("v", "2+2", Tolerance.NODE);
        assertEquals(Outcome.NOT_READY, young.apply(create).outcome());
        assertEquals(Outcome.DONE, young.apply(new Decision.RemoveNode(7, 0)).outcome());
        VolumeEntry volume = young.create("v", "2+2", Tolerance.NODE);
        assertFalse(volume.paths().contains(7));
    }

    @Test
    void everyPageIsWhereItWas() {
        bench.create("v", "4+2", Tolerance.DEVICE);
        drainAndSwitchOff();
        List<int[]> before = placed(bench.map());
        assertEquals(Outcome.DONE, remove(LEAVES).outcome());
        List<int[]> after = placed(bench.map());
        for (int page = 0; page < before.size(); page++) {
            assertArrayEquals(before.get(page), after.get(page));
        }
    }

    private static List<int[]> placed(ClusterMap map) {
        Placement placement =
                Placement.of(map.listing(map.volumeByName("v").orElseThrow().placing().to()));
        List<int[]> pages = new ArrayList<>();
        for (int page = 0; page < 500; page++) {
            int[] slots = new int[6];
            placement.primary(1, page, new Scheme(4), slots);
            pages.add(slots);
        }
        return pages;
    }

    /** What was written before there were such nodes, and what stands in the log from now on. */
    @Test
    void oldStatesAndNewOnesAreRead() throws IOException {
        drainAndSwitchOff();
        byte[] old = DecisionCodec.encode(bench.state);
        assertFalse(new String(old, StandardCharsets.UTF_8).contains("\"removed\""));
        assertEquals(bench.state, DecisionCodec.decodeState(old));
        Decision removal = new Decision.RemoveNode(LEAVES, bench.node(LEAVES).incarnation());
        assertEquals(removal, DecisionCodec.decodeDecision(DecisionCodec.encode(removal)));
        bench.done(removal);
        assertEquals(bench.state, DecisionCodec.decodeState(DecisionCodec.encode(bench.state)));
    }
}
