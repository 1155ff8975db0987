package io.stria.control.lease;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.VolumeState;
import io.stria.control.consensus.DecisionLog;
import io.stria.control.decisions.ClusterState;
import io.stria.control.decisions.Decider;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.Result;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes devices for lost that stay away, so that what they held is rebuilt. Times are of the
 * leader's own clock, and begin anew with its term: nothing durable depends on a clock, and a
 * device waits at most once longer for each change of leader. What may be decided is the state
 * machine's to say; whether there is room only the leader can, since fill is told to nobody else,
 * and whether the map has room for what is lost, too. Part of {@link Coordinator}.
 */
final class Rebuilds {
    private static final System.Logger LOG = System.getLogger(Rebuilds.class.getName());
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long LOOK_NS = SECOND_NS / 2;

    /** What was held back is tried again after this: mostly, nothing has changed. */
    private static final long HELD_BACK_NS = 5 * SECOND_NS;

    private final DecisionLog log;
    private final MapGuard guard;

    /** Since when devices are away; the one that went first comes first. */
    private final Map<UUID, Long> awaySinceNs = new LinkedHashMap<>();

    private List<String> heldBack = List.of();
    private boolean underWay;
    private long nextLookNs;
    private long nextTryNs;

    Rebuilds(DecisionLog log, MapGuard guard) {
        this.log = log;
        this.guard = guard;
    }

    /** Another term: who leads now has seen nothing yet. */
    void clear() {
        awaySinceNs.clear();
        heldBack = List.of();
        underWay = false;
        nextLookNs = Long.MIN_VALUE;
        nextTryNs = Long.MIN_VALUE;
    }

    /** The leader stood still for so long, and would not have seen anybody come back. */
    void pausedFor(long ns) {
        awaySinceNs.replaceAll((device, sinceNs) -> sinceNs + ns);
    }

    int poll(long nowNs, Map<Integer, Member> members) {
        if (nowNs < nextLookNs || underWay) {
            return 0;
        }
        nextLookNs = nowNs + LOOK_NS;
        ClusterState state = log.state();
        look(state.map(), members, nowNs);
        List<DeviceSlot> due = due(state, nowNs);
        if (due.isEmpty()) {
            heldBack = List.of();
            return 0;
        }
        if (nowNs < nextTryNs || guard.isBusy()) {
            return 0;
        }
        nextTryNs = nowNs + HELD_BACK_NS;
        return begin(state, due, fills(members)) ? 1 : 0;
    }

    private void look(ClusterMap map, Map<Integer, Member> members, long nowNs) {
        Set<UUID> away =
                map.slots().stream()
                        .filter(slot -> isUsed(map, slot) && isAway(map, members, slot))
                        .map(DeviceSlot::deviceId)
                        .collect(Collectors.toSet());
        awaySinceNs.keySet().retainAll(away);
        away.forEach(device -> awaySinceNs.putIfAbsent(device, nowNs));
    }

    private static boolean isUsed(ClusterMap map, DeviceSlot slot) {
        return map.volumes().stream()
                .anyMatch(volume ->
                        volume.state() == VolumeState.ONLINE && volume.placing().uses(slot.slot()));
    }

    /** One that is drained keeps that state in the map when it fails: its node knows better. */
    private static boolean isAway(ClusterMap map, Map<Integer, Member> members, DeviceSlot slot) {
        Member member = members.get(slot.nodeId());
        return map.isAway(slot)
                || slot.state() == DeviceState.DRAINING
                        && member != null
                        && member.isWithout(slot.deviceId());
    }

    /** A device that was added again has left a tombstone with its id behind. */
    private List<DeviceSlot> due(ClusterState state, long nowNs) {
        long afterNs = state.rebuildAfterSeconds() * SECOND_NS;
        if (afterNs == 0) {
            return List.of();
        }
        return state.map().slots().stream()
                .filter(slot -> slot.state() != DeviceState.REMOVED)
                .filter(slot -> awayNs(slot, nowNs) >= afterNs)
                .sorted(Comparator.comparingLong(slot -> -awayNs(slot, nowNs)))
                .toList();
    }

    private long awayNs(DeviceSlot slot, long nowNs) {
        Long sinceNs = awaySinceNs.get(slot.deviceId());
        return sinceNs == null ? 0 : nowNs - sinceNs;
    }

