package io.stria.control.lease;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.Placing;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.SlotList;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import io.stria.control.consensus.DecisionLog;
import io.stria.control.decisions.ClusterState;
import io.stria.control.decisions.Decider;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.DeviceSpec;
import io.stria.control.decisions.Result;
import io.stria.control.decisions.Result.Outcome;
import io.stria.control.decisions.UnplacedDevice;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** 4,096 volumes with the longest names on ten nodes with 24 devices each. */
class MapGuardTest {
    private static final int NODES = 10;
    private static final int DEVICES_PER_NODE = 24;
    private static final int VOLUMES = 4096;

    /** So that marks are as long as they become. */
    private static final long EPOCH = 900_000_000;

    private final PlainLog log = new PlainLog();
    private final MapGuard guard = new MapGuard(log);
    private final List<Message.Proposed> answers = new ArrayList<>();
    private final ProposalDesk desk =
            new ProposalDesk(log, guard, (to, message) -> answers.add((Message.Proposed) message));
    private long requests;

    /** What the desk answers to a change. */
    private Result ask(Decision decision) {
        desk.take(1, ++requests, decision, 0);
        desk.poll(0, true, 0);
        return answers.getLast().result();
    }

    private ClusterMap map() {
        return log.state.map();
    }

    /** The most tombstones beside which a change of users is taken, of those that need room. */
    private int tombstonesFor(Decision change, int volumes) {
        int fit = 0;
        int doNot = 128;
        while (doNot - fit > 1) {
            int middle = (fit + doNot) / 2;
            log.state = state(middle, volumes);
            if (guard.refusal(change) == null) {
                fit = middle;
            } else {
                doNot = middle;
            }
        }
        log.state = state(fit, volumes);
        return fit;
    }

    @Test
    void aDrainForWhichTheMapHasNoRoomIsRefusedAndWhatIsTakenCanBeDeliveredAtItsWorst() {
        int most = tombstonesFor(drain(0), VOLUMES);
        assertEquals(Outcome.DONE, ask(drain(0)).outcome());
        assertDeliverable(atItsWorst(map()));
        assertTrue(MapSize.bytesMax(map()) > MapGuard.CHANGE_BYTES_MAX - (1 << 18));

        log.state = state(most + 1, VOLUMES);
        int before = log.decided;
        Result refused = ask(drain(0));
        assertEquals(Outcome.INFEASIBLE, refused.outcome());
        assertTrue(
                refused.detail().matches("the cluster map, .* could grow to \\d+ KiB .*"),
                refused.detail());
        assertEquals(before, log.decided, "no voter is asked");
    }

    /** Nobody has looked so far, and no node would have got the map. */
    @Test
    void aDrainBesideTooManyTombstonesIsRefused() {
        log.state = state(150, VOLUMES);
        assertTrue(messageBytes(atItsWorst(map())) > MessageCodec.BYTES_MAX);
        assertEquals(Outcome.INFEASIBLE, ask(drain(0)).outcome());
    }

    /** Its answer was lost, or is late; room that there is by now does not make it anew. */
    @Test
    void aChangeThatWasRefusedForWantOfRoomStaysRefused() {
        log.state = state(150, VOLUMES);
        ask(drain(0));
        log.state = state(0, 1);
        Message.Proposed first = answers.getLast();
        desk.take(1, requests, drain(0), 0);
        desk.poll(0, true, 0);
        assertEquals(2, answers.size());
        assertEquals(first, answers.getLast());
        assertEquals(Outcome.DONE, ask(drain(0)).outcome());
    }

    @Test
    void aVolumeForWhichTheMapHasNoRoomIsRefusedUntilOthersAreDeleted() {
        Decision create =
                new Decision.CreateVolume(
                        new UUID(88, 0), "v", 1 << 30, new Scheme(2), Tolerance.NODE);
        log.state = state(tombstonesFor(create, VOLUMES - 1) + 1, VOLUMES - 1);
        Result refused = ask(create);
        assertEquals(Outcome.INFEASIBLE, refused.outcome());
        assertTrue(refused.detail().contains("volumes that are deleted"), refused.detail());
        VolumeEntry first = map().volumes().getFirst();
        Decision delete = new Decision.DeleteVolume(first.name(), first.id());
        assertEquals(Outcome.DONE, ask(delete).outcome());
        log.state = with(log.state, withoutVolumes(map(), 50));
        assertEquals(Outcome.DONE, ask(create).outcome());
    }

