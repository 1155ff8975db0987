package io.stria.node.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the devices of a node that were wiped into new ones. Only what the cluster's own file names
 * is touched, and of that only what is blank; what holds anything at all stays as it is, whatever
 * it is. The new ones have new ids, so that nobody takes them for those that were lost.
 */
public final class Rejoining {
    private final ClusterDirectory directory;
    private final FreeSpace freeSpace;

    public Rejoining(ClusterDirectory directory) {
        this(directory, FreeSpace.REAL);
    }

    Rejoining(ClusterDirectory directory, FreeSpace freeSpace) {
        this.directory = directory;
        this.freeSpace = freeSpace;
    }

    /**
     * The node's devices that hold nothing any more. Changes nothing.
     *
     * @throws ClusterException if one cannot be looked at, or more is lost than devices
     */
    public List<ClusterDevice> blank(ClusterNode node) {
        Path decisions = directory.nodeDirectory(node.id()).resolve(ClusterDirectory.DECISIONS);
        if (node.voter() && !Files.exists(decisions) && !directory.isFresh(decisions)) {
            throw new ClusterException(
                    "node %d has lost its decisions too (%s), and it is one of those that decide:"
                                    .formatted(node.id(), decisions)
                            + " it cannot rejoin, drain or fail its devices instead");
        }
        List<ClusterDevice> blank = new ArrayList<>();
        for (ClusterDevice device : node.devices()) {
            if (!directory.isFresh(device) && isBlank(device)) {
                blank.add(device);
            }
        }
        return blank;
    }

    private boolean isBlank(ClusterDevice device) {
        try {
            return DevicePlace.of(directory, device).isBlank();
        } catch (IOException e) {
            throw new ClusterException(
                    "%s cannot be read: %s".formatted(directory.devicePath(device), IoReason.of(e)),
                    e);
        }
    }

    /**
     * Gives new ids to the node's blank devices, and the word without which nothing is formatted:
     * the node does it when it starts. To be called while it does not run.
     *
     * @return the node as it is from now on
     */
    public ClusterNode renew(int nodeId) {
        try (ClusterFileLock file = ClusterFileLock.take(directory)) {
            return renew(file, nodeId);
        }
    }

    private ClusterNode renew(ClusterFileLock file, int nodeId) {
        ClusterFile cluster = file.read();
        ClusterNode node = cluster.node(nodeId);
        List<ClusterDevice> blank = blank(node);
        List<ClusterDevice> renewed = new ArrayList<>();
        List<ClusterDevice> devices = new ArrayList<>();
        try {
            checkSpace(blank);
            for (ClusterDevice device : node.devices()) {
                if (blank.contains(device)) {
                    long sizeBytes = DevicePlace.of(directory, device).makeRoom();
                    renewed.add(device.renewed(sizeBytes));
                    devices.add(renewed.getLast());
                } else {
                    devices.add(device);
                }
            }
            ClusterNode now = node.withDevices(devices);
            // Before the word: so no blank device is ever formatted under an id that was in use.
            file.write(cluster.withNode(now));
            for (ClusterDevice device : renewed) {
                directory.makeFresh(device);
            }
            return now;
        } catch (IOException e) {
            throw new ClusterException(
                    "the devices of node %d cannot be made anew: %s"
                            .formatted(nodeId, IoReason.of(e)),
                    e);
        }
    }

    /** Nodes are made with devices of one kind, and files of one place. */
    private void checkSpace(List<ClusterDevice> blank) throws IOException {
        if (!blank.isEmpty()) {
            ClusterDevice first = blank.getFirst();
            freeSpace.check(directory.devicePath(first), blank.size(), first.kind());
        }
    }
}
