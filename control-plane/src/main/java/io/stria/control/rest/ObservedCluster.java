package io.stria.control.rest;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.VolumeEntry;
import io.stria.clustermap.VolumeState;
import io.stria.control.lease.LeaderView;
import io.stria.control.lease.VoterReport;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A map, what the leader sees beside it, and what this node knows of its own voter. */
final class ObservedCluster {
    private final ClusterMap map;
    private final @Nullable LeaderView leader;
    private final int nodeId;
    private final VoterReport ownVoter;
    private final Set<Integer> voting;

    /**
     * @param leader null when no leader has answered
     * @param nodeId of this node, or 0
     */
    ObservedCluster(ClusterMap map, @Nullable LeaderView leader, int nodeId, VoterReport ownVoter) {
        this.map = map;
        this.leader = leader;
        this.nodeId = nodeId;
        this.ownVoter = ownVoter;
        this.voting =
                map.nodes().stream()
                        .filter(node -> voter(node).works())
                        .map(NodeEntry::id)
                        .collect(Collectors.toSet());
    }

    ClusterMap map() {
        return map;
    }

    /** Null when no leader has answered. */
    @Nullable LeaderView leader() {
        return leader;
    }

    int nodeId() {
        return nodeId;
    }

    VoterReport ownVoter() {
        return ownVoter;
    }

    /** Nodes whose voters take part. */
    Set<Integer> voting() {
        return voting;
    }

    /** One that is drained serves until it is empty. */
    boolean isOnline(DeviceSlot slot) {
        return slot.state() == DeviceState.ONLINE
                || slot.state() == DeviceState.DRAINING && !isAway(slot);
    }

    boolean isAway(DeviceSlot slot) {
        return leader == null ? map.isAway(slot) : leader.isAway(map, slot);
    }

    static boolean isGone(VoterReport voter) {
        return voter.hasFailed() || voter.state() == VoterReport.State.NONE;
    }

    /**
     * As its node has said to the present leader: before that has heard it, and where none answers,
     * nobody counts on it. This node knows of its own before the leader does.
     */
    VoterReport voter(NodeEntry node) {
        if (!node.voter()) {
            return VoterReport.NONE;
        }
        if (node.id() == nodeId && ownVoter.hasFailed()) {
            return ownVoter;
        }
        return seen(node.id())
                .filter(view -> node.state() == NodeState.ONLINE)
                .map(LeaderView.NodeView::voter)
                .orElse(VoterReport.UNHEARD);
    }

    Optional<LeaderView.NodeView> seen(int node) {
        return leader == null
                ? Optional.empty()
                : leader.nodes().stream().filter(view -> view.id() == node).findFirst();
    }

    /** One that is deleted is served by nobody, and should not be. */
    boolean isMissed(VolumeEntry volume) {
        return volume.state() == VolumeState.ONLINE && !served(volume);
    }

    boolean served(VolumeEntry volume) {
        return leader != null && leader.serves(volume);
    }

    /** Nodes whose lease has ended, although they do not count as offline yet. */
    Set<Integer> notHeard() {
        Set<Integer> nodes = new HashSet<>();
        if (leader != null) {
            for (LeaderView.NodeView seen : leader.nodes()) {
                if (!seen.leased()) {
                    nodes.add(seen.id());
                }
            }
        }
        return nodes;
    }
}
