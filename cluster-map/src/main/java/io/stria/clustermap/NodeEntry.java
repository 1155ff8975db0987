package io.stria.clustermap;

import java.util.Objects;

/**
 * One node.
 *
 * @param id 1 and up, never reused
 * @param address literal IP address of all its listeners
 * @param dataPort NVMe/TCP for hosts: volumes and discovery; the next one up is {@link #peerPort}
 * @param apiPort REST
 * @param consensusPort Ratis
 * @param zone where it stands, may be empty; nodes with equal zones fail together
 * @param rack within its zone, may be empty
 * @param incarnation changes with every start of its process; 0 before the first
 */
public record NodeEntry(
        int id,
        String address,
        int dataPort,
        int apiPort,
        int consensusPort,
        String zone,
        String rack,
        boolean voter,
        NodeState state,
        long incarnation) {
    /** The longest address, zone or rack, in bytes of UTF-8. */
    public static final int TEXT_BYTES_MAX = 255;

    public NodeEntry {
        Objects.requireNonNull(state, "state");
        Checks.range("node id", id, 1, Integer.MAX_VALUE);
        Checks.text("address of node " + id, address, 1, TEXT_BYTES_MAX);
        Checks.text("zone of node " + id, zone, 0, TEXT_BYTES_MAX);
        Checks.text("rack of node " + id, rack, 0, TEXT_BYTES_MAX);
        Checks.range("data port of node " + id, dataPort, 0, 0xffff);
        Checks.range("API port of node " + id, apiPort, 0, 0xffff);
        Checks.range("consensus port of node " + id, consensusPort, 0, 0xffff);
    }

    /**
     * NVMe/TCP for the other nodes: a port of its own, so that hosts can be kept from it by a
     * firewall.
     */
    public int peerPort() {
        return dataPort + 1;
    }

    public NodeEntry withState(NodeState newState, long newIncarnation) {
        return new NodeEntry(
                id,
                address,
                dataPort,
                apiPort,
                consensusPort,
                zone,
                rack,
                voter,
                newState,
                newIncarnation);
    }
}