    /** Rules that refuse a change know better why. */
    @Test
    void whatNeedsNoRoomIsAnsweredByTheRulesHoweverLongTheMapIs() {
        log.state = state(100, VOLUMES);
        assertTrue(MapSize.bytesMax(map()) > MessageCodec.BYTES_MAX);
        assertNull(guard.refusal(drain(map().slots().size() - 1)), "it was removed");
        assertNull(guard.refusal(new Decision.DrainDevices(List.of(new UUID(0, 99)))));
        assertNull(guard.refusal(new Decision.DeleteVolume("w", new UUID(1, 1))));
        assertNull(guard.refusal(new Decision.SetRebuildAfter(7)));
        assertNull(guard.refusal(Bad.NAME));
        assertNull(guard.refusal(Bad.DEVICE));
        assertNull(guard.refusal(Bad.LOGICAL_BLOCKS));
        String there = map().volumes().get(9).name();
        assertNull(guard.refusal(Bad.create(there, 4096)));
        assertNotNull(guard.refusal(Bad.create("new", 4096)));
    }

    private static final class Bad {
        static final Decision NAME = create("-", 4096);
        static final Decision DEVICE =
                new Decision.AddDevice(1, 5, new DeviceSpec(new UUID(66, 66), -1));
        static final Decision LOGICAL_BLOCKS = create("v", 7);

        static Decision create(String name, int lbaBytes) {
            return new Decision.CreateVolume(
                    new UUID(88, 0), name, 1 << 30, new Scheme(2), Tolerance.NODE, lbaBytes);
        }
    }

    /** Room that drains and volumes have left is for devices that are lost, and for new ones. */
    @Test
    void lostDevicesAndNewOnesInTheirPlaceFindRoomWhereNothingElseDoes() {
        log.state = state(tombstonesFor(add(), VOLUMES) + 1, VOLUMES);
        assertNotNull(guard.refusal(add()));
        assertNotNull(guard.refusal(drain(100)));
        assertNull(guard.refusal(lose(0)));
        assertNull(guard.refusal(new Decision.FailDevices(List.of(new UUID(1, 0)), "test")));
        UUID removed = map().slots().getLast().deviceId();
        assertNull(guard.refusal(new Decision.ReplaceDevice(removed, new UUID(5, 5))));
    }

    @Test
    void aLargerDeviceInTheNameOfALostOneNeedsNoMoreRoom() {
        ClusterMap map = withAwayDevice(state(0, 1).map());
        assertReplacementIsReckonedWith(map, 1L << 44);
    }

    /** It was drained, came back into a new slot and was drained again; only the last is filled. */
    @Test
    void ofADeviceThatHadTwoSlotsOneTombstoneStays() {
        ClusterMap map = state(0, 100).map();
        List<DeviceSlot> slots = new ArrayList<>(map.slots());
        DeviceSlot first = slots.getFirst();
        slots.set(0, first.withState(DeviceState.REMOVED));
        slots.add(
                new DeviceSlot(
                        slots.size(),
                        first.deviceId(),
                        first.nodeId(),
                        first.sizeBytes(),
                        first.weight(),
                        DeviceState.REMOVED));
        List<VolumeEntry> volumes =
                map.volumes().stream()
                        .map(volume -> volume.withState(VolumeState.DELETING))
                        .toList();
        assertReplacementIsReckonedWith(map.next(map.nodes(), slots, volumes), 1L << 40);
    }

    private static void assertReplacementIsReckonedWith(ClusterMap map, long sizeBytes) {
        UUID lost = map.slot(0).deviceId();
        DeviceSpec other = new DeviceSpec(new UUID(99, 5), sizeBytes);
        ClusterState before =
                new ClusterState(
                        map, "s", VOLUMES + 1, List.of(new UnplacedDevice(1, other, "test")), 600);
        Decision replace = new Decision.ReplaceDevice(lost, other.id());
        long reckoned = MapSize.bytesMaxAfter(map, replace);
        Decider.Step step = Decider.apply(before, replace);
        assertEquals(Outcome.DONE, step.result().outcome(), step.result().detail());
        long bytes = MapSize.bytesMax(step.state().map());
        assertTrue(bytes <= reckoned, bytes + " bytes, and " + reckoned + " were reckoned with");
    }

