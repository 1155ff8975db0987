package io.stria.node.cluster;

import java.util.UUID;

/**
 * A device as a cluster's file names it.
 *
 * @param path relative to the cluster's directory, or absolute; of a device in memory a name only
 */
public record ClusterDevice(UUID id, DeviceKind kind, String path, long sizeBytes) {
    public ClusterDevice {
        if (path.isEmpty() || sizeBytes <= 0) {
            throw new IllegalArgumentException(
                    "device " + id + " has no path or no size: '" + path + "', " + sizeBytes);
        }
    }

    /**
     * What is there in its place when its content has gone: nobody takes it for the old one.
     *
     * @param newSizeBytes another disk may be in its place
     */
    ClusterDevice renewed(long newSizeBytes) {
        return new ClusterDevice(UUID.randomUUID(), kind, path, newSizeBytes);
    }
}
