package io.stria.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.Scheme;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.DeviceSpec;
import io.stria.control.lease.DeviceFill;
import io.stria.control.lease.LeaderView;
import io.stria.dataplane.store.DeviceIdentity;
import io.stria.runtime.Reactor;
import io.stria.runtime.sim.SimulatedHost;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices that stay away, and what becomes of their chunks while nobody says anything. */
@Timeout(300)
class RebuildScenariosTest {
    private static final Scheme TWO = new Scheme(2);
    private static final long AFTER_S = 10;
    private static final long AFTER_MS = AFTER_S * 1000;
    private static final long MOVE_MS = 60_000;
    private static final long TOLD_MS = 20_000;
    private static final long LULL_NS = 2_000_000_000L;
    private static final long VIEW_NS = 5_000_000_000L;
    private static final List<DeviceState> BOTH_ONLINE =
            List.of(DeviceState.ONLINE, DeviceState.ONLINE);

    private static Scene play(long seed, Consumer<Scene> scenario) {
        return Scene.play(
                seed,
                6,
                TWO,
                scene -> {
                    scene.cluster.rebuildAfter(AFTER_S);
                    scene.hosts.start();
                    scene.writesGoOn(2_000);
                    scenario.accept(scene);
                });
    }

    private static UUID device(int node) {
        return new UUID(node, 0);
    }

    private static List<DeviceState> states(Scene scene, int node) {
        return scene.cluster.map().slots().stream()
                .filter(slot -> slot.nodeId() == node)
                .map(DeviceSlot::state)
                .toList();
    }

    private static BooleanSupplier isFirst(Scene scene, int node, DeviceState state) {
        return () -> states(scene, node).getFirst() == state;
    }

    private static boolean isFirstBehind(Scene scene, int node) {
        return scene.cluster.map().slots().stream()
                .filter(slot -> slot.deviceId().equals(device(node)))
                .anyMatch(slot -> scene.cluster.volume().behind().containsKey(slot.slot()));
    }

    private static boolean isAny(Scene scene, DeviceState state) {
        return scene.cluster.map().slots().stream().anyMatch(slot -> slot.state() == state);
    }

    private static boolean isAnyGivenUp(Scene scene) {
        return isAny(scene, DeviceState.FAILED) || isAny(scene, DeviceState.REMOVED);
    }

    private static void loseDevice(Scene scene, int node) {
        SimulatedNode machine = scene.cluster.node(node);
        machine.loseDisk(machine.disks().getFirst(), false);
        scene.cluster.expect(
                isFirst(scene, node, DeviceState.UNAVAILABLE), TOLD_MS, "told of the device");
    }

    /** What the others hold is all there is. */
    private static void anyTwoMayGo(Scene scene, int one, int other) {
        scene.kill(true, scene.cluster.node(one), scene.cluster.node(other));
        scene.writesGoOn(Pairs.ATTESTED_MS);
        scene.hosts.quiesce(Scene.IO_MS);
        scene.hosts.readAll(Scene.IO_MS);
        scene.recovers();
    }

    @Test
    void aDeviceThatStaysAwayIsRebuiltElsewhereAndComesBackAsAStranger() {
        play(
                60,
                scene -> {
                    loseDevice(scene, 3);
                    scene.cluster.runFor(AFTER_MS / 2);
                    assertFalse(isAnyGivenUp(scene), "before its time is over");
                    scene.cluster.expect(
                            isFirst(scene, 3, DeviceState.REMOVED), MOVE_MS, "rebuilt");
                    assertEquals(
                            List.of(DeviceState.REMOVED, DeviceState.ONLINE), states(scene, 3));
                    anyTwoMayGo(scene, 5, 6);
                    scene.hosts.start();
                    SimulatedNode third = scene.cluster.node(3);
                    third.repairDisk(third.disks().getFirst());
                    third.kill();
                    scene.recovers();
                    scene.writesGoOn(2_000);
                    assertFalse(scene.cluster.volume().placing().to().contains(slotOf(scene, 3)));
                    addAgain(scene, 3);
                    third.loseDisk(third.disks().getFirst(), false);
                    scene.cluster.expect(
                            () -> states(scene, 3).getLast() == DeviceState.REMOVED,
                            TOLD_MS + AFTER_MS + MOVE_MS,
                            "rebuilt once more");
                    anyTwoMayGo(scene, 1, 2);
                });
    }

    private static int slotOf(Scene scene, int node) {
        return scene.cluster.map().slots().stream()
                .filter(slot -> slot.deviceId().equals(device(node)))
                .mapToInt(DeviceSlot::slot)
                .max()
                .orElseThrow();
    }

