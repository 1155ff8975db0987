package io.stria.perf.micro;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.NodeEntry;
import io.stria.clustermap.NodeState;
import io.stria.clustermap.Scheme;
import io.stria.placement.Placement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Where one page lies, in a cluster with two devices a node. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PlacementBenchmark {
    private static final int PAGE_SHIFT = 8;
    private static final int DATA_PORT = 4420;

    @Param({"5", "100"})
    public int nodes;

    @Param({"1", "2", "8"})
    public int data;

    private Placement placement = Placement.of(map(1));
    private Scheme scheme = new Scheme(1);
    private int[] slots = {};
    private long page;

    @Setup
    public void draw() {
        placement = Placement.of(map(Math.max(nodes, data + 2)));
        scheme = new Scheme(data);
        slots = new int[data + 2];
    }

    private static ClusterMap map(int count) {
        List<NodeEntry> entries = new ArrayList<>();
        List<DeviceSlot> list = new ArrayList<>();
        for (int id = 1; id <= count; id++) {
            entries.add(
                    new NodeEntry(
                            id,
                            "10.0.0.1",
                            DATA_PORT,
                            DATA_PORT + 2,
                            DATA_PORT + 3,
                            "",
                            "",
                            false,
                            NodeState.ONLINE,
                            1));
            for (int i = 0; i < 2; i++) {
                int slot = list.size();
                list.add(
                        new DeviceSlot(
                                slot, new UUID(1, slot), id, 1L << 40, 1024, DeviceState.ONLINE));
            }
        }
        return new ClusterMap(new UUID(0, 1), 1, PAGE_SHIFT, entries, list, List.of());
    }

    @Benchmark
    public int primary() {
        return placement.primary(7, page++, scheme, slots);
    }
}
