package io.stria.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.DeviceState;
import io.stria.clustermap.Placing;
import io.stria.clustermap.Scheme;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.DeviceSpec;
import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices that leave and come while hosts are at work. */
@Timeout(300)
class MovementScenariosTest {
    private static final Scheme TWO = new Scheme(2);
    private static final long MOVE_MS = 30_000;

    /** And what is away is left out after a minute. */
    private static final long SKIPPED_MS = 150_000;

    private static void propose(Scene scene, Decision decision) {
        NodeProcess process = scene.cluster.processOrNull(2);
        assertTrue(process != null);
        process.withAgent(
                (agent, nowNs) -> agent.propose(decision, nowNs + 10_000_000_000L, result -> {}));
    }

    /** An order may get lost, as a person's request may: it is given until it shows. */
    private static void order(
            Scene scene, Supplier<Decision> decision, BooleanSupplier done, long limitMs) {
        for (long ms = 0; !done.getAsBoolean(); ms += 500) {
            assertTrue(ms < limitMs, () -> "never carried out: " + decision.get());
            propose(scene, decision.get());
            scene.cluster.run(done, 500);
        }
    }

    private static UUID device(int node) {
        return new UUID(node, 0);
    }

    private static DeviceState state(Scene scene, int node) {
        return scene.cluster.map().slots().stream()
                .filter(slot -> slot.deviceId().equals(device(node)))
                .findFirst()
                .orElseThrow()
                .state();
    }

    private static Placing placing(Scene scene) {
        return scene.cluster.volume().placing();
    }