    private static void addAgain(Scene scene, int node) {
        DeviceSpec spec = scene.cluster.node(node).deviceSpecs().getFirst();
        int before = slotOf(scene, node);
        for (int attempt = 0; attempt < 20 && slotOf(scene, node) == before; attempt++) {
            NodeProcess process = scene.cluster.processOrNull(node);
            assertTrue(process != null);
            process.withAgent((agent, nowNs) ->
                    agent.propose(
                            new Decision.AddDevice(node, agent.incarnation(), spec),
                            nowNs + VIEW_NS,
                            result -> {}));
            scene.cluster.run(() -> slotOf(scene, node) != before, 500);
        }
        scene.cluster.expect(
                () ->
                        scene.cluster.volume().placing().to().contains(slotOf(scene, node))
                                && !scene.cluster.volume().placing().isMoving(),
                MOVE_MS,
                "chunks moved to it");
    }

    @Test
    void aNodeThatComesBackInTimeOnlyCatchesUp() {
        play(
                61,
                scene -> {
                    SimulatedNode third = scene.cluster.node(3);
                    scene.kill(true, third);
                    scene.cluster.runFor(AFTER_MS - 3_000);
                    third.start();
                    scene.recovers();
                    scene.cluster.runFor(2 * AFTER_MS);
                    assertFalse(isAnyGivenUp(scene));
                });
    }

    @ParameterizedTest
    @ValueSource(longs = {62, 63, 64})
    void aNodeThatStaysAwayIsRebuiltWithAllItsDevices(long seed) {
        play(
                seed,
                scene -> {
                    SimulatedNode third = scene.cluster.node(3);
                    scene.kill(seed % 2 == 0, third);
                    scene.cluster.expect(
                            () ->
                                    states(scene, 3)
                                            .equals(
                                                    List.of(
                                                            DeviceState.REMOVED,
                                                            DeviceState.REMOVED)),
                            MOVE_MS,
                            "rebuilt");
                    scene.recovers();
                    anyTwoMayGo(scene, 1, 5);
                });
    }

    @Test
    void twoNodesOfSixLookLikeAnOutage() {
        play(
                65,
                scene -> {
                    scene.kill(true, scene.cluster.node(3), scene.cluster.node(4));
                    scene.cluster.runFor(5 * AFTER_MS);
                    assertFalse(isAnyGivenUp(scene));
                    assertTrue(heldBack(scene).contains("outage"), heldBack(scene));
                    scene.recovers();
                    assertEquals("", heldBack(scene));
                });
    }

    /** The map says that such devices are whole: whoever is lost with them counts them, too. */
    @Test
    void devicesThatDieWhileTheyAreDrainedCountWhenOthersAreGivenUp() {
        play(
                73,
                scene -> {
                    scene.kill(true, scene.cluster.node(3));
                    scene.cluster.runFor(AFTER_MS * 8 / 10);
                    drainAndLose(scene, 4);
                    drainAndLose(scene, 5);
                    scene.cluster.runFor(3 * AFTER_MS);
                    assertFalse(isAnyGivenUp(scene));
                    assertTrue(heldBack(scene).contains("33 %"), heldBack(scene));
                    comesBack(lastOf(scene, 4, 5));
                    scene.cluster.expect(
                            () ->
                                    List.of(3, 4, 5).stream()
                                            .allMatch(node ->
                                                    isFirst(scene, node, DeviceState.REMOVED)
                                                            .getAsBoolean()),
                            2 * MOVE_MS,
                            "all are rebuilt once one of the three has come back");
                    anyTwoMayGo(scene, 1, 6);
                });
    }

    /** Only two are lost then, but one of them counts as in sync until the first is caught up. */
    @ParameterizedTest
    @ValueSource(longs = {73, 74, 75})
    void ofThreeThatWereLostTheFirstComesBack(long seed) {
        play(
                seed,
                scene -> {
                    scene.hosts.quiesce(Scene.IO_MS);
                    loseThree(scene, 100);
                    scene.hosts.start();
                    scene.cluster.runFor(3 * AFTER_MS);
                    assertFalse(isAnyGivenUp(scene));
                    scene.cluster.node(3).start();
                    scene.cluster.expect(() -> isRebuilt(scene, 4, 5), 2 * MOVE_MS, "rebuilt");
                    anyTwoMayGo(scene, 1, 3);
                });
    }

    /**
     * What was written without it, and is on the two others alone, is not given up: they may come
     * back.
     */
    @ParameterizedTest
    @ValueSource(longs = {73, 76, 77})
    void ofThreeThatWereLostTheFirstComesBackWithoutWhatItMissed(long seed) {
        play(
                seed,
                scene -> {
                    loseThree(scene, AFTER_MS * 8 / 10);
                    scene.cluster.runFor(3 * AFTER_MS);
                    assertFalse(isAnyGivenUp(scene));
                    scene.cluster.node(3).start();
                    scene.cluster.runFor(3 * AFTER_MS);
                    assertFalse(isAnyGivenUp(scene));
                    comesBack(lastOf(scene, 4, 5));
                    scene.cluster.expect(() -> isRebuilt(scene, 4, 5), 2 * MOVE_MS, "rebuilt");
                    anyTwoMayGo(scene, 1, 3);
                });
    }

    /**
     * Of the two the one that could not be marked any more: which of them that is depends on whose
     * failure is met first.
     */
    private static SimulatedNode lastOf(Scene scene, int one, int other) {
        return scene.cluster.node(isFirstBehind(scene, one) ? other : one);
    }

