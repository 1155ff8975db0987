package io.stria.node;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/**
 * What the data plane of one node needs to start.
 *
 * @param address of all its listeners
 * @param dataPort for hosts; peers use the next one
 * @param pageShift m of the cluster
 * @param firstStart devices that do not exist are made and formatted; otherwise a missing one is
 *     away
 * @param cpu the CPU to which its reactor is pinned, -1 for none
 */
record DataPlaneConfig(
        int nodeId,
        InetAddress address,
        int dataPort,
        UUID clusterId,
        int pageShift,
        List<DeviceConfig> devices,
        boolean firstStart,
        int cpu) {

    /**
     * One device of the node.
     *
     * @param sizeBytes of the file, sparse
     * @param blockBytes 512 or 4096: what a power cut does not tear
     */
    record DeviceConfig(UUID id, Path path, long sizeBytes, int blockBytes) {}
}
