package io.stria.control;

import io.stria.control.consensus.ConsensusConfig.Voter;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.NodeSpec;
import io.stria.control.lease.LeaseConfig;
import io.stria.control.security.ClusterSecret;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/**
 * What the control plane of one node is told.
 *
 * @param nodes every node the cluster was made with, this one among them
 * @param directory for this node's log; no other process uses it, which the caller has made sure of
 *     by a lock
 * @param mayFormat the cluster has just been made and this node never ran; otherwise a missing log
 *     is an error
 * @param startMillis when the process started, by the wall clock; names its incarnation, and
 *     whoever attests its end names it by the same
 * @param engine how the node's data plane reaches sockets and devices, for people; empty: unknown
 * @param bus membership and events over Hazelcast
 */
public record ControlConfig(
        UUID clusterId,
        int pageShift,
        int nodeId,
        List<Member> nodes,
        Path directory,
        ClusterSecret secret,
        boolean mayFormat,
        long start,
        LeaseConfig lease,
        String engine,
        boolean bus) {
    /**
     * @param busPort Hazelcast's
     */
    public record Member(NodeSpec spec, int busPort) {}

    public ControlConfig {
        nodes = List.copyOf(nodes);
        if (nodes.stream().noneMatch(member -> member.spec().id() == nodeId)) {
            throw new IllegalArgumentException("node " + nodeId + " is not among the nodes");
        }
    }

    /** Of a node that does not tell its engine. */
    public ControlConfig(
            UUID clusterId,
            int pageShift,
            int nodeId,
            List<Member> nodes,
            Path directory,
            ClusterSecret secret,
            boolean mayFormat,
            long start,
            LeaseConfig lease,
            boolean bus) {
        this(
                clusterId, pageShift, nodeId, nodes, directory, secret, mayFormat, start, lease, "",
                bus);
    }

    public Member self() {
        return nodes.stream()
                .filter(member -> member.spec().id() == nodeId)
                .findFirst()
                .orElseThrow();
    }

    List<Integer> ids() {
        return nodes.stream().map(member -> member.spec().id()).toList();
    }

    List<Voter> voters() {
        return nodes.stream()
                .map(Member::spec)
                .filter(NodeSpec::voter)
                .map(spec -> new Voter(spec.id(), spec.address(), spec.consensusPort()))
                .toList();
    }

    Decision.InitCluster bootstrap() {
        List<NodeSpec> specs = nodes.stream().map(Member::spec).toList();
        return new Decision.InitCluster(clusterId, pageShift, secret.id(), specs);
    }
}