    @Test
    void aRebuildThatTheMapHasNoRoomForIsHeldBackAndBeginsWhenThereIsSome() {
        log.state = state(tombstonesFor(lose(0), VOLUMES) + 1, VOLUMES);
        log.state = with(log.state, withAwayDevice(map()));
        Rebuilds rebuilds = new Rebuilds(log, guard);
        rebuilds.clear();
        Map<Integer, Member> members = members();
        ClusterState before = log.state;
        long secondNs = 1_000_000_000L;
        long dueNs = (before.rebuildAfterSeconds() + 2) * secondNs;
        rebuilds.poll(secondNs, members);
        rebuilds.poll(dueNs, members);
        assertEquals(1, rebuilds.heldBack().size());
        String why = rebuilds.heldBack().getFirst();
        assertTrue(why.startsWith("the devices of slots [0] are away, and are not rebuilt"), why);
        assertTrue(why.contains("the cluster map, which every node gets as a whole"), why);
        assertEquals(before, log.state);

        log.state = with(log.state, withoutVolumes(map(), VOLUMES - 100));
        rebuilds.poll(dueNs + 10 * secondNs, members);
        assertEquals(List.of(), rebuilds.heldBack());
        assertEquals(DeviceState.FAILED, map().slot(0).state());
    }

    /** The log is slow: what it was asked before may yet be decided. */
    @Test
    void aChangeOfWhichNothingIsKnownIsReckonedWith() {
        Decision two = new Decision.DrainDevices(List.of(new UUID(1, 0), new UUID(1, 1)));
        tombstonesFor(two, VOLUMES);
        log.isSlow = true;
        guard.propose(two, new Unheard());
        assertTrue(guard.isBusy());
        assertNotNull(guard.refusal(drain(2)));
        log.loseAll();
        assertFalse(guard.isBusy());
        assertNotNull(guard.refusal(drain(2)), "it may be decided yet");
        guard.propose(new Decision.SetRebuildAfter(9), new Unheard());
        log.tellAll();
        assertNull(guard.refusal(drain(2)), "it was not decided, and will not be");
    }

    /** All hosts of a node that goes wait for this decision. */
    @Test
    void aNodeThatGoesIsDecidedInTheTimeOfSomeEncodings() {
        ClusterState state = state(20, 4000);
        Decision down = new Decision.NodeDown(1, 5, "test");
        long decidingNs = Long.MAX_VALUE;
        long encodingNs = Long.MAX_VALUE;
        for (int i = 0; i < 10; i++) {
            long startNs = cpuNs();
            Decider.Step step = Decider.apply(state, down);
            long decidedNs = cpuNs();
            assertEquals(Outcome.DONE, step.result().outcome());
            messageBytes(step.state().map());
            decidingNs = Math.min(decidingNs, decidedNs - startNs);
            encodingNs = Math.min(encodingNs, cpuNs() - decidedNs);
        }
        System.out.printf(
                "4,000 volumes on 240 devices: decided in %,d us, written in %,d us%n",
                decidingNs / 1000, encodingNs / 1000);
        assertTrue(decidingNs < 25 * encodingNs, decidingNs + " ns, " + encodingNs + " ns");
    }

    private static long cpuNs() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static final class Unheard implements DecisionLog.Callback {
        @Override
        public void decided(Result result) {}

        @Override
        public void unknown(String why) {}
    }

    private static void assertDeliverable(ClusterMap map) {
        int bytes = messageBytes(map);
        assertTrue(bytes <= MessageCodec.BYTES_MAX, bytes + " bytes");
        assertTrue(bytes <= MapSize.bytesMax(map), bytes + " bytes");
    }

    private static int messageBytes(ClusterMap map) {
        Message message = new Message.NewMap(7, map, map.epoch() - 1);
        List<byte[]> parts = MessageCodec.encodeInParts(List.of(message));
        assertEquals(1, parts.size());
        return parts.getFirst().length;
    }

    private Decision drain(int slot) {
        ClusterMap map = map();
        UUID id = slot < map.slots().size() ? map.slot(slot).deviceId() : new UUID(1, slot);
        return new Decision.DrainDevices(List.of(id));
    }

    private static Decision add() {
        return new Decision.AddDevice(1, 5, new DeviceSpec(new UUID(66, 66), 1L << 40));
    }

    private static Decision lose(int device) {
        return new Decision.LoseDevices(
                List.of(new Decision.LostDevice(new UUID(1, device), 5)), "test");
    }

    private static ClusterMap withAwayDevice(ClusterMap map) {
        return map.withSlot(map.slot(0).withState(DeviceState.UNAVAILABLE));
    }

