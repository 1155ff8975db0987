package io.stria.control.decisions;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.Placing;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.SlotList;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import io.stria.control.decisions.Result.Outcome;
import io.stria.control.lease.Message;
import io.stria.control.lease.MessageCodec;
import io.stria.runtime.Sizes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class VolumeRulesTest {
    private final Bench bench = Bench.running(5, 1);

    @Test
    void aNewVolumeHasThreePathsAndItsFirstIsTheOwner() {
        VolumeEntry volume = bench.create("pvc-1", "2+2", Tolerance.NODE);
        assertEquals(3, volume.paths().size());
        assertEquals(volume.paths().getFirst(), volume.owner());
        assertEquals(1, volume.epoch());
        assertEquals("nqn.2026-11.io.stria:00000000:pvc-1", volume.nqn());
    }

    @Test
    void ownersAndOtherPathsAreSpreadOverAllNodes() {
        Map<Integer, Integer> owned = new HashMap<>();
        Map<Integer, Integer> second = new HashMap<>();
        for (int i = 0; i < 20; i++) {
            VolumeEntry volume = bench.create("v" + i, "1+2", Tolerance.NODE);
            owned.merge(volume.owner(), 1, Integer::sum);
            second.merge(volume.paths().get(1), 1, Integer::sum);
        }
        for (int node = 1; node <= 5; node++) {
            assertEquals(4, owned.getOrDefault(node, 0));
            assertTrue(Math.abs(second.getOrDefault(node, 0) - 4) <= 1, second.toString());
        }
    }

    @Test
    void aVolumeGoesToAnotherOfItsPathsThatAsksForItAtTheOwnersEpoch() {
        VolumeEntry volume = bench.create("a", "2+2", Tolerance.NODE);
        int second = volume.paths().get(1);
        bench.done(new Decision.TakeVolume(volume.vuid(), volume.epoch(), second));
        VolumeEntry taken = bench.volume("a");
        assertEquals(second, taken.owner());
        assertEquals(volume.epoch() + 1, taken.epoch());
        assertEquals(volume.paths(), taken.paths());
        // One that comes late, or from whoever owns it, changes nothing.
        int third = volume.paths().get(2);
        assertEquals(
                Outcome.STALE,
                bench.apply(new Decision.TakeVolume(volume.vuid(), volume.epoch(), third))
                        .outcome());
        assertEquals(
                Outcome.ALREADY,
                bench.apply(new Decision.TakeVolume(taken.vuid(), taken.epoch(), second))
                        .outcome());
    }

    @Test
    void aVolumeDoesNotGoToANodeThatDoesNotPresentItOrIsDown() {
        VolumeEntry volume = bench.create("a", "2+2", Tolerance.NODE);
        int stranger =
                java.util.stream.IntStream.rangeClosed(1, 5)
                        .filter(node -> !volume.paths().contains(node))
                        .findFirst()
                        .orElseThrow();
        assertEquals(
                Outcome.CONFLICT,
                bench.apply(new Decision.TakeVolume(volume.vuid(), volume.epoch(), stranger))
                        .outcome());
        int second = volume.paths().get(1);
        bench.down(second);
        assertEquals(
                Outcome.CONFLICT,
                bench.apply(new Decision.TakeVolume(volume.vuid(), volume.epoch(), second))
                        .outcome());
    }

    @Test
    void aVolumeOutlivesAllNodesThatItWasMadeWith() {
        Bench eight = Bench.running(8, 1);
        VolumeEntry made = eight.create("a", "2+2", Tolerance.NODE);
        for (int path : made.paths()) {
            eight.down(path);
            eight.done(new Decision.FailDevices(List.of(new UUID(path, 0)), "test"));
            eight.moveAll("a");
            presentedWithout(path, eight);
        }
    }

    @Test
    void aVolumeOutlivesNodesThatAreDrainedAndSwitchedOff() {
        Bench eight = Bench.running(8, 1);
        VolumeEntry made = eight.create("a", "2+2", Tolerance.NODE);
        for (int path : made.paths()) {
            eight.done(new Decision.DrainDevices(List.of(new UUID(path, 0))));
            eight.moveAll("a");
            eight.down(path);
            presentedWithout(path, eight);
        }
    }

    private static void presentedWithout(int gone, Bench bench) {
        VolumeEntry volume = bench.volume("a");
        assertEquals(NodeState.ONLINE, bench.node(volume.owner()).state());
        assertEquals(3, volume.paths().size());
        assertFalse(volume.paths().contains(gone), volume.paths().toString());
        for (int path : volume.paths()) {
            assertEquals(NodeState.ONLINE, bench.node(path).state());
        }
    }

    /** Those that may come back are waited for: hosts know the way to them. */
    @Test
    void aPathWhoseNodeMayComeBackStays() {
        VolumeEntry made = bench.create("a", "2+2", Tolerance.NODE);
        bench.down(made.paths().get(1));
        bench.down(made.paths().get(2));
        assertEquals(made.paths(), bench.volume("a").paths());
        assertEquals(made.epoch(), bench.volume("a").epoch());
    }

    /** Its hosts have another path when it is switched off. Until it is empty it may be kept. */
    @Test
    void aNodeThatHasBeenDrainedGivesItsPathsAwayButKeepsWhatItOwns() {
        VolumeEntry made = bench.create("a", "2+2", Tolerance.NODE);
        int second = made.paths().get(1);
        bench.done(new Decision.DrainDevices(List.of(new UUID(second, 0))));
        assertEquals(made.paths(), bench.volume("a").paths());
        bench.done(new Decision.KeepDevices(List.of(new UUID(second, 0))));
        assertEquals(made.paths(), bench.volume("a").paths());
        bench.moveAll("a"); // away
        bench.moveAll("a"); // and back
        bench.done(new Decision.DrainDevices(List.of(new UUID(second, 0))));
        bench.moveAll("a");
        VolumeEntry drained = bench.volume("a");
        assertEquals(made.owner(), drained.owner());
        assertEquals(made.epoch(), drained.epoch());
        assertEquals(List.of(made.owner(), made.paths().get(2)), drained.paths().subList(0, 2));
        assertFalse(drained.paths().contains(second));
        Bench other = Bench.running(6, 1);
        VolumeEntry owned = other.create("a", "2+2", Tolerance.NODE);
        other.done(new Decision.DrainDevices(List.of(new UUID(owned.owner(), 0))));
        other.moveAll("a");
        assertEquals(owned.paths(), other.volume("a").paths());
        assertEquals(owned.epoch(), other.volume("a").epoch());
    }

    @Test
    void theNextPathIsInARackOfItsOwnAndOfThoseTheOneWithLeastToDo() {
        Bench eight = Bench.running(8, 1);
        for (int i = 0; i < 8; i++) {
            eight.create("v" + i, "2+2", Tolerance.NODE);
        }
        eight.done(new Decision.DrainDevices(List.of(new UUID(1, 0))));
        eight.map().volumes().forEach(volume -> eight.moveAll(volume.name()));
        eight.down(1);
        Map<Integer, Integer> presented = new HashMap<>();
        for (VolumeEntry volume : eight.map().volumes()) {
            assertEquals(3, volume.paths().size());
            volume.paths().forEach(path -> presented.merge(path, 1, Integer::sum));
        }
        assertFalse(presented.containsKey(1));
        for (int node = 2; node <= 8; node++) {
            int paths = presented.getOrDefault(node, 0);
            assertTrue(paths >= 3 && paths <= 4, "24 paths of 7 nodes: " + presented);
        }
    }

    @Test
    void whatHasNoOtherWayBeginsElsewhereWhenItsLastNodeIsGivenUp() {
        Bench ten = Bench.running(10, 1);
        VolumeEntry made = ten.create("a", "2+2", Tolerance.NODE);
        ten.done(new Decision.DrainDevices(List.of(new UUID(made.paths().get(2), 0))));
        ten.moveAll("a");
        List<Integer> paths = ten.volume("a").paths();
        ten.down(paths.get(1));
        ten.down(paths.get(2));
        assertEquals(paths.getFirst(), ten.volume("a").owner());
        ten.done(new Decision.FailDevices(List.of(new UUID(paths.get(1), 0)), "test"));
        ten.moveAll("a");
        ten.down(paths.getFirst());
        VolumeEntry moved = ten.volume("a");
        assertEquals(NodeState.ONLINE, ten.node(moved.owner()).state());
        assertEquals(made.epoch() + 1, moved.epoch());
        assertFalse(moved.paths().contains(paths.get(1)));
        assertTrue(moved.paths().contains(paths.get(2)), "it may come back");
    }

    @Test
    void creatingTheSameTwiceIsOneVolume() {
        bench.create("a", "2+2", Tolerance.NODE);
        assertEquals(
                Outcome.ALREADY,
                bench.apply(Bench.createDecision("a", "2+2", Tolerance.NODE)).outcome());
        assertEquals(
                Outcome.CONFLICT,
                bench.apply(Bench.createDecision("a", "1+2", Tolerance.NODE)).outcome());
    }

    @Test
    void aSchemeThatTheClusterCannotHoldIsRefusedWithTheReason() {
        Result nodes = bench.apply(Bench.createDecision("a", "4+2", Tolerance.NODE));
        assertEquals(Outcome.INFEASIBLE, nodes.outcome());
        assertTrue(nodes.detail().contains("different devices"), nodes.detail());
        Result devices = bench.apply(Bench.createDecision("a", "8+2", Tolerance.DEVICE));
        assertEquals(Outcome.INFEASIBLE, devices.outcome());
        assertTrue(devices.detail().contains("are 5 devices"), devices.detail());
        Bench four = Bench.running(3, 2);
        Result weak = four.apply(Bench.createDecision("a", "2+2", Tolerance.NODE));
        assertEquals(Outcome.INFEASIBLE, weak.outcome());
        assertTrue(weak.detail().contains("needs 4 nodes"), weak.detail());
        four.create("a", "2+2", Tolerance.DEVICE);
    }

    @Test
    void badNamesAndSizesAreRefused() {
        for (String name : List.of("", "A", "-a", "a-", "a".repeat(64), "a_b", "a/b")) {
            assertEquals(Outcome.INVALID, create(name, 1 << 20), name);
        }
        for (long size : new long[] {0, -4096, 4095, 1L << 60}) {
            assertEquals(Outcome.INVALID, create("a", size), "size " + size);
        }
        assertEquals(Outcome.DONE, create("a".repeat(63), 4096));
    }

    /** The addresses of fragments end there; one block further another volume's begin. */
    @Test
    void aVolumeIsAsLargeAsItsAddressesReachAndNoLarger() {
        Bench ten = Bench.running(10, 1);
        int pageShift = ten.map().pageShift();
        for (int n : new int[] {1, 2, 4, 8}) {
            Scheme scheme = new Scheme(n);
            long most = VolumeEntry.sizeBytesMax(scheme, pageShift);
            Result refused = ten.apply(large(scheme, most + 4096));
            assertEquals(Outcome.INVALID, refused.outcome(), scheme.toString());
            assertTrue(
                    refused.detail()
                            .startsWith(
                                    "with %s a volume has at most %s in this cluster"
                                            .formatted(scheme, Sizes.exact(most))),
                    refused.detail());
            ten.done(large(scheme, most));
            VolumeEntry made = ten.volume("n" + n);
            long chunks = made.pages(pageShift) * scheme.fragments();
            long addressed = 1L << VolumeEntry.ADDRESS_BITS - pageShift;
            assertTrue(chunks <= addressed && chunks + scheme.fragments() > addressed);
        }
    }

    private static Decision large(Scheme scheme, long size) {
        int n = scheme.dataFragments();
        return new Decision.CreateVolume(new UUID(2, n), "n" + n, size, scheme, Tolerance.NODE);
    }

    private Outcome create(String name, long size) {
        return bench.apply(
                        new Decision.CreateVolume(
                                new UUID(1, name.length()),
                                name,
                                size,
                                new Scheme(2),
                                Tolerance.NODE))
                .outcome();
    }

    @Test
    void volumesWaitForEveryExpectedNode() {
        Bench young = new Bench(5, 1);
        List.of(1, 2, 3, 4).forEach(young::start);
        Decision create = Bench.createDecision("a", "2+2", Tolerance.NODE);
        assertEquals(Outcome.NOT_READY, young.apply(create).outcome());
        young.start(5);
        assertEquals(Outcome.DONE, young.apply(create).outcome());
    }

    @Test
    void deletionEndsWhenTheStoresHaveDroppedItAndItsVuidIsNotGivenAgain() {
        VolumeEntry first = bench.create("a", "2+2", Tolerance.NODE);
        assertEquals(
                Outcome.CONFLICT, bench.apply(new Decision.VolumeDeleted(first.vuid())).outcome());
        Decision.DeleteVolume delete = new Decision.DeleteVolume("a", first.id());
        bench.done(delete);
        assertEquals(VolumeState.DELETING, bench.volume("a").state());
        assertEquals(
                Outcome.CONFLICT,
                bench.apply(Bench.createDecision("a", "2+2", Tolerance.NODE)).outcome());
        bench.done(new Decision.VolumeDeleted(first.vuid()));
        assertEquals(Outcome.NOT_FOUND, bench.apply(delete).outcome());
        assertTrue(bench.create("a", "2+2", Tolerance.NODE).vuid() > first.vuid());
    }

    /** Nobody would ever say that they have caught up with it. */
    @Test
    void aVolumeThatIsBeingDeletedHasNoSlotsBehind() {
        VolumeEntry volume = bench.create("a", "2+2", Tolerance.NODE);
        bench.down(4);
        assertEquals(1, bench.volume("a").behind().size());
        bench.done(new Decision.DeleteVolume("a", volume.id()));
        assertTrue(bench.volume("a").behind().isEmpty());
        bench.down(5);
        bench.start(4);
        bench.start(5);
        assertTrue(bench.volume("a").behind().isEmpty());
        assertEquals(List.of(DeviceState.ONLINE), bench.states(4));
        assertEquals(List.of(DeviceState.ONLINE), bench.states(5));
    }

    /**
     * Its answer was lost, so it is proposed again; meanwhile the name has gone to another volume.
     */
    @Test
    void aDeletionThatComesAgainSparesAnotherVolumeOfTheName() {
        VolumeEntry first = bench.create("a", "2+2", Tolerance.NODE);
        Decision.DeleteVolume delete = new Decision.DeleteVolume("a", first.id());
        bench.done(delete);
        bench.done(new Decision.VolumeDeleted(first.vuid()));
        bench.done(
                new Decision.CreateVolume(
                        new UUID(4, 4), "a", 1L << 30, Scheme.parse("2+2"), Tolerance.NODE));
        assertEquals(Outcome.NOT_FOUND, bench.apply(delete).outcome());
        assertEquals(VolumeState.ONLINE, bench.volume("a").state());
    }

    @Test
    void aDeletionOfATimeWithoutIdsGoesByName() throws IOException {
        bench.create("a", "2+2", Tolerance.NODE);
        byte[] old = "\u0001{\"type\":\"deleteVolume\",\"name\":\"a\"}".getBytes(UTF_8);
        bench.done(DecisionCodec.decodeDecision(old));
        assertEquals(VolumeState.DELETING, bench.volume("a").state());
    }

    /** With names as long as they may be, two nodes behind, and pages that move. */
    @Test
    void asManyVolumesAsThereMayBeFitOneMessage() {
        Bench ten = Bench.running(10, 4);
        ClusterMap full = full(ten, 0);
        int bytes = messageBytes(full);
        assertTrue(bytes < MessageCodec.BYTES_MAX / 2, bytes + " bytes");
        ten.state =
                new ClusterState(
                        full,
                        ten.state.secretId(),
                        VolumeRules.VOLUMES_MAX + 1,
                        List.of(),
                        ten.state.rebuildAfterSeconds());
        Result more = ten.apply(Bench.createDecision("more", "8+2", Tolerance.NODE));
        assertEquals("there are 4096 volumes, and no more fit", more.detail());
        String there = full.volumes().get(7).name();
        Result again = ten.apply(Bench.createDecision(there, "8+2", Tolerance.NODE));
        assertEquals(Outcome.ALREADY, again.outcome(), "what is there is there");
    }

    /** Each volume names them twice; with marks of young epochs, so many fit. */
    @Test
    void asManyVolumesAsThereMayBeFitOneMessageBesideAHundredTombstones() {
        int bytes = messageBytes(full(Bench.running(10, 24), 100));
        assertTrue(bytes < MessageCodec.BYTES_MAX, bytes + " bytes");
    }

    private static int messageBytes(ClusterMap map) {
        return MessageCodec.encode(List.of(new Message.NewMap(7, map, 6))).length;
    }

    /**
     * Two nodes are away, and a device drains.
     *
     * @param tombstones slots of devices that were removed before, behind those that are there
     */
    private static ClusterMap full(Bench ten, int tombstones) {
        VolumeEntry one = ten.create("v".repeat(63), "8+2", Tolerance.NODE);
        ten.down(9);
        ten.down(10);
        ten.done(new Decision.DrainDevices(List.of(new UUID(1, 0))));
        VolumeEntry worst = ten.volume(one.name());
        assertTrue(worst.placing().isMoving());
        assertEquals(ten.map().slots().size() / 5, worst.behind().size());
        List<DeviceSlot> slots = new ArrayList<>(ten.map().slots());
        for (int i = 0; i < tombstones; i++) {
            slots.add(
                    new DeviceSlot(
                            slots.size(), new UUID(7, i), 1, 1L << 40, 1, DeviceState.REMOVED));
        }
        Placing moving =
                new Placing(
                        SlotList.of(slots),
                        SlotList.wanted(slots),
                        worst.placing().cursor(),
                        worst.placing().since(),
                        worst.placing().missed());
        List<VolumeEntry> volumes = new ArrayList<>();
        for (int i = 0; i < VolumeRules.VOLUMES_MAX; i++) {
            String name = "v".repeat(58) + "%05d".formatted(i);
            volumes.add(
                    new VolumeEntry(
                            i + 1,
                            new UUID(i, i),
                            name,
                            worst.nqn().replace(worst.name(), name),
                            worst.sizeBytes(),
                            worst.scheme(),
                            worst.tolerance(),
                            worst.state(),
                            worst.epoch(),
                            worst.owner(),
                            worst.paths(),
                            new TreeMap<>(worst.behind()),
                            worst.lbaBytes(),
                            moving));
        }
        return ten.map().next(ten.map().nodes(), slots, volumes);
    }
}
