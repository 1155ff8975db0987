package io.stria.node;

import io.stria.control.ControlPlane;
import io.stria.node.metrics.NodeMetrics;
import java.io.IOException;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A node's parts, joined: the data plane, which owns the devices, and the control plane, which says
 * what is served. The data plane starts first and ends first: it must be there for the first map,
 * and serve nothing any more when the control plane goes. The lease is left to run out before:
 * devices may take long to close.
 */
final class StorageNode implements AutoCloseable {
    private final DataPlaneService dataPlane;
    private final ControlPlane control;

    private StorageNode(DataPlaneService dataPlane, ControlPlane control) {
        this.dataPlane = dataPlane;
        this.control = control;
    }

    /**
     * @param ending called, with the reason, when this process must end at once: another one has
     *     taken this node's place, or the node was removed
     * @throws IOException with a sentence; nothing is left running then
     */
    static StorageNode start(
            NodeConfig config, DataPlaneService.Factory factory, Consumer<String> ending)
            throws IOException {
        Proposals proposals = new Proposals(config.node().id());
        DataPlaneService dataPlane = factory.create(config, proposals);
        ControlPlane control = null;
        try {
            dataPlane.start();
            control =
                    ControlPlane.start(
                            ControlConfigs.of(config, dataPlane.engine()),
                            ControlConfigs.devices(config, dataPlane),
                            dataPlane,
                            dataPlane,
                            dataPlane::nowNs,
                            ending);
            proposals.goTo(control);
            control.metrics().getPrometheusRegistry().register(new NodeMetrics(dataPlane::figures));
            config.decisionsFormatted();
            return new StorageNode(dataPlane, control);
        } catch (IOException | RuntimeException e) {
            end(dataPlane, control);
            throw e;
        }
    }

    private static void end(DataPlaneService dataPlane, @Nullable ControlPlane control) {
        if (control != null) {
            control.retire();
        }
        dataPlane.close();
        if (control != null) {
            control.close();
        }
    }

    /** Volumes served here: VUID to volume epoch. */
    Map<Integer, Integer> serving() {
        return dataPlane.serving();
    }

    ControlPlane control() {
        return control;
    }

    @Override
    public void close() {
        end(dataPlane, control);
    }
}
