package io.stria.simulator;

import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.SlotList;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.DeviceSpec;
import io.stria.runtime.sim.SimulatedRandom;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Somebody who changes the list of slots while the cluster is at work: devices are added, drained,
 * kept after all, and given up. What the control plane refuses does not happen.
 */
final class Operator {
    private static final long TIMEOUT_NS = 5_000_000_000L;
    private static final int ADDED_MAX = 2;

    private final SimulatedCluster cluster;
    private final FaultBudget budget;
    private final SimulatedRandom random;
    private int added;

    Operator(SimulatedCluster cluster, FaultBudget budget) {
        this.cluster = cluster;
        this.budget = budget;
        this.random = cluster.simulation().random("operator");
    }

    /** One order. Every node keeps a device, so that no node ever has more chunks of a page. */
    void act() {
        if (cluster.volumeIfMade().isEmpty()) {
            return;
        }
        List<DeviceSlot> slots = cluster.map().slots();
        DeviceSlot any = slots.get(random.nextInt(slots.size()));
        switch (random.nextInt(6)) {
            case 0, 1 -> {
                if (isDispensable(any) && any.state() == DeviceState.ONLINE) {
                    propose("drains", any, new Decision.DrainDevices(List.of(any.deviceId())));
                }
            }
            case 2 ->
                    slots.stream()
                            .filter(slot -> slot.state() == DeviceState.DRAINING)
                            .findFirst()
                            .ifPresent(slot ->
                                    propose(
                                            "keeps",
                                            slot,
                                            new Decision.KeepDevices(List.of(slot.deviceId()))));
            case 3 -> failOne(any);
            case 4 -> bringOne();
            default -> placeOne();
        }
    }

    /** Another device of its node stays. */
    private boolean isDispensable(DeviceSlot slot) {
        SlotList wanted = SlotList.wanted(cluster.map().slots());
        return cluster.map().slots().stream()
                        .filter(other -> other.nodeId() == slot.nodeId())
                        .filter(other -> wanted.contains(other.slot()))
                        .count()
                > 1;
    }

    /** What is broken for good, or only thought to be. */
    private void failOne(DeviceSlot slot) {
        SimulatedNode node = cluster.node(slot.nodeId());
        Optional<SimulatedNode.Disk> disk = node.disk(slot.deviceId());
        boolean borne =
                disk.isPresent() && (budget.isBehind(disk.get()) || budget.bears(node, disk.get()));
        if (borne && isDispensable(slot) && slot.state() != DeviceState.REMOVED) {
            propose("gives up", slot, new Decision.FailDevices(List.of(slot.deviceId()), "seed"));
        }
    }

    /** A node gets one more disk, and restarts to find it. */
    private void bringOne() {
        SimulatedNode node = cluster.node(1 + random.nextInt(cluster.nodes().size()));
        if (added < ADDED_MAX && node.isWell() && budget.bears(node)) {
            added++;
            node.addDisk();
            node.kill();
            node.start();
        }
    }

    /** Disks that wait for a slot get one; also those that somebody had given up. */
    private void placeOne() {
        for (SimulatedNode node : cluster.nodes()) {
            NodeProcess process = node.processOrNull();
            for (DeviceSpec spec : node.deviceSpecs()) {
                if (process != null && process.hasDevice(spec.id()) && isNew(spec.id())) {
                    cluster.story().tell("node %d: %s is added".formatted(node.id(), spec.id()));
                    propose(new Decision.AddDevice(node.id(), process.incarnation(), spec));
                    return;
                }
            }
        }
    }

    private boolean isNew(UUID deviceId) {
        return cluster.map().slots().stream()
                .filter(slot -> slot.state() != DeviceState.REMOVED)
                .noneMatch(slot -> slot.deviceId().equals(deviceId));
    }

    private void propose(String what, DeviceSlot slot, Decision decision) {
        cluster.story().tell("somebody %s the device of slot %d".formatted(what, slot.slot()));
        propose(decision);
    }

    private void propose(Decision decision) {
        for (SimulatedNode node : cluster.nodes()) {
            NodeProcess process = node.processOrNull();
            if (process != null && !node.isPaused()) {
                process.withAgent((agent, nowNs) ->
                        agent.propose(decision, nowNs + TIMEOUT_NS, result -> {}));
                return;
            }
        }
    }
}
