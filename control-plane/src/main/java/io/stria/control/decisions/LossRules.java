package io.stria.control.decisions;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.VolumeEntry;
import io.stria.control.decisions.Result.Outcome;
import io.stria.placement.Feasibility;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Devices that have been away for so long that nobody waits for them any more: a rebuild that no
 * person has asked for. It gives up votes for ever and writes on all devices, so it is for the loss
 * of a device, a node or two, and not for an outage, which ends when somebody mends a switch.
 */
final class LossRules {
    /**
     * Of the cluster's weight at least so many parts are there, where several nodes have losses.
     */
    private static final int AWAY_ONE_IN = 4;

    private LossRules() {}

    static void setRebuildAfter(Draft draft, Decision.SetRebuildAfter set) {
        if (set.seconds() < 0 || set.seconds() > Decision.SetRebuildAfter.SECONDS_MAX) {
            throw Refusal.of(
                    Outcome.INVALID,
                    "%d is not 0 (never) to %d seconds",
                    set.seconds(),
                    Decision.SetRebuildAfter.SECONDS_MAX);
        }
        if (set.seconds() == draft.rebuildAfterSeconds) {
            throw Refusal.already();
        }
        draft.rebuildAfterSeconds = set.seconds();
    }

    static void lose(Draft draft, Decision.LoseDevices lose) {
        if (draft.rebuildAfterSeconds == 0) {
            throw Refusal.of(Outcome.STALE, "nothing is to be rebuilt by itself any more");
        }
        List<Integer> lost = new ArrayList<>();
        for (Decision.LostDevice device : lose.devices()) {
            DeviceSlot slot = stillAway(draft, device);
            draft.setState(slot, DeviceState.FAILED);
            lost.add(slot.slot());
        }
        Set<Integer> away = new TreeSet<>();
        for (DeviceSlot slot : draft.slots) {
            if (slot.state() != DeviceState.REMOVED && Settlement.absent(draft, slot)) {
                away.add(slot.slot());
            }
        }
        checkThatMostAreThere(draft, away);
        checkThatNoRackIsAway(draft, away);
        ClusterMap map = draft.soFar();
        Fits fits = new Fits(map);
        BehindRule rule = new BehindRule(draft);
        for (VolumeEntry volume : draft.served()) {
            checkThatItFits(fits, volume);
            checkThatItIsBorne(map, rule, volume);
            DepartureRules.markLost(draft, rule, volume, lost);
        }
    }

    /** A process that has the device registers, with another incarnation. */
    private static DeviceSlot stillAway(Draft draft, Decision.LostDevice device) {
        DeviceSlot slot =
                DeviceRules.slot(draft, device.deviceId())
                        .orElseThrow(() ->
                                Refusal.of(
                                        Outcome.STALE,
                                        "no slot has the device %s",
                                        device.deviceId()));
        NodeEntry node = draft.nodes.get(slot.nodeId());
        boolean away =
                slot.state() == DeviceState.UNAVAILABLE || slot.state() == DeviceState.DRAINING;
        if (!away || node == null || node.incarnation() != device.incarnation()) {
            throw Refusal.of(
                    Outcome.STALE,
                    "the device of slot %d is %s, and its node has perhaps started anew",
                    slot.slot(),
                    DeviceRules.word(slot));
        }
        return slot;
    }

    /** Beyond one node it is more likely the network than so many deaths. */
    private static void checkThatMostAreThere(Draft draft, Set<Integer> away) {
        Set<Integer> nodes = new TreeSet<>();
        long weightAway = 0;
        long weight = 0;
        for (DeviceSlot slot : draft.slots) {
            if (slot.state() != DeviceState.REMOVED) {
                weight += slot.weight();
                if (away.contains(slot.slot())) {
                    weightAway += slot.weight();
                    nodes.add(slot.nodeId());
                }
            }
        }
        if (nodes.size() > 1 && weightAway > weight / AWAY_ONE_IN) {
            throw Refusal.of(
                    Outcome.NOT_READY,
                    "devices of nodes %s are away, which are %d %% of the cluster: more than %d %%"
                            + " on several nodes looks like an outage",
                    nodes,
                    100 * weightAway / weight,
                    100 / AWAY_ONE_IN);
        }
    }

    private static void checkThatNoRackIsAway(Draft draft, Set<Integer> away) {
        Map<String, Set<Integer>> nodes = new TreeMap<>();
        Set<String> there = new HashSet<>();
        for (DeviceSlot slot : draft.slots) {
            NodeEntry node = draft.nodes.get(slot.nodeId());
            if (slot.state() != DeviceState.REMOVED && node != null) {
                String zone = "zone '" + node.zone() + "'";
                for (String domain : List.of(zone, "rack '" + node.rack() + "' of " + zone)) {
                    nodes.computeIfAbsent(domain, key -> new TreeSet<>()).add(node.id());
                    if (!away.contains(slot.slot())) {
                        there.add(domain);
                    }
                }
            }
        }
        nodes.forEach((domain, members) -> {
            if (members.size() > 1 && !there.contains(domain)) {
                throw Refusal.of(
                        Outcome.NOT_READY,
                        "all nodes of %s are away, %s, which looks like an outage",
                        domain,
                        members);
            }
        });
    }

    /** Afterwards the volume is what it was made to be. */
    private static void checkThatItFits(Fits fits, VolumeEntry volume) {
        Feasibility left = fits.of(volume);
        if (!left.feasible()) {
            throw Refusal.of(
                    Outcome.INFEASIBLE,
                    "volume %s cannot be rebuilt as it was made: %s",
                    volume.name(),
                    left.reason());
        }
    }

    /** Until then no page lacks too much. */
    private static void checkThatItIsBorne(ClusterMap map, BehindRule rule, VolumeEntry volume) {
        int worst = Survival.worstLoss(rule, map, volume);
        if (worst > BehindRule.LOSSES_MAX) {
            throw Refusal.of(
                    Outcome.CONFLICT,
                    "pages of volume %s could lack %d chunks, of which %d can be lost: other"
                            + " devices have to come back first",
                    volume.name(),
                    worst,
                    BehindRule.LOSSES_MAX);
        }
    }
}
