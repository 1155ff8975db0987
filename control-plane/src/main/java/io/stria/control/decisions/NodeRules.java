package io.stria.control.decisions;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.VolumeEntry;
import io.stria.control.decisions.Result.Outcome;
import java.util.Comparator;
import java.util.List;

/** Nodes that come and go, and who owns volumes then. */
final class NodeRules {
    private NodeRules() {}

    static ClusterState init(ClusterState state, Decision.InitCluster init) {
        if (state.initialised()) {
            if (state.map().clusterId().equals(init.clusterId())) {
                throw Refusal.already();
            }
            throw Refusal.of(
                    Outcome.CONFLICT, "this is already cluster %s", state.map().clusterId());
        }
        List<NodeEntry> nodes =
                init.nodes().stream()
                        .sorted(Comparator.comparingInt(NodeSpec::id))
                        .map(spec -> entry(spec, spec.voter(), NodeState.OFFLINE, 0))
                        .toList();
        ClusterMap map =
                ClusterMap.initial(init.clusterId(), init.pageShift())
                        .next(nodes, List.of(), List.of());
        return new ClusterState(
                map, init.secretId(), state.nextVuid(), List.of(), state.rebuildAfterSeconds());
    }

    static void register(Draft draft, Decision.RegisterNode register) {
        NodeSpec spec = register.node();
        NodeEntry known = draft.nodes.get(spec.id());
        if (known != null && register.incarnation() == known.incarnation()) {
            if (known.state() == NodeState.ONLINE) {
                throw Refusal.already();
            }
            throw Refusal.of(
                    Outcome.STALE,
                    "node %d counted as down as incarnation %d: it needs a new one",
                    spec.id(),
                    known.incarnation());
        }
        if (register.incarnation() <= (known == null ? 0 : known.incarnation())) {
            throw Refusal.of(
                    Outcome.STALE,
                    "node %d has registered as incarnation %d, which is newer than %d",
                    spec.id(),
                    known == null ? 0 : known.incarnation(),
                    register.incarnation());
        }
        boolean voter = known != null && known.voter();
        NodeEntry entry = entry(spec, voter, NodeState.ONLINE, register.incarnation());
        draft.nodes.put(spec.id(), entry);
        if (known != null && !draft.volumes.isEmpty()) {
            // Placement looks at zones and racks: with other ones, chunks that are there would be
            // looked for elsewhere.
            draft.nodes.put(spec.id(), placedAs(known, entry));
        }
        DeviceRules.registered(draft, spec.id(), register.devices());
        draft.renewMarks(spec.id());
        startOwners(draft, spec.id());
    }

    /** What it owned stays with it; what has nobody and may be served here begins here. */
    private static void startOwners(Draft draft, int nodeId) {
        for (VolumeEntry volume : List.copyOf(draft.volumes.values())) {
            boolean own = volume.owner() == nodeId;
            boolean orphan = !draft.online(volume.owner()) && volume.paths().contains(nodeId);
            if (own || orphan) {
                draft.startOwner(volume, nodeId);
            }
        }
    }

    static void down(Draft draft, Decision.NodeDown down) {
        NodeEntry node = online(draft, down.nodeId(), down.incarnation());
        draft.nodes.put(node.id(), node.withState(NodeState.OFFLINE, node.incarnation()));
        draft.renewMarks(node.id());
        for (VolumeEntry volume : List.copyOf(draft.volumes.values())) {
            if (volume.owner() == node.id()) {
                volume.paths().stream()
                        .filter(draft::online)
                        .findFirst()
                        .ifPresent(path -> draft.startOwner(volume, path));
            }
        }
    }

    /** The node as it is now, where it was for placement. */
    private static NodeEntry placedAs(NodeEntry known, NodeEntry now) {
        return new NodeEntry(
                now.id(),
                now.address(),
                now.dataPort(),
                now.apiPort(),
                now.consensusPort(),
                known.zone(),
                known.rack(),
                now.voter(),
                now.state(),
                now.incarnation());
    }

    /** The node, if this incarnation of it is online. */
    static NodeEntry online(Draft draft, int nodeId, long incarnation) {
        NodeEntry node = draft.nodes.get(nodeId);
        if (node == null) {
            throw Refusal.of(Outcome.NOT_FOUND, "there is no node %d", nodeId);
        }
        if (node.incarnation() != incarnation) {
            throw Refusal.of(
                    Outcome.STALE,
                    "node %d is incarnation %d now, not %d",
                    nodeId,
                    node.incarnation(),
                    incarnation);
        }
        if (node.state() != NodeState.ONLINE) {
            throw Refusal.of(Outcome.STALE, "node %d is offline already", nodeId);
        }
        return node;
    }

    private static NodeEntry entry(
            NodeSpec spec, boolean voter, NodeState state, long incarnation) {
        return new NodeEntry(
                spec.id(),
                spec.address(),
                spec.dataPort(),
                spec.apiPort(),
                spec.consensusPort(),
                spec.zone(),
                spec.rack(),
                voter,
                state,
                incarnation);
    }
}
