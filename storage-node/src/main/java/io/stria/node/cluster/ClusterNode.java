package io.stria.node.cluster;

import java.util.List;

/**
 * A node as a cluster's file names it.
 *
 * @param dataPort NVMe/TCP for hosts; the next one up is for peers
 * @param voter whether it takes part in consensus
 */
public record ClusterNode(
        int id,
        String address,
        int dataPort,
        int apiPort,
        int consensusPort,
        int hazelcastPort,
        String zone,
        String rack,
        boolean voter,
        List<ClusterDevice> devices) {
    /** Ports that a node made by {@code up} has to itself, from its data port on. */
    public static final int PORTS = 10;

    public ClusterNode {
        if (id < 1 || address.isEmpty()) {
            throw new IllegalArgumentException("node " + id + " has no id or no address");
        }
        devices = List.copyOf(devices);
    }

    /** A node whose ports follow each other, from {@code firstPort} on. */
    public static ClusterNode of(
            int id, String address, int firstPort, boolean voter, List<ClusterDevice> devices) {
        return new ClusterNode(
                id,
                address,
                firstPort,
                firstPort + 2,
                firstPort + 3,
                firstPort + 4,
                "",
                "",
                voter,
                devices);
    }

    /** The same with other devices. */
    public ClusterNode withDevices(List<ClusterDevice> newDevices) {
        return new ClusterNode(
                id,
                address,
                dataPort,
                apiPort,
                consensusPort,
                hazelcastPort,
                zone,
                rack,
                voter,
                newDevices);
    }

    public int peerPort() {
        return dataPort + 1;
    }

    /** Where REST answers. */
    public String api() {
        String host = address.contains(":") ? "[" + address + "]" : address;
        return "http://" + host + ":" + apiPort;
    }

    /** Everything it listens on. */
    public List<Integer> ports() {
        return List.of(dataPort, peerPort(), apiPort, consensusPort, hazelcastPort);
    }
}