    private static void comesBack(SimulatedNode node) {
        node.repairDisk(node.disks().getFirst());
        node.kill();
        node.start();
    }

    private static void loseThree(Scene scene, long betweenMs) {
        scene.kill(true, scene.cluster.node(3));
        scene.cluster.runFor(betweenMs);
        drainAndLose(scene, 4);
        drainAndLose(scene, 5);
    }

    private static boolean isRebuilt(Scene scene, int... nodes) {
        return IntStream.of(nodes)
                .allMatch(node -> isFirst(scene, node, DeviceState.REMOVED).getAsBoolean());
    }

    private static void drainAndLose(Scene scene, int node) {
        NodeProcess process = scene.cluster.processOrNull(2);
        assertTrue(process != null);
        process.withAgent((agent, nowNs) ->
                agent.propose(
                        new Decision.DrainDevices(List.of(device(node))),
                        nowNs + VIEW_NS,
                        result -> {}));
        scene.cluster.expect(isFirst(scene, node, DeviceState.DRAINING), TOLD_MS, "drained");
        SimulatedNode machine = scene.cluster.node(node);
        machine.loseDisk(machine.disks().getFirst(), false);
    }

    private static String heldBack(Scene scene) {
        List<LeaderView> seen = new ArrayList<>();
        NodeProcess process = scene.cluster.processOrNull(1);
        assertTrue(process != null);
        scene.cluster.runFor(6_000);
        process.withAgent(
                (agent, nowNs) -> agent.askView(nowNs + VIEW_NS, seen::add, result -> {}));
        scene.cluster.expect(() -> !seen.isEmpty(), 6_000, "what the leader knows");
        return String.join("; ", seen.getFirst().heldBack());
    }

    @Test
    void aNewLeaderCountsFromWhenItBegan() {
        play(
                66,
                scene -> {
                    loseDevice(scene, 6);
                    scene.cluster.runFor(AFTER_MS - 3_000);
                    SimulatedNode leader = scene.cluster.leader().orElseThrow();
                    scene.kill(true, leader);
                    scene.cluster.expect(
                            () -> scene.cluster.leader().isPresent(), TOLD_MS, "another leader");
                    leader.start();
                    scene.cluster.runFor(AFTER_MS - 4_000);
                    assertFalse(isAnyGivenUp(scene));
                    scene.cluster.expect(
                            isFirst(scene, 6, DeviceState.REMOVED), MOVE_MS, "rebuilt");
                });
    }

    @ParameterizedTest
    @ValueSource(longs = {67, 68, 69})
    void aDeviceThatDiesWhileItIsDrainedHoldsTheMovementUpForAWhileOnly(long seed) {
        play(
                seed,
                scene -> {
                    drainAndLose(scene, 3);
                    scene.cluster.expect(
                            isFirst(scene, 3, DeviceState.REMOVED), 2 * MOVE_MS, "rebuilt");
                    anyTwoMayGo(scene, 4, 5);
                });
    }

    /** Real stores that say they are fuller than they are. */
    private static final class FullStores implements StoreOpener {
        private final StoreOpener stores = ChunkStores.small();
        private int percent = 85;

        @Override
        public void open(
                SimulatedHost host,
                Reactor reactor,
                Arena memory,
                Path disk,
                DeviceIdentity identity,
                LongSupplier associations,
                Listener listener) {
            stores.open(host, reactor, memory, disk, identity, associations, listener);
        }

        @Override
        public DeviceFill fill(UUID deviceId) {
            return new DeviceFill(deviceId, percent, 100);
        }
    }

    @Test
    void withoutRoomNothingBeginsUntilThereIs() {
        FullStores stores = new FullStores();
        Scene.play(
                70,
                6,
                TWO,
                stores,
                Seams.NONE,
                scene -> {
                    scene.cluster.rebuildAfter(AFTER_S);
                    scene.hosts.start();
                    scene.writesGoOn(2_000);
                    loseDevice(scene, 3);
                    scene.cluster.runFor(3 * AFTER_MS);
                    assertFalse(isAnyGivenUp(scene));
                    assertTrue(heldBack(scene).contains("full"), heldBack(scene));
                    stores.percent = 20;
                    scene.cluster.expect(
                            isFirst(scene, 3, DeviceState.REMOVED), MOVE_MS, "rebuilt");
                });
    }

    @Test
    void neverIsNever() {
        play(
                71,
                scene -> {
                    scene.cluster.rebuildAfter(0);
                    loseDevice(scene, 3);
                    scene.cluster.runFor(AFTER_MS);
                    scene.hosts.lull(LULL_NS); // what is decided hangs on time, not on their load
                    scene.cluster.runFor(3_600_000L / 10);
                    assertFalse(isAnyGivenUp(scene));
                    scene.hosts.start();
                    scene.cluster.rebuildAfter(AFTER_S);
                    scene.cluster.expect(
                            isFirst(scene, 3, DeviceState.REMOVED), MOVE_MS, "rebuilt");
                });
    }
}
