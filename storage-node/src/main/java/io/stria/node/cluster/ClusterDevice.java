package io.stria.node.cluster;

import java.util.UUID;

/**
 * A device as a cluster's file names it.
 *
 * @param path relative to the cluster's directory, or absolute
 */
public record ClusterDevice(UUID id, String path, long sizeBytes) {
    public ClusterDevice {
        if (path.isEmpty() || sizeBytes <= 0) {
            throw new IllegalArgumentException(
                    "device " + id + " has no path or no size: '" + path + "', " + sizeBytes);
        }
    }
}
