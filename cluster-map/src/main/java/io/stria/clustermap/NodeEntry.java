package io.stria.clustermap;

/**
 * One node.
 *
 * @param id 1 and up, never reused
 * @param address literal IP address of all its listeners
 * @param dataPort NVMe/TCP: host subsystems, discovery and peers
 * @param apiPort REST
 * @param consensusPort Ratis
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