    private static Map<UUID, DeviceFill> fills(Map<Integer, Member> members) {
        Map<UUID, DeviceFill> fills = new HashMap<>();
        for (Member member : members.values()) {
            if (member.online) {
                member.fills().forEach(fill -> fills.put(fill.deviceId(), fill));
            }
        }
        return fills;
    }

    /** All that are due, or those of one node at least. */
    private boolean begin(ClusterState state, List<DeviceSlot> due, Map<UUID, DeviceFill> fills) {
        List<List<DeviceSlot>> choices = new ArrayList<>();
        choices.add(due);
        Map<Integer, List<DeviceSlot>> byNode =
                due.stream()
                        .collect(
                                Collectors.groupingBy(
                                        DeviceSlot::nodeId,
                                        LinkedHashMap::new,
                                        Collectors.toList()));
        if (byNode.size() > 1) {
            choices.addAll(byNode.values());
        }
        List<String> reasons = new ArrayList<>();
        for (List<DeviceSlot> lost : choices) {
            Decision.LoseDevices decision = decision(state, lost);
            String reason = whyNot(state, withUnseen(state, lost), fills);
            if (reason == null) {
                reason = whyNot(state, decision, fills);
            }
            if (reason == null) {
                reason = guard.refusal(decision);
            }
            if (reason == null) {
                propose(lost, decision);
                return true;
            }
            reasons.add(
                    "the devices of slots %s are away, and are not rebuilt elsewhere: %s"
                            .formatted(slots(lost), reason));
        }
        if (!reasons.equals(heldBack)) {
            heldBack = List.copyOf(reasons);
            heldBack.forEach(reason -> LOG.log(System.Logger.Level.WARNING, reason));
        }
        return false;
    }

    private static Set<Integer> slots(List<DeviceSlot> lost) {
        return lost.stream().map(DeviceSlot::slot).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Decision.LoseDevices decision(ClusterState state, List<DeviceSlot> lost) {
        return new Decision.LoseDevices(
                lost.stream()
                        .map(slot ->
                                new Decision.LostDevice(
                                        slot.deviceId(), state.map().nodeOf(slot).incarnation()))
                        .toList(),
                "away for longer than %d s".formatted(state.rebuildAfterSeconds()));
    }

    /**
     * A device that has died while it was drained, on a node that lives, counts as whole in the
     * map: the state machine reckons rightly only if it is asked about that one, too.
     */
    private Decision.LoseDevices withUnseen(ClusterState state, List<DeviceSlot> lost) {
        List<DeviceSlot> all = new ArrayList<>(lost);
        for (DeviceSlot slot : state.map().slots()) {
            if (slot.state() == DeviceState.DRAINING
                    && awaySinceNs.containsKey(slot.deviceId())
                    && !lost.contains(slot)) {
                all.add(slot);
            }
        }
        return decision(state, all);
    }

    /** What the state machine would answer is found by asking it. */
    private static @Nullable String whyNot(
            ClusterState state, Decision decision, Map<UUID, DeviceFill> fills) {
        Decider.Step step = Decider.apply(state, decision);
        return step.result().accepted()
                ? Room.shortage(step.state().map(), fills)
                : step.result().detail();
    }

    private void propose(List<DeviceSlot> lost, Decision.LoseDevices decision) {
        LOG.log(
                System.Logger.Level.WARNING,
                "the devices of slots {0} are taken for lost: {1}",
                slots(lost),
                decision.reason());
        heldBack = List.of();
        underWay = true;
        long term = log.leadingTerm();
        guard.propose(
                decision,
                new DecisionLog.Callback() {
                    @Override
                    public void decided(Result result) {
                        ended();
                    }

                    @Override
                    public void unknown(String why) {
                        ended();
                    }

                    private void ended() {
                        if (log.leadingTerm() == term) {
                            underWay = false;
                        }
                    }
                });
    }

    /** Devices that are away, and for how long. */
    List<AwayDevice> away(long nowNs) {
        return awaySinceNs.entrySet().stream()
                .map(entry ->
                        new AwayDevice(entry.getKey(), (nowNs - entry.getValue()) / SECOND_NS))
                .toList();
    }

    /** Why devices that have been away for long enough are not rebuilt; sentences. */
    List<String> heldBack() {
        return heldBack;
    }
}