    /** Two nodes are away, and pages have moved without them. */
    private static ClusterMap atItsWorst(ClusterMap map) {
        SortedMap<Integer, Long> behind = new TreeMap<>();
        List<DeviceSlot> slots = new ArrayList<>(map.slots());
        slots.replaceAll(slot -> {
            boolean isAway = slot.nodeId() >= NODES - 1 && slot.state() == DeviceState.ONLINE;
            if (isAway) {
                behind.put(slot.slot(), map.epoch());
            }
            return isAway ? slot.withState(DeviceState.UNAVAILABLE) : slot;
        });
        assertEquals(2 * DEVICES_PER_NODE, behind.size());
        List<VolumeEntry> volumes = new ArrayList<>(map.volumes());
        volumes.replaceAll(volume -> {
            Placing placing = volume.placing();
            Placing moving =
                    new Placing(
                            placing.from(),
                            placing.to(),
                            placing.isMoving() ? volume.pages(map.pageShift()) - 1 : 0,
                            placing.since(),
                            new TreeSet<>(behind.keySet()));
            return volume.withBehind(behind).withPlacing(moving);
        });
        return map.next(map.nodes(), slots, volumes);
    }

    private static ClusterMap withoutVolumes(ClusterMap map, int first) {
        List<VolumeEntry> left = map.volumes().subList(first, map.volumes().size());
        return map.next(map.nodes(), map.slots(), left);
    }

    private static ClusterState with(ClusterState state, ClusterMap map) {
        return new ClusterState(map, "s", VOLUMES + 1, List.of(), state.rebuildAfterSeconds());
    }

    private Map<Integer, Member> members() {
        Map<Integer, Member> members = new HashMap<>();
        for (NodeEntry node : map().nodes()) {
            Member member = new Member(node, 0, 0);
            List<DeviceFill> fills =
                    map().slots().stream()
                            .filter(slot -> slot.nodeId() == node.id() && slot.slot() != 0)
                            .map(slot -> new DeviceFill(slot.deviceId(), 10, 1_000_000))
                            .toList();
            member.heard(
                    new Message.Renew(
                            node.incarnation(),
                            1,
                            1,
                            1,
                            "",
                            1,
                            "nio",
                            VoterReport.UNHEARD,
                            List.of(),
                            fills,
                            List.of()),
                    true,
                    0);
            members.put(node.id(), member);
        }
        return members;
    }

    /** All is well; the tombstones stand behind the devices that are there. */
    private static ClusterState state(int tombstones, int volumes) {
        List<NodeEntry> nodes =
                IntStream.rangeClosed(1, NODES)
                        .mapToObj(id ->
                                new NodeEntry(
                                        id,
                                        "10.0.0." + id,
                                        4420,
                                        8080,
                                        9870,
                                        "",
                                        "rack" + id,
                                        id <= 5,
                                        NodeState.ONLINE,
                                        5))
                        .toList();
        List<DeviceSlot> slots = new ArrayList<>();
        for (int i = 0; i < NODES * DEVICES_PER_NODE + tombstones; i++) {
            boolean there = i < NODES * DEVICES_PER_NODE;
            int node = there ? 1 + i / DEVICES_PER_NODE : NODES;
            slots.add(
                    new DeviceSlot(
                            i,
                            new UUID(there ? node : 77, there ? i % DEVICES_PER_NODE : i),
                            node,
                            1L << 40,
                            1024,
                            there ? DeviceState.ONLINE : DeviceState.REMOVED));
        }
        List<VolumeEntry> entries = new ArrayList<>();
        for (int i = 1; i <= volumes; i++) {
            String name = "v".repeat(58) + "%05d".formatted(i);
            entries.add(
                    new VolumeEntry(
                            i,
                            new UUID(i, i),
                            name,
                            "nqn.2026-11.io.stria:00000000:" + name,
                            1L << 40,
                            new Scheme(2),
                            Tolerance.NODE,
                            VolumeState.ONLINE,
                            1,
                            1 + i % NODES,
                            List.of(1 + i % NODES, 1 + (i + 1) % NODES, 1 + (i + 2) % NODES),
                            new TreeMap<>(),
                            VolumeEntry.LBA_BYTES_DEFAULT,
                            Placing.settled(SlotList.of(slots))));
        }
        ClusterMap map = new ClusterMap(new UUID(7, 7), EPOCH, 8, nodes, slots, entries);
        return new ClusterState(map, "s", VOLUMES + 1, List.of(), 600);
    }
}
