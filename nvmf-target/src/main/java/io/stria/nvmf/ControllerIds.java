package io.stria.nvmf;

import io.stria.nvme.ConnectData;

/**
 * Controller identifiers that one node may give out. All nodes that present a subsystem must have
 * disjoint ranges: a host refuses a path whose controller id it already knows.
 *
 * @param first lowest id, at least 1
 * @param last highest id, at most FFEFh
 * @param start where to begin: a restarted node that begins elsewhere does not give out ids that
 *     hosts still remember
 */
public record ControllerIds(int first, int last, int start) {
    /** Ids of one node. */
    public static final int IDS_PER_NODE = 4096;

    public static final int NODES_MAX = 15;

    private static final int LAST_ID = 0xFFEF;

    public ControllerIds {
        if (first < 1 || last > LAST_ID || start < first || start > last) {
            throw new IllegalArgumentException(
                    "controller ids %d to %d, beginning at %d, are not within 1 to %d"
                            .formatted(first, last, start, LAST_ID));
        }
        assert LAST_ID < ConnectData.ANY_CONTROLLER;
    }

    /**
     * The range of node k: (k - 1) * 4096 + 1 to k * 4096.
     *
     * @param nodeId 1 to 15
     * @param seed any number, better another one after each restart
     */
    public static ControllerIds ofNode(int nodeId, long seed) {
        if (nodeId < 1 || nodeId > NODES_MAX) {
            throw new IllegalArgumentException(
                    "node %d has no range of controller ids: 1 to %d do"
                            .formatted(nodeId, NODES_MAX));
        }
        int first = (nodeId - 1) * IDS_PER_NODE + 1;
        return new ControllerIds(
                first, first + IDS_PER_NODE - 1, first + Math.floorMod(seed, IDS_PER_NODE));
    }

    int after(int id) {
        return id == last ? first : id + 1;
    }
}
