package io.stria.control.decisions;

import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import java.util.List;

/** Whether the cluster has the nodes and devices that a scheme needs. */
final class SchemeRule {
    private SchemeRule() {}

    static void check(Draft draft, Scheme scheme, Tolerance tolerance) {
        List<DeviceSlot> usable =
                draft.slots.stream()
                        .filter(slot ->
                                slot.state() != DeviceState.FAILED
                                        && slot.state() != DeviceState.REMOVED)
                        .toList();
        long nodes = usable.stream().mapToInt(DeviceSlot::nodeId).distinct().count();
        if (tolerance == Tolerance.NODE && nodes < scheme.fragments()) {
            throw Refusal.of(
                    Result.Outcome.INFEASIBLE,
                    "%s survives the loss of any two nodes only with devices on %d nodes, there are"
                            + " %d; tolerance \"device\" asks for less",
                    scheme,
                    scheme.fragments(),
                    nodes);
        }
        if (usable.size() < scheme.fragments()) {
            throw Refusal.of(
                    Result.Outcome.INFEASIBLE,
                    "%s needs %d devices, there are %d",
                    scheme,
                    scheme.fragments(),
                    usable.size());
        }
    }
}
