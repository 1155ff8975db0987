package io.stria.control.lease;

import io.stria.control.decisions.NodeSpec;
import java.util.List;

/**
 * One node's part.
 *
 * @param members ids of the nodes to ask who leads, before a map tells more
 * @param engine how its data plane reaches sockets and devices, for people; empty: unknown
 * @param incarnation the first of this process, see {@link Incarnation}
 */
public record AgentConfig(
        NodeSpec node,
        List<Integer> members,
        long pid,
        String engine,
        long incarnation,
        LeaseConfig lease) {
    public AgentConfig {
        members = List.copyOf(members);
    }

    /** Of a node that does not tell its engine. */
    public AgentConfig(
            NodeSpec node, List<Integer> members, long pid, long incarnation, LeaseConfig lease) {
        this(node, members, pid, "", incarnation, lease);
    }
}
