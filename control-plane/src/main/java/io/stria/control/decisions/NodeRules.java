package io.stria.control.decisions;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.VolumeEntry;
import io.stria.control.decisions.Result.Outcome;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Nodes that come and go, and who owns volumes then. */
final class NodeRules {
    /** Volumes in a refusal; there may be thousands. */
    private static final int NAMED_MAX = 3;

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
        if (known != null && known.state() == NodeState.REMOVED) {
            throw removed(spec.id());
        }
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

    /**
     * Nobody waits for a lease here: the last incarnation of an offline node has none, and gets
     * none before it registers. One before it, on another machine, may have one when leaders have
     * changed since: then only the lock of the node's directory keeps the two apart, here as in
     * {@link #register}.
     */
    static void remove(Draft draft, Decision.RemoveNode remove) {
        NodeEntry node = known(draft, remove.nodeId());
        if (node.state() == NodeState.REMOVED) {
            throw Refusal.already();
        }
        checkIncarnation(node, remove.incarnation());
        if (node.voter()) {
            throw Refusal.of(
                    Outcome.CONFLICT,
                    "node %d is one of the voters, which do not change: it can be drained and"
                            + " switched off, but not removed",
                    node.id());
        }
        checkThatItIsEmpty(draft, node.id());
        if (node.state() == NodeState.ONLINE) {
            throw Refusal.of(
                    Outcome.CONFLICT,
                    "node %d is online: stop it first, so that what it serves goes elsewhere",
                    node.id());
        }
        checkThatItIsNoPath(draft, node.id());
        draft.unplaced.removeIf(unplaced -> unplaced.nodeId() == node.id());
        draft.nodes.put(node.id(), node.withState(NodeState.REMOVED, node.incarnation()));
    }

    private static void checkThatItIsEmpty(Draft draft, int nodeId) {
        List<Integer> slots =
                draft.slots.stream()
                        .filter(slot -> slot.nodeId() == nodeId)
                        .filter(slot -> slot.state() != DeviceState.REMOVED)
                        .map(DeviceSlot::slot)
                        .toList();
        if (!slots.isEmpty()) {
            throw Refusal.of(
                    Outcome.CONFLICT,
                    "slots %s of node %d are in use: drain the node, or give its devices up, and"
                            + " wait until their chunks are elsewhere",
                    slots,
                    nodeId);
        }
        for (UnplacedDevice unplaced : draft.unplaced) {
            Optional<DeviceSlot> slot = DeviceRules.slot(draft, unplaced.device().id());
            if (unplaced.nodeId() == nodeId && slot.isPresent()) {
                throw Refusal.of(
                        Outcome.CONFLICT,
                        "the device of slot %d was put into node %d, and what it holds may be"
                                + " nowhere else: put it back into node %d",
                        slot.get().slot(),
                        nodeId,
                        slot.get().nodeId());
            }
        }
    }

    private static void checkThatItIsNoPath(Draft draft, int nodeId) {
        List<String> presented =
                draft.volumes.values().stream()
                        .filter(volume -> volume.paths().contains(nodeId))
                        .map(VolumeEntry::name)
                        .limit(NAMED_MAX)
                        .toList();
        if (!presented.isEmpty()) {
            throw Refusal.of(
                    Outcome.CONFLICT,
                    "node %d is a path of volumes such as %s, which takes another node that is"
                            + " online, holds chunks and is no path yet; of volumes that are being"
                            + " deleted, the end of that",
                    nodeId,
                    presented);
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
        NodeEntry node = known(draft, nodeId);
        if (node.state() == NodeState.REMOVED) {
            throw removed(nodeId);
        }
        checkIncarnation(node, incarnation);
        if (node.state() != NodeState.ONLINE) {
            throw Refusal.of(Outcome.STALE, "node %d is offline already", nodeId);
        }
        return node;
    }

    private static NodeEntry known(Draft draft, int nodeId) {
        NodeEntry node = draft.nodes.get(nodeId);
        if (node == null) {
            throw Refusal.of(Outcome.NOT_FOUND, "there is no node %d", nodeId);
        }
        return node;
    }

    private static void checkIncarnation(NodeEntry node, long incarnation) {
        if (node.incarnation() != incarnation) {
            throw Refusal.of(
                    Outcome.STALE,
                    "node %d is incarnation %d now, not %d",
                    node.id(),
                    node.incarnation(),
                    incarnation);
        }
    }

    private static Refusal removed(int nodeId) {
        return Refusal.of(Outcome.CONFLICT, "%s", Decision.RemoveNode.sentence(nodeId));
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
