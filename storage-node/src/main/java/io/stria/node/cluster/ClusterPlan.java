package io.stria.node.cluster;

import io.stria.clustermap.Scheme;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * What {@code up} was asked to make.
 *
 * @param scheme of the first volume
 * @param engine how nodes reach sockets and devices
 * @param portBase data port of node 1; each node takes a block of {@link ClusterNode#PORTS}
 */
public record ClusterPlan(
        int nodes,
        int devicesPerNode,
        long deviceBytes,
        String address,
        int portBase,
        Scheme scheme,
        EngineKind engine) {
    /** Nothing smaller holds a journal and enough pages to be of use. */
    public static final long DEVICE_BYTES_MIN = 256L << 20;

    /** What a device takes at once: superblocks, journal and first pages. */
    static final long DEVICE_BYTES_USED = 96L << 20;

    private static final int PORT_MAX = 65535;

    public ClusterPlan {
        check(
                nodes >= 1 && nodes <= 64,
                "a cluster on one machine has 1 to 64 nodes, not " + nodes);
        check(
                devicesPerNode >= 1 && devicesPerNode <= 64,
                "a node has 1 to 64 devices, not " + devicesPerNode);
        check(
                deviceBytes >= DEVICE_BYTES_MIN,
                "a device has at least %s, not %s"
                        .formatted(Sizes.format(DEVICE_BYTES_MIN), Sizes.format(deviceBytes)));
        check(
                portBase >= 1 && portBase + nodes * ClusterNode.PORTS - 1 <= PORT_MAX,
                "%d nodes need the ports %d to %d, and there are none above %d"
                        .formatted(
                                nodes,
                                portBase,
                                portBase + nodes * ClusterNode.PORTS - 1,
                                PORT_MAX));
    }

    /** With the engine that suits the machine. */
    public ClusterPlan(
            int nodes,
            int devicesPerNode,
            long deviceBytes,
            String address,
            int portBase,
            Scheme scheme) {
        this(nodes, devicesPerNode, deviceBytes, address, portBase, scheme, EngineKind.AUTO);
    }

    /** Free space that must be there before anything is made. */
    public long neededBytes() {
        return nodes * devicesPerNode * DEVICE_BYTES_USED;
    }

    /** What all devices may take in the end, since they are sparse. */
    public long promisedBytes() {
        return nodes * devicesPerNode * deviceBytes;
    }

    /** With new ids at every call. */
    public ClusterFile draw() {
        List<ClusterNode> all = new ArrayList<>();
        for (int id = 1; id <= nodes; id++) {
            List<ClusterDevice> devices = new ArrayList<>();
            for (int i = 1; i <= devicesPerNode; i++) {
                String path = ClusterDirectory.nodeName(id) + "/device-" + i;
                devices.add(new ClusterDevice(UUID.randomUUID(), path, deviceBytes));
            }
            int port = portBase + (id - 1) * ClusterNode.PORTS;
            boolean voter = id <= ClusterFile.voters(nodes);
            all.add(ClusterNode.of(id, address, port, voter, devices));
        }
        return new ClusterFile(
                ClusterFile.FORMAT, UUID.randomUUID(), ClusterFile.PAGE_SHIFT, engine, all);
    }

    /**
     * @throws ClusterException if the first volume would not survive the loss of two nodes
     */
    public void checkScheme() {
        check(
                nodes >= scheme.fragments(),
                "a %s volume survives the loss of two nodes only where there are %d, not %d: ask for more --nodes or another --scheme"
                        .formatted(scheme, scheme.fragments(), nodes));
    }

    private static void check(boolean holds, String sentence) {
        if (!holds) {
            throw new ClusterException(sentence);
        }
    }
}
