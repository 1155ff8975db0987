package io.stria.control.decisions;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A state and short words for the decisions that tests make on it. */
final class Bench {
    private static final long DEVICE_BYTES = 64L << 30;

    ClusterState state = ClusterState.empty();
    private final int devicesPerNode;
    private long nextIncarnation = 100;

    Bench(int nodes, int devicesPerNode) {
        this.devicesPerNode = devicesPerNode;
        List<NodeSpec> specs = IntStream.rangeClosed(1, nodes).mapToObj(Bench::spec).toList();
        done(new Decision.InitCluster(new UUID(7, 7), 8, "secret-1", specs));
    }

    /** All nodes registered. */
    static Bench running(int nodes, int devicesPerNode) {
        Bench bench = new Bench(nodes, devicesPerNode);
        IntStream.rangeClosed(1, nodes).forEach(bench::start);
        return bench;
    }

    static NodeSpec spec(int id) {
        return new NodeSpec(id, "127.0.0." + id, 4420, 8080, 9870, "", "rack" + id, id <= 5);
    }

    List<DeviceSpec> devices(int node) {
        List<DeviceSpec> devices = new ArrayList<>();
        for (int i = 0; i < devicesPerNode; i++) {
            devices.add(new DeviceSpec(new UUID(node, i), DEVICE_BYTES));
        }
        return devices;
    }

    Result apply(Decision decision) {
        Decider.Step step = Decider.apply(state, decision);
        state = step.state();
        return step.result();
    }

    Result done(Decision decision) {
        Result result = apply(decision);
        if (result.outcome() != Result.Outcome.DONE) {
            throw new AssertionError(decision + " ended as " + result);
        }
        return result;
    }

    /** The node's process starts anew. */
    void start(int node) {
        done(new Decision.RegisterNode(spec(node), nextIncarnation++, devices(node)));
    }

    void down(int node) {
        done(new Decision.NodeDown(node, node(node).incarnation(), "test"));
    }

    /** All pages of the volume are where its movement takes them. */
    void moveAll(String name) {
        VolumeEntry volume = volume(name);
        done(
                new Decision.MovePages(
                        volume.vuid(),
                        volume.epoch(),
                        volume.placing().since(),
                        volume.placing().cursor(),
                        volume.pages(map().pageShift()),
                        new TreeSet<>()));
    }

    VolumeEntry create(String name, String scheme, Tolerance tolerance) {
        done(createDecision(name, scheme, tolerance));
        return volume(name);
    }

    static Decision.CreateVolume createDecision(String name, String scheme, Tolerance tolerance) {
        return new Decision.CreateVolume(
                UUID.nameUUIDFromBytes(name.getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                name,
                1L << 30,
                Scheme.parse(scheme),
                tolerance);
    }

    /** Of no node is it known that its voter has failed. */
    Set<Integer> allVote() {
        return map().nodes().stream().map(NodeEntry::id).collect(Collectors.toSet());
    }

    ClusterMap map() {
        return state.map();
    }

    NodeEntry node(int id) {
        return map().node(id).orElseThrow();
    }

    VolumeEntry volume(String name) {
        return map().volumeByName(name).orElseThrow();
    }

    /** The epoch of the slot's mark, -1 if it has none. */
    static long mark(VolumeEntry volume, int slot) {
        return volume.behind().getOrDefault(slot, -1L);
    }

    List<Integer> slotsOf(int node) {
        return map().slots().stream()
                .filter(slot -> slot.nodeId() == node)
                .map(DeviceSlot::slot)
                .toList();
    }

    List<DeviceState> states(int node) {
        return map().slots().stream()
                .filter(slot -> slot.nodeId() == node)
                .map(DeviceSlot::state)
                .distinct()
                .toList();
    }
}
