package io.stria.node.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * What a cluster is made of, as {@code cluster.json} in its directory holds it. After the cluster
 * was made it changes only when a node is added, or a node's wiped devices are made anew.
 *
 * @param format version of this file and of the directory around it
 * @param pageShift m: a chunk is 2^m units of 512 bytes
 * @param engine how nodes reach sockets and devices
 * @param nodes ordered by id
 */
public record ClusterFile(
        int format, UUID clusterId, int pageShift, EngineKind engine, List<ClusterNode> nodes) {
    public static final int FORMAT = 1;

    /** The default: chunks of 128 KiB. */
    public static final int PAGE_SHIFT = 8;

    /** So many may decide; with five, any two may be lost. */
    public static final int VOTERS_MAX = 5;

    public ClusterFile {
        nodes = List.copyOf(nodes);
        if (nodes.isEmpty()) {
            throw new IllegalArgumentException("a cluster has at least one node");
        }
    }

    /** The same with one more node, whose id is the highest. */
    ClusterFile withAnother(ClusterNode node) {
        List<ClusterNode> all = new ArrayList<>(nodes);
        all.add(node);
        return new ClusterFile(format, clusterId, pageShift, engine, all);
    }

    /** The same without the node that was added last. */
    ClusterFile withoutLast() {
        return new ClusterFile(
                format, clusterId, pageShift, engine, nodes.subList(0, nodes.size() - 1));
    }

    /** The same with the node of this id as it is here. */
    public ClusterFile withNode(ClusterNode changed) {
        return new ClusterFile(
                format,
                clusterId,
                pageShift,
                engine,
                nodes.stream().map(node -> node.id() == changed.id() ? changed : node).toList());
    }

    /** Whether what was written is gone when the nodes have stopped. */
    public boolean isVolatile() {
        return nodes.stream()
                .flatMap(node -> node.devices().stream())
                .anyMatch(device -> !device.kind().isKept());
    }

    /** An even number of voters survives no more losses than one less. */
    public static int voters(int nodes) {
        return Math.min(VOTERS_MAX, nodes - (nodes + 1) % 2);
    }

    /**
     * @throws ClusterException if there is none with this id
     */
    public ClusterNode node(int id) {
        return nodes.stream()
                .filter(node -> node.id() == id)
                .findFirst()
                .orElseThrow(() ->
                        new ClusterException(
                                "the cluster has no node %d; it has %d to %d"
                                        .formatted(
                                                id, nodes.getFirst().id(), nodes.getLast().id())));
    }
}