    private static void arrives(Scene scene) {
        scene.cluster.expect(() -> !placing(scene).isMoving(), MOVE_MS, "all pages moved");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void aDeviceIsDrainedUnderLoad(int dataFragments) {
        Scene.play(
                21,
                5,
                new Scheme(dataFragments),
                scene -> {
                    scene.hosts.start();
                    scene.writesGoOn(2_000);
                    // Ten devices are no more than 8+2 needs.
                    if (dataFragments == 8) {
                        addDevice(scene, 5);
                    }
                    propose(scene, new Decision.DrainDevices(List.of(device(3))));
                    scene.cluster.expect(
                            () -> state(scene, 3) == DeviceState.REMOVED, MOVE_MS, "removed");
                    assertEquals(List.of(), List.copyOf(scene.cluster.volume().behind().keySet()));
                    scene.writesGoOn(2_000);
                });
    }

    private static long incarnation(Scene scene, int node) {
        NodeProcess process = scene.cluster.processOrNull(node);
        return process == null ? 0 : process.incarnation();
    }

    private static void addDevice(Scene scene, int node) {
        SimulatedNode grown = scene.cluster.node(node);
        grown.addDisk();
        grown.kill();
        scene.recovers();
        DeviceSpec spec = grown.deviceSpecs().getLast();
        order(
                scene,
                () -> new Decision.AddDevice(node, incarnation(scene, node), spec),
                () ->
                        scene.cluster.map().slots().stream()
                                .anyMatch(slot -> slot.deviceId().equals(spec.id())),
                5_000);
        arrives(scene);
    }

    /** Its owner has begun before the list of slots was longer. */
    @Test
    void aDeviceIsAddedUnderLoad() {
        Scene.play(
                22,
                5,
                TWO,
                scene -> {
                    scene.hosts.start();
                    scene.writesGoOn(2_000);
                    addDevice(scene, 1 + scene.cluster.volume().owner() % 5);
                    assertTrue(placing(scene).to().contains(10));
                    scene.writesGoOn(2_000);
                });
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void ownersEndAgainAndAgainWhileChunksMove(long seed) {
        Scene.play(
                30 + seed,
                5,
                TWO,
                scene -> {
                    scene.hosts.start();
                    scene.writesGoOn(2_000);
                    propose(scene, new Decision.DrainDevices(List.of(device(3), device(5))));
                    scene.cluster.runFor(5 * seed);
                    for (int round = 0; round < 4; round++) {
                        SimulatedNode owner = scene.owner();
                        owner.kill();
                        scene.cluster.attest(owner);
                        scene.cluster.runFor(20 + 130 * seed);
                        owner.start();
                        scene.cluster.runFor(300);
                    }
                    scene.recovers();
                    assertEquals(DeviceState.REMOVED, state(scene, 3));
                    assertEquals(DeviceState.REMOVED, state(scene, 5));
                });
    }

    @Test
    void powerIsLostEverywhereWhileChunksMove() {
        for (int step = 0; step < 12; step++) {
            int at = step;
            Scene.play(
                    40 + step,
                    5,
                    TWO,
                    scene -> {
                        scene.hosts.start();
                        scene.writesGoOn(2_000);
                        propose(scene, new Decision.DrainDevices(List.of(device(4))));
                        scene.cluster.runFor(2 + 23L * at);
                        scene.cluster.nodes().forEach(SimulatedNode::powerCut);
                        scene.cluster.runFor(500);
                        scene.recovers();
                        order(
                                scene,
                                () -> new Decision.DrainDevices(List.of(device(4))),
                                () -> state(scene, 4) == DeviceState.REMOVED,
                                MOVE_MS);
                    });
        }
    }

    @Test
    void aLostDeviceIsRebuiltOnTheOthersAndThenTwoMoreAreLost() {
        Scene.play(
                50,
                6,
                TWO,
                scene -> {
                    scene.hosts.start();
                    scene.writesGoOn(2_000);
                    SimulatedNode third = scene.cluster.node(3);
                    third.loseDisk(third.disks().getFirst(), false);
                    scene.cluster.expect(
                            () -> state(scene, 3) == DeviceState.UNAVAILABLE, 20_000, "told");
                    propose(scene, new Decision.FailDevices(List.of(device(3)), "it smokes"));
                    scene.cluster.expect(
                            () -> state(scene, 3) == DeviceState.REMOVED, MOVE_MS, "rebuilt");
                    scene.kill(true, scene.cluster.node(5), scene.cluster.node(6));
                    scene.writesGoOn(Pairs.ATTESTED_MS);
                    scene.hosts.quiesce(Scene.IO_MS);
                    scene.hosts.readAll(Scene.IO_MS);
                });
    }

    /**
     * A device is added while another is away, for which the movement waits; then one more is lost,
     * and the new one. No page is on that, so the two are given up and rebuilt.
     */
    @ParameterizedTest
    @ValueSource(ints = {51, 52, 53})
    void anAddedDeviceThatDiesBeforeAnyPageIsOnItHoldsNothingUp(int seed) {
        Scene.play(
                seed,
                6,
                TWO,
                scene -> {
                    SimulatedNode grown = scene.cluster.node(4);
                    grown.addDisk();
                    grown.kill();
                    scene.recovers();
                    scene.hosts.start();
                    scene.writesGoOn(2_000);
                    loseFirst(scene, 3);
                    DeviceSpec added = grown.deviceSpecs().getLast();
                    order(
                            scene,
                            () -> new Decision.AddDevice(4, incarnation(scene, 4), added),
                            () -> placing(scene).isMoving(),
                            5_000);
                    loseFirst(scene, 5);
                    assertEquals(0, placing(scene).cursor());
                    grown.loseDisk(grown.disks().getLast(), false);
                    scene.cluster.expect(
                            () -> scene.cluster.volume().behind().size() == 3,
                            20_000,
                            "the new one behind as well");
                    assertTrue(placing(scene).isHeld());
                    scene.writesGoOn(5_000);
                    order(
                            scene,
                            () -> new Decision.FailDevices(List.of(device(3), device(5)), "burnt"),
                            () -> state(scene, 3) == DeviceState.FAILED,
                            5_000);
                    scene.cluster.expect(
                            () ->
                                    state(scene, 3) == DeviceState.REMOVED
                                            && state(scene, 5) == DeviceState.REMOVED,
                            SKIPPED_MS,
                            "rebuilt");
                    grown.repairDisk(grown.disks().getLast());
                    grown.kill();
                    scene.recovers();
                    scene.kill(true, scene.cluster.node(1), scene.cluster.node(6));
                    scene.writesGoOn(Pairs.ATTESTED_MS);
                });
    }

    private static void loseFirst(Scene scene, int node) {
        SimulatedNode machine = scene.cluster.node(node);
        machine.loseDisk(machine.disks().getFirst(), false);
        scene.cluster.expect(
                () -> state(scene, node) == DeviceState.UNAVAILABLE, 20_000, "told of the device");
    }
}
