package io.stria.node.cluster;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.stria.control.decisions.Decision;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * What a cluster is made of, as {@code cluster.json} in its directory holds it. After the cluster
 * was made it changes only when a node is added or removed, or a node's wiped devices are made
 * anew.
 *
 * @param format version of this file and of the directory around it
 * @param pageShift m: a chunk is 2^m units of 512 bytes
 * @param engine how nodes reach sockets and devices
 * @param nodes ordered by id
 * @param removed ids of nodes that are in it no more, in order; none of them is given again
 */
public record ClusterFile(
        int format,
        UUID clusterId,
        int pageShift,
        EngineKind engine,
        List<ClusterNode> nodes,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Integer> removed) {
    public static final int FORMAT = 1;

    /** The default: chunks of 128 KiB. */
    public static final int PAGE_SHIFT = 8;

    /** So many may decide; with five, any two may be lost. */
    public static final int VOTERS_MAX = 5;

    public ClusterFile {
        nodes = List.copyOf(nodes);
        removed = List.copyOf(removed);
        if (nodes.isEmpty()) {
            throw new IllegalArgumentException("a cluster has at least one node");
        }
    }

    /** As {@code up} makes it. */
    public ClusterFile(
            int format, UUID clusterId, int pageShift, EngineKind engine, List<ClusterNode> nodes) {
        this(format, clusterId, pageShift, engine, nodes, List.of());
    }

    private ClusterFile with(List<ClusterNode> others) {
        return new ClusterFile(format, clusterId, pageShift, engine, others, removed);
    }

    /** Of the next node. */
    int nextId() {
        int highest = nodes.getLast().id();
        return 1 + (removed.isEmpty() ? highest : Math.max(highest, removed.getLast()));
    }

    /** The same with one more node, whose id is the highest. */
    ClusterFile withAnother(ClusterNode node) {
        List<ClusterNode> all = new ArrayList<>(nodes);
        all.add(node);
        return with(all);
    }

    /** The same without the node of this id, for ever. */
    ClusterFile withRemoved(int id) {
        return new ClusterFile(
                format,
                clusterId,
                pageShift,
                engine,
                nodes.stream().filter(node -> node.id() != id).toList(),
                Stream.concat(removed.stream(), Stream.of(id)).distinct().sorted().toList());
    }

    /** The same without the node that was added last. */
    ClusterFile withoutLast() {
        return with(nodes.subList(0, nodes.size() - 1));
    }

    /** The same with the node of this id as it is here. */
    public ClusterFile withNode(ClusterNode changed) {
        return with(
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
                                removed.contains(id)
                                        ? Decision.RemoveNode.sentence(id)
                                        : "the cluster has no node %d; it has %d to %d"
                                                .formatted(
                                                        id,
                                                        nodes.getFirst().id(),
                                                        nodes.getLast().id())));
    }
}
