package io.stria.simulator;

import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.Scheme;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What may break together so that a cluster still has to serve, as the table "What may break" in
 * docs/correctness.md says: of no page more than two chunks, and of the voters fewer than half.
 *
 * <p>A chunk counts as broken while its node is down, stands still, is cut off or without a lease;
 * while its device fails, hangs, is slow or not there; while its slot is behind; and, once its
 * device's media were damaged behind everybody's back, until somebody has replaced the device: only
 * then is it certain that nothing wrong lies on it any more. What is told by looking at the cluster
 * is not remembered here; only damage is.
 */
final class FaultBudget {
    static final int LOSSES_MAX = Scheme.PARITY_FRAGMENTS;

    /** A node that was away may be marked behind for so long after it is back. */
    static final long ECHO_MS = 4_000;

    private static final long ECHO_NS = ECHO_MS * 1_000_000;

    private final SimulatedCluster cluster;
    private final Set<UUID> damaged = new HashSet<>();
    private final long[] disturbedUntilNs;

    FaultBudget(SimulatedCluster cluster) {
        this.cluster = cluster;
        this.disturbedUntilNs = new long[cluster.nodes().size() + 1];
    }

    /** Something is done to the node that ends by itself after this time. */
    void disturbed(SimulatedNode node, long forNs) {
        long untilNs = cluster.simulation().nowNs() + forNs + ECHO_NS;
        disturbedUntilNs[node.id()] = Math.max(disturbedUntilNs[node.id()], untilNs);
    }

    /** Remembers who is not well now. */
    void look() {
        for (SimulatedNode node : cluster.nodes()) {
            if (!node.isWell() || !node.disks().stream().allMatch(node::isWell)) {
                disturbed(node, 0);
            }
        }
    }

    private boolean isDisturbed(SimulatedNode node) {
        return cluster.simulation().nowNs() < disturbedUntilNs[node.id()];
    }

    /** Something that nobody was told is wrong on the device from now on. */
    void damaged(SimulatedNode.Disk disk) {
        damaged.add(disk.deviceId());
    }

    /** Another device is in its place. */
    void replaced(SimulatedNode.Disk disk) {
        damaged.remove(disk.deviceId());
    }

    boolean isDamaged(SimulatedNode.Disk disk) {
        return damaged.contains(disk.deviceId());
    }

    boolean isAnythingDamaged() {
        return !damaged.isEmpty();
    }

    /** Slots in use whose media were damaged. */
    Set<Integer> damagedSlots() {
        Set<Integer> slots = new HashSet<>();
        for (DeviceSlot slot : cluster.map().slots()) {
            if (isUsed(slot) && damaged.contains(slot.deviceId())) {
                slots.add(slot.slot());
            }
        }
        return slots;
    }

    /** Whether the node may be lost as well. */
    boolean bears(SimulatedNode node) {
        look();
        return worstLoss(node, null) <= LOSSES_MAX && votersAway(node) <= votersThatMayBeAway();
    }

    /** Whether a cluster in which all is well bears the loss of any two nodes. */
    boolean bearsAnyTwo() {
        return 2 * cluster.chunksPerNode() <= LOSSES_MAX && votersThatMayBeAway() >= 2;
    }

    /** The map says of all that the node has that it is behind. */
    boolean isKnownToBeAway(SimulatedNode node) {
        return node.disks().stream().filter(this::isUsed).allMatch(this::isBehind);
    }

    /** Whether the device may be lost as well. */
    boolean bears(SimulatedNode node, SimulatedNode.Disk disk) {
        look();
        return worstLoss(node, disk) <= LOSSES_MAX && votersAway(null) <= votersThatMayBeAway();
    }

    /** Whether the cluster has to serve as it is. */
    boolean isKept() {
        look();
        return worstLoss(null, null) <= LOSSES_MAX && votersAway(null) <= votersThatMayBeAway();
    }

    private int votersThatMayBeAway() {
        return (cluster.config().voters() - 1) / 2;
    }

    private int votersAway(@Nullable SimulatedNode too) {
        int away = 0;
        for (SimulatedNode node : cluster.nodes()) {
            if (node.id() <= cluster.config().voters() && (node == too || isDisturbed(node))) {
                away++;
            }
        }
        return away;
    }

    /**
     * The most chunks that a page can have lost, when this node or one device of it is lost too.
     */
    private int worstLoss(@Nullable SimulatedNode tooNode, SimulatedNode.@Nullable Disk tooDisk) {
        int loss = 0;
        for (SimulatedNode node : cluster.nodes()) {
            int broken = 0;
            for (SimulatedNode.Disk disk : node.disks()) {
                if (!isUsed(disk)) {
                    continue;
                }
                boolean asked = node == tooNode && (tooDisk == null || tooDisk == disk);
                broken += asked || isBroken(node, disk) ? 1 : 0;
            }
            loss += Math.min(cluster.chunksPerNode(), broken);
        }
        return loss;
    }

    /** The volume may have chunks there. */
    private boolean isUsed(SimulatedNode.Disk disk) {
        return cluster.map().slots().stream()
                .filter(slot -> slot.deviceId().equals(disk.deviceId()))
                .anyMatch(this::isUsed);
    }

    private boolean isUsed(DeviceSlot slot) {
        return cluster.volumeIfMade()
                .map(volume -> volume.placing().uses(slot.slot()))
                .orElse(true);
    }

    private boolean isBroken(SimulatedNode node, SimulatedNode.Disk disk) {
        return isDisturbed(node)
                || !node.isWell()
                || !node.isWell(disk)
                || isDamaged(disk)
                || isBehind(disk);
    }

    boolean isBehind(SimulatedNode.Disk disk) {
        for (DeviceSlot slot : cluster.map().slots()) {
            if (slot.deviceId().equals(disk.deviceId())) {
                return cluster.volumeIfMade()
                        .map(volume -> volume.behind().containsKey(slot.slot()))
                        .orElse(false);
            }
        }
        return false;
    }
}
