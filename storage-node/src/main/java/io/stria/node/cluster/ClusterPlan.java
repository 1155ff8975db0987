package io.stria.node.cluster;

import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import io.stria.nvmf.ControllerIds;
import io.stria.runtime.Sizes;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * What {@code up} was asked to make.
 *
 * @param scheme of the first volume
 * @param tolerance what any two of the first volume may lose
 * @param engine how nodes reach sockets and devices
 * @param devices those that are there already, dealt to the nodes in order; empty for kinds that
 *     are made
 * @param portBase data port of node 1; each node takes a block of {@link ClusterNode#PORTS}
 */
public record ClusterPlan(
        int nodes,
        int devicesPerNode,
        long deviceBytes,
        String address,
        int portBase,
        Scheme scheme,
        Tolerance tolerance,
        EngineKind engine,
        DeviceKind kind,
        List<? extends NamedDevice> devices) {
    /** Nothing smaller holds a journal and enough pages to be of use. */
    public static final long DEVICE_BYTES_MIN = 256L << 20;

    private static final int PORT_MAX = 65535;

    public ClusterPlan {
        devices = List.copyOf(devices);
        check(
                nodes >= 1 && nodes <= ControllerIds.NODES_MAX,
                "a cluster has 1 to %d nodes, not %d".formatted(ControllerIds.NODES_MAX, nodes));
        check(
                devicesPerNode >= 1 && devicesPerNode <= 64,
                "a node has 1 to 64 devices, not " + devicesPerNode);
        check(
                devices.size() == (kind.isNamed() ? nodes * devicesPerNode : 0),
                "%d nodes with %d devices each take %d %s devices, not %d"
                        .formatted(
                                nodes,
                                devicesPerNode,
                                nodes * devicesPerNode,
                                kind,
                                devices.size()));
        check(
                deviceBytes >= DEVICE_BYTES_MIN,
                "a device has at least %s, not %s"
                        .formatted(Sizes.format(DEVICE_BYTES_MIN), Sizes.format(deviceBytes)));
        checkAddress(address);
        check(
                portBase >= 1 && portBase <= PORT_MAX - nodes * ClusterNode.PORTS + 1,
                "%d nodes take %d ports below 65536, so the first one is from 1 to %d, not %d"
                        .formatted(
                                nodes,
                                nodes * ClusterNode.PORTS,
                                PORT_MAX - nodes * ClusterNode.PORTS + 1,
                                portBase));
    }

    /** With files, and the engine that suits the machine. */
    public ClusterPlan(
            int nodes,
            int devicesPerNode,
            long deviceBytes,
            String address,
            int portBase,
            Scheme scheme) {
        this(
                nodes,
                devicesPerNode,
                deviceBytes,
                address,
                portBase,
                scheme,
                Tolerance.NODE,
                EngineKind.AUTO,
                DeviceKind.FILE,
                List.of());
    }

    /** What all devices may take in the end, since they are sparse. */
    public long promisedBytes() {
        return nodes * devicesPerNode * deviceBytes;
    }

    /** With new ids at every call. */
    public ClusterFile draw() {
        List<ClusterNode> all = new ArrayList<>();
        for (int id = 1; id <= nodes; id++) {
            int port = portBase + (id - 1) * ClusterNode.PORTS;
            boolean voter = id <= ClusterFile.voters(nodes);
            all.add(ClusterNode.of(id, address, port, voter, drawDevices(id)));
        }
        return new ClusterFile(
                ClusterFile.FORMAT, UUID.randomUUID(), ClusterFile.PAGE_SHIFT, engine, all);
    }

    /** Of one node. */
    List<ClusterDevice> drawDevices(int nodeId) {
        List<ClusterDevice> drawn = new ArrayList<>();
        for (int i = 1; i <= devicesPerNode; i++) {
            String path = ClusterDirectory.nodeName(nodeId) + "/device-" + i;
            drawn.add(new ClusterDevice(UUID.randomUUID(), kind, path, bytesOf(nodeId, i)));
        }
        return drawn;
    }

    private long bytesOf(int nodeId, int device) {
        return kind.isNamed() ? named(nodeId, device).sizeBytes() : deviceBytes;
    }

    NamedDevice named(int nodeId, int device) {
        return devices.get((nodeId - 1) * devicesPerNode + device - 1);
    }

    /**
     * @throws ClusterException if the first volume would not survive what it was asked to
     */
    public void checkScheme() {
        if (tolerance == Tolerance.DEVICE) {
            check(
                    nodes * devicesPerNode >= scheme.fragments(),
                    "a %s volume needs %d devices, not %d"
                            .formatted(scheme, scheme.fragments(), nodes * devicesPerNode));
            return;
        }
        check(
                nodes >= scheme.fragments(),
                "a %s volume survives the loss of two nodes only where there are %d, not %d: %s"
                        .formatted(scheme, scheme.fragments(), nodes, schemeAdvice()));
    }

    private static void checkAddress(String address) {
        InetAddress ip;
        try {
            ip = InetAddress.ofLiteral(address);
        } catch (IllegalArgumentException e) {
            throw new ClusterException("'" + address + "' is no IP address", e);
        }
        check(
                !ip.isAnyLocalAddress(),
                address + " is no address that hosts could connect to: name one of this machine's");
    }

    private String schemeAdvice() {
        for (int data : new int[] {4, 2, 1}) {
            Scheme smaller = new Scheme(data);
            if (smaller.fragments() <= nodes) {
                return "ask for more --nodes or for --scheme " + smaller;
            }
        }
        return "ask for more --nodes, and 3 at least";
    }

    private static void check(boolean holds, String sentence) {
        if (!holds) {
            throw new ClusterException(sentence);
        }
    }
}
