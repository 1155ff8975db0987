package io.stria.control.decisions;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.Placing;
import io.stria.clustermap.SlotList;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import io.stria.control.decisions.Result.Outcome;
import io.stria.control.lease.MapSize;
import io.stria.control.lease.Message;
import io.stria.control.lease.MessageCodec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Thousands of random decisions, late and doubled ones among them; what must hold always holds. */
class RandomDecisionsTest {
    private static final int SEEDS = 150;
    private static final int STEPS = 300;

    /** No voter, and without a slot at first: it may be removed. */
    private static final int JOINS = 7;

    @Test
    void whatMustHoldHoldsAfterEveryDecision() throws IOException {
        int held = 0;
        int othersWays = 0;
        int removed = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            try {
                Run run = new Run(seed);
                run.go();
                held += run.held;
                othersWays += run.othersWays;
                removed += run.bench.map().nodes().size() - run.bench.map().members().size();
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
        assertTrue(held > SEEDS, "movements were held for " + held + " decisions only");
        assertTrue(removed > 5, "nodes were removed only " + removed + " times");
        assertTrue(othersWays > 10, "movements took another way only " + othersWays + " times");
    }

    /** Of devices that chunks are to be on. */
    private static final Set<DeviceState> HOLDS =
            EnumSet.of(DeviceState.ONLINE, DeviceState.SYNCING, DeviceState.UNAVAILABLE);

    /** Of devices that may have chunks when their node comes back. */
    private static final Set<DeviceState> MAY_RETURN =
            EnumSet.complementOf(EnumSet.of(DeviceState.FAILED, DeviceState.REMOVED));

    private static final class Run {
        private final long seed;
        private final Random random;
        private final Random removals;
        private final Bench bench;
        private final List<Decision> late = new ArrayList<>();
        private final Set<Integer> vuids = new HashSet<>();
        private int names;
        private long incarnation = 1000;

        /** Maps that show a movement that is held. */
        private int held;

        /** Movements that have taken another way. */
        private int othersWays;

        Run(long seed) {
            this.seed = seed;
            random = new Random(seed);
            removals = new Random(~seed);
            int nodes = 3 + random.nextInt(4);
            bench = Bench.running(nodes, 1 + random.nextInt(3));
        }

        void go() throws IOException {
            for (int i = 0; i < STEPS; i++) {
                if (i == STEPS / 3 && seed % 2 == 1) {
                    bench.start(JOINS);
                }
                Decision decision =
                        !late.isEmpty() && random.nextInt(8) == 0
                                ? late.get(random.nextInt(late.size()))
                                : next();
                late.add(decision);
                ClusterState before = bench.state;
                Decision read = DecisionCodec.decodeDecision(DecisionCodec.encode(decision));
                assertEquals(decision, read);
                Result result = bench.apply(read);
                assertEquals(result, DecisionCodec.decodeResult(DecisionCodec.encode(result)));
                check(before, decision, result);
            }
            assertEquals(bench.state, DecisionCodec.decodeState(DecisionCodec.encode(bench.state)));
        }

        private Decision next() {
            ClusterMap map = bench.map();
            NodeEntry node = map.nodes().get(random.nextInt(map.nodes().size()));
            if (map.volumes().isEmpty() || random.nextInt(12) == 0) {
                String scheme = List.of("1+2", "2+2", "4+2", "8+2").get(random.nextInt(4));
                return Bench.createDecision(
                        "v" + names++,
                        scheme,
                        random.nextBoolean() ? Tolerance.NODE : Tolerance.DEVICE);
            }
            VolumeEntry volume = map.volumes().get(random.nextInt(map.volumes().size()));
            int slot = random.nextInt(map.slots().size());
            if (random.nextInt(4) == 0) {
                return departure(map, volume);
            }
            return switch (random.nextInt(10)) {
                case 0, 1 -> new Decision.NodeDown(node.id(), node.incarnation(), "random");
                case 2, 3, 4 -> {
                    List<DeviceSpec> devices = bench.devices(node.id());
                    int kept =
                            random.nextInt(4) == 0
                                    ? random.nextInt(devices.size())
                                    : devices.size();
                    yield new Decision.RegisterNode(
                            Bench.spec(node.id()), incarnation++, devices.subList(0, kept));
                }
                case 5 -> new Decision.MarkBehind(volume.vuid(), volume.epoch(), slot, "random");
                case 6, 7 -> {
                    List<Integer> behind = List.copyOf(volume.behind().keySet());
                    int which = behind.isEmpty() ? slot : behind.get(random.nextInt(behind.size()));
                    yield new Decision.MarkInSync(
                            volume.vuid(),
                            volume.epoch(),
                            which,
                            volume.behind().getOrDefault(which, 0L));
                }
                case 8 ->
                        random.nextBoolean()
                                ? new Decision.RestartOwner(volume.vuid(), volume.epoch(), "random")
                                : new Decision.TakeVolume(
                                        volume.vuid(), volume.epoch(), volume.paths().getLast());
                default ->
                        random.nextBoolean()
                                ? new Decision.DeleteVolume(volume.name(), volume.id())
                                : new Decision.VolumeDeleted(volume.vuid());
            };
        }

        private Decision departure(ClusterMap map, VolumeEntry volume) {
            List<UUID> some = new ArrayList<>();
            for (int left = 1 + random.nextInt(2); left > 0; left--) {
                some.add(map.slot(random.nextInt(map.slots().size())).deviceId());
            }
            List<UnplacedDevice> waiting = bench.state.unplaced();
            UnplacedDevice next =
                    waiting.isEmpty() ? null : waiting.get(random.nextInt(waiting.size()));
            long cursor = volume.placing().cursor();
            long pages = volume.pages(map.pageShift());
            if (removals.nextInt(12) == 0) {
                return towardsRemoval(map, map.nodes().getLast());
            }
            return switch (random.nextInt(10)) {
                case 0 -> new Decision.DrainDevices(some);
                case 8 ->
                        new Decision.LoseDevices(
                                some.stream().distinct().map(id -> lost(map, id)).toList(),
                                "random");
                case 9 -> new Decision.SetRebuildAfter(random.nextInt(3));
                case 1 -> new Decision.KeepDevices(some);
                case 2 -> new Decision.FailDevices(some, "random");
                case 3 -> {
                    NodeEntry node = map.nodes().get(random.nextInt(map.nodes().size()));
                    List<DeviceSpec> devices = new ArrayList<>(bench.devices(node.id()));
                    devices.set(
                            random.nextInt(devices.size()),
                            new DeviceSpec(new UUID(node.id(), incarnation), 64L << 30));
                    yield new Decision.RegisterNode(Bench.spec(node.id()), incarnation++, devices);
                }
                case 4 ->
                        new Decision.ReplaceDevice(
                                some.getFirst(), next == null ? some.get(0) : next.device().id());
                case 5 -> {
                    int node = next == null ? 1 : next.nodeId();
                    yield new Decision.AddDevice(
                            node,
                            map.node(node).orElseThrow().incarnation(),
                            next == null
                                    ? new DeviceSpec(new UUID(99, incarnation), 1L << 30)
                                    : next.device());
                }
                default ->
                        new Decision.MovePages(
                                volume.vuid(),
                                volume.epoch(),
                                volume.placing().since(),
                                cursor,
                                random.nextInt(3) == 0
                                        ? pages
                                        : cursor + random.nextLong(pages - cursor + 2),
                                random.nextBoolean()
                                        ? new TreeSet<>()
                                        : new TreeSet<>(volume.behind().keySet()));
            };
        }

        /** By chance alone hardly any node would ever be empty and off. */
        private Decision towardsRemoval(ClusterMap map, NodeEntry node) {
            List<UUID> inUse =
                    map.slots().stream()
                            .filter(slot -> slot.nodeId() == node.id())
                            .filter(slot -> MAY_RETURN.contains(slot.state()))
                            .map(DeviceSlot::deviceId)
                            .toList();
            return switch (removals.nextInt(3)) {
                case 0 -> new Decision.FailDevices(inUse, "random");
                case 1 -> new Decision.NodeDown(node.id(), node.incarnation(), "random");
                default -> new Decision.RemoveNode(node.id(), node.incarnation());
            };
        }

        private Decision.LostDevice lost(ClusterMap map, UUID id) {
            DeviceSlot slot =
                    map.slots().stream()
                            .filter(each -> each.deviceId().equals(id))
                            .findFirst()
                            .orElseThrow();
            return new Decision.LostDevice(
                    id, map.nodeOf(slot).incarnation() - random.nextInt(5) / 4);
        }

        private void check(ClusterState before, Decision decision, Result result) {
            ClusterMap was = before.map();
            ClusterMap is = bench.map();
            String what = decision + " ended as " + result;
            assertTrue(result.outcome() != Outcome.INTERNAL, what);
            boolean done = result.outcome() == Outcome.DONE;
            if (done) {
                assertEquals(was.epoch() + 1, is.epoch(), what);
            } else {
                assertEquals(before, bench.state, what);
            }
            assertEquals(is.epoch(), result.epoch(), what);
            for (VolumeEntry volume : is.volumes()) {
                was.volume(volume.vuid())
                        .ifPresentOrElse(
                                old -> changed(is, old, volume, decision, done, what),
                                () -> assertTrue(vuids.add(volume.vuid()), "VUID reused: " + what));
                served(is, volume, what);
                if (volume.state() == VolumeState.ONLINE) {
                    lacking(volume, what);
                }
                bounded(is, volume, what);
            }
            is.slots().forEach(slot -> device(is, slot, what));
            was.nodes().stream()
                    .filter(node -> node.state() == NodeState.REMOVED)
                    .forEach(node -> assertEquals(node, is.node(node.id()).orElseThrow(), what));
            if (seed % 15 == 0) {
                sized(was, decision, is, what);
            }
        }

        /** The leader has reckoned with as much; only changes that it looks at need more room. */
        private static void sized(ClusterMap was, Decision decision, ClusterMap is, String what) {
            Message message = new Message.NewMap(7, is, is.epoch());
            long bytesMax = MapSize.bytesMax(is);
            assertTrue(MessageCodec.encode(List.of(message)).length <= bytesMax, what);
            boolean isFirst = decision instanceof Decision.RegisterNode && was.volumes().isEmpty();
            assertTrue(isFirst || bytesMax <= MapSize.bytesMaxAfter(was, decision), what);
        }

        private void changed(
                ClusterMap is,
                VolumeEntry old,
                VolumeEntry now,
                Decision decision,
                boolean done,
                String what) {
            assertTrue(now.epoch() == old.epoch() || now.epoch() == old.epoch() + 1, what);
            assertTrue(now.owner() == old.owner() || now.epoch() > old.epoch(), what);
            assertEquals(old.paths().size(), now.paths().size(), what);
            if (old.state() == VolumeState.DELETING) {
                assertEquals(old.paths(), now.paths(), what);
            }
            for (int slot : old.behind().keySet()) {
                if (now.state() == VolumeState.DELETING) {
                    assertTrue(now.behind().isEmpty(), what);
                } else if (!now.behind().containsKey(slot) && now.placing().uses(slot)) {
                    assertEquals(
                            new Decision.MarkInSync(
                                    old.vuid(), old.epoch(), slot, Bench.mark(old, slot)),
                            decision);
                } else if (now.placing().uses(slot)) {
                    assertTrue(Bench.mark(now, slot) >= Bench.mark(old, slot), what);
                }
            }
            if (goesElsewhere(old.placing(), now.placing())) {
                assertEquals(old.epoch() + 1, now.epoch(), what);
                Set<Integer> behind = new HashSet<>(old.behind().keySet());
                behind.addAll(now.behind().keySet());
                // The mark of what was given up goes with the only list that it was on.
                is.slots().stream()
                        .filter(slot ->
                                !online(is, slot.nodeId()) || !MAY_RETURN.contains(slot.state()))
                        .forEach(slot -> behind.add(slot.slot()));
                assertTrue(behindOn(old.placing().to(), behind) > 2, what);
                othersWays++;
            } else {
                moved(old.placing(), now.placing(), decision, what);
            }
            if (now.state() == VolumeState.ONLINE) {
                since(old, now, what);
            }
            if (done
                    && decision instanceof Decision.RegisterNode register
                    && register.node().id() == old.owner()) {
                assertEquals(old.epoch() + 1, now.epoch(), what);
            }
        }

        /** Nothing had moved, and now it goes nowhere, or somewhere else. */
        private static boolean goesElsewhere(Placing old, Placing now) {
            return old.isMoving()
                    && old.from().equals(now.from())
                    && !old.to().equals(now.to())
                    && old.cursor() == 0
                    && now.cursor() == 0;
        }

        private static long behindOn(SlotList list, Set<Integer> behind) {
            return behind.stream().filter(list::contains).count();
        }

        /** Steps of the same movement become void by a mark, and by nothing that repeats itself. */
        private void since(VolumeEntry old, VolumeEntry now, String what) {
            Placing was = old.placing();
            Placing is = now.placing();
            if (is.isHeld()) {
                assertTrue(behindOn(is.to(), now.behind().keySet()) > 2, what);
                held++;
            }
            if (was.isMoving()
                    && was.from().equals(is.from())
                    && was.to().equals(is.to())
                    && was.since() != is.since()) {
                boolean marked =
                        now.behind().keySet().stream()
                                .anyMatch(slot ->
                                        is.to().contains(slot) && !old.behind().containsKey(slot));
                assertTrue(was.isHeld() || marked, what);
            }
        }

        /** A page changes its list when it is moved, and never otherwise. */
        private static void moved(Placing old, Placing now, Decision decision, String what) {
            if (decision instanceof Decision.MovePages move) {
                if (now.isMoving() && now.from().equals(old.from())) {
                    assertTrue(now.cursor() == old.cursor() || now.cursor() == move.to(), what);
                } else if (!now.equals(old)) {
                    assertEquals(old.to(), now.from(), "all arrived, perhaps to go on: " + what);
                    assertTrue(now.missed().containsAll(move.without()), what);
                    assertEquals(0, now.cursor(), what);
                }
            } else if (old.isMoving()) {
                assertEquals(old.from(), now.from(), what);
                assertEquals(old.to(), now.to(), what);
                assertEquals(old.cursor(), now.cursor(), what);
            } else {
                assertEquals(old.to(), now.from(), what);
                assertEquals(0, now.cursor(), what);
            }
        }

        /** Who missed chunks stays behind until it has been compared. */
        private static void lacking(VolumeEntry volume, String what) {
            for (int slot : volume.placing().missed()) {
                assertTrue(volume.behind().containsKey(slot), what);
            }
        }

        private static void served(ClusterMap map, VolumeEntry volume, String what) {
            boolean anyPath = volume.paths().stream().anyMatch(node -> online(map, node));
            assertTrue(!anyPath || online(map, volume.owner()), what);
            if (volume.state() == VolumeState.ONLINE) {
                boolean othersCould =
                        map.nodes().stream()
                                .map(NodeEntry::id)
                                .anyMatch(node ->
                                        !volume.paths().contains(node)
                                                && online(map, node)
                                                && devices(map, node, HOLDS));
                for (int path : volume.paths()) {
                    boolean isWanted =
                            devices(map, path, MAY_RETURN)
                                    || (online(map, path) && path == volume.owner());
                    assertTrue(isWanted || !othersCould, path + " is still a path: " + what);
                }
            }
        }

        private static boolean devices(ClusterMap map, int node, Set<DeviceState> in) {
            return map.slots().stream()
                    .anyMatch(slot -> slot.nodeId() == node && in.contains(slot.state()));
        }

        /** Counted another way than the rule does: no choice of distinct nodes loses too much. */
        private static void bounded(ClusterMap map, VolumeEntry volume, String what) {
            Placing placing = volume.placing();
            List<SlotList> lists =
                    placing.isHeld()
                            ? List.of(placing.from())
                            : List.of(placing.from(), placing.to());
            for (SlotList list : lists) {
                List<Integer> behind =
                        volume.behind().keySet().stream().filter(list::contains).toList();
                long nodes =
                        behind.stream().map(slot -> map.slot(slot).nodeId()).distinct().count();
                if (volume.tolerance() == Tolerance.NODE) {
                    assertTrue(nodes <= 2, what);
                }
                assertTrue(nodes <= 2 || behind.size() <= 2, what);
            }
        }

        private static void device(ClusterMap map, DeviceSlot slot, String what) {
            boolean listed =
                    map.volumes().stream().anyMatch(v -> v.behind().containsKey(slot.slot()));
            if (map.volumes().stream()
                    .anyMatch(v ->
                            v.placing().uses(slot.slot()) && v.state() == VolumeState.ONLINE)) {
                assertTrue(slot.state() != DeviceState.REMOVED, what);
            }
            if (SlotList.wanted(map.slots()).removed().contains(slot.slot())) {
                return;
            }
            if (!online(map, slot.nodeId())) {
                assertEquals(DeviceState.UNAVAILABLE, slot.state(), what);
            } else if (slot.state() != DeviceState.UNAVAILABLE) {
                assertEquals(listed ? DeviceState.SYNCING : DeviceState.ONLINE, slot.state(), what);
            }
        }

        private static boolean online(ClusterMap map, int node) {
            return map.node(node).orElseThrow().state() == NodeState.ONLINE;
        }
    }
}
