package io.stria.simulator;

import io.stria.clustermap.Placing;
import io.stria.runtime.sim.DiskFaults;
import io.stria.runtime.sim.DiskImage;
import io.stria.runtime.sim.SimulatedDisk;
import io.stria.runtime.sim.SimulatedRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What the seed does to devices. */
final class DeviceFaults {
    private static final long MS = 1_000_000;
    private static final long ROLLED_BACK_MS = 6_000;
    private static final int PAGE_BYTES = 4096;
    private static final int SECTOR_BYTES = 512;

    private final SimulatedCluster cluster;
    private final SimulatedRandom random;
    private final FaultBudget budget;

    private @Nullable Placing copiedAt;

    /** Some device held something else for a moment than its node had left there. */
    private boolean mediaTouched;

    /** What devices held at some time, by device. */
    private final Map<UUID, List<DiskImage>> images = new HashMap<>();

    DeviceFaults(SimulatedCluster cluster, FaultBudget budget) {
        this.cluster = cluster;
        this.budget = budget;
        this.random = cluster.simulation().random("device faults");
    }

    SimulatedNode.Disk anyOf(SimulatedNode node) {
        return node.disks().get(random.nextInt(node.disks().size()));
    }

    /** Nothing that a device held was ever changed behind its node's back. */
    boolean areMediaWhole() {
        return !mediaTouched;
    }

    /** It fails, hangs for a while, or is slow; what it holds stays. */
    void trouble(SimulatedNode node, SimulatedNode.Disk disk) {
        switch (random.nextInt(5)) {
            case 0 -> node.loseDisk(disk, false);
            case 1, 2 -> hang(node, disk, random.between(10, 20_000));
            case 3 -> {
                double factor = 2 << random.nextInt(9);
                cluster.story()
                        .fault(
                                "node %d: %s is %.0f times as slow"
                                        .formatted(node.id(), disk.path(), factor));
                faults(node, disk).slowDown(factor);
            }
            default -> {
                cluster.story()
                        .fault("node %d: a flush of %s fails".formatted(node.id(), disk.path()));
                faults(node, disk).failNextFlush();
            }
        }
    }

    private void hang(SimulatedNode node, SimulatedNode.Disk disk, long ms) {
        node.loseDisk(disk, true);
        budget.disturbed(node, ms * MS);
        cluster.simulation()
                .after(
                        ms * MS,
                        () -> {
                            if (faults(node, disk).isHung()) {
                                cluster.story()
                                        .tell(
                                                "node %d: %s goes on"
                                                        .formatted(node.id(), disk.path()));
                                node.host().disk(disk.path()).resume();
                            }
                        });
    }

    /** Something on it is wrong from now on, and nobody is told. */
    void damage(SimulatedNode node, SimulatedNode.Disk disk) {
        SimulatedDisk media = node.host().disk(disk.path());
        long offset = media.usedOffset(random.nextLong());
        if (offset < 0) {
            return;
        }
        budget.damaged(disk);
        mediaTouched = true;
        switch (random.nextInt(5)) {
            case 0, 1 -> rot(node, disk, media);
            case 2 -> {
                tell(node, disk, "loses a write");
                media.faults().loseNextWrite();
            }
            case 3 -> {
                tell(node, disk, "writes to a wrong place");
                media.faults().misdirectNextWrite(offset);
            }
            default -> {
                tell(node, disk, "has a sector that cannot be read");
                int bytes = media.config().blockBytes();
                media.faults()
                        .failReads(offset + random.nextInt(PAGE_BYTES / bytes) * bytes, bytes);
            }
        }
    }

    private void rot(SimulatedNode node, SimulatedNode.Disk disk, SimulatedDisk media) {
        int sectors = 1 + random.nextInt(8);
        tell(node, disk, "rots in " + sectors + " sectors");
        for (int i = 0; i < sectors; i++) {
            long sector =
                    media.usedOffset(random.nextLong())
                            + random.nextInt(PAGE_BYTES / SECTOR_BYTES) * SECTOR_BYTES;
            for (int bit = 0; bit <= random.nextInt(3); bit++) {
                media.corrupt(sector + random.nextInt(SECTOR_BYTES));
            }
        }
    }

    private void tell(SimulatedNode node, SimulatedNode.Disk disk, String what) {
        cluster.story().fault("node %d: %s %s".formatted(node.id(), disk.path(), what));
    }

    /**
     * The device does again what it is asked, with what it held; a node that gave it up restarts.
     */
    void repair(SimulatedNode node, SimulatedNode.Disk disk) {
        if (!node.isWell(disk)) {
            NodeProcess process = node.processOrNull();
            if (process != null && !process.hasDevice(disk.deviceId())) {
                node.kill();
            }
            node.repairDisk(disk);
        }
    }

    /** Somebody keeps a copy of all devices that are in sync as they are now. */
    void copyAll() {
        forgetCopiesOfOtherPlaces();
        for (SimulatedNode node : cluster.nodes()) {
            for (SimulatedNode.Disk disk : node.disks()) {
                if (node.isWell(disk) && !budget.isDamaged(disk) && !budget.isBehind(disk)) {
                    images.computeIfAbsent(disk.deviceId(), id -> new ArrayList<>())
                            .add(node.host().disk(disk.path()).snapshot());
                }
            }
        }
    }

    /**
     * Of a copy that was made before pages moved to its device nobody can tell by watermarks that
     * they are missing.
     */
    private void forgetCopiesOfOtherPlaces() {
        Placing now = cluster.volume().placing();
        if (!now.equals(copiedAt)) {
            images.clear();
        }
        copiedAt = now;
    }

    /** The node starts anew at once, with an older copy of the device; nobody is told. */
    void rollBack(SimulatedNode node, SimulatedNode.Disk disk) {
        forgetCopiesOfOtherPlaces();
        List<DiskImage> copies = images.getOrDefault(disk.deviceId(), List.of());
        if (copies.isEmpty() || budget.isDamaged(disk) || budget.isBehind(disk)) {
            copyAll();
            return;
        }
        mediaTouched = true;
        cluster.story().met(Hardship.ROLL_BACK);
        node.kill();
        node.rollBack(disk, copies.get(random.nextInt(copies.size())));
        node.start();
        budget.disturbed(node, ROLLED_BACK_MS * MS);
    }

    /** There is an empty device in its place, which the node does not take for its own. */
    void wipe(SimulatedNode node, SimulatedNode.Disk disk) {
        mediaTouched = true;
        cluster.story().met(Hardship.WIPE);
        node.kill();
        node.wipe(disk);
        budget.damaged(disk);
        node.start();
    }

    /** An operator puts an empty device in its place, and says so. The node is left stopped. */
    void replace(SimulatedNode node, SimulatedNode.Disk disk) {
        node.kill();
        node.wipe(disk);
        cluster.stores().replaced(disk.deviceId());
        budget.replaced(disk);
    }

    private static DiskFaults faults(SimulatedNode node, SimulatedNode.Disk disk) {
        return node.host().disk(disk.path()).faults();
    }
}
