package io.stria.node;

import io.stria.control.ControlConfig;
import io.stria.control.decisions.DeviceSpec;
import io.stria.control.decisions.NodeSpec;
import io.stria.control.lease.DeviceFill;
import io.stria.control.lease.LeaseConfig;
import io.stria.control.lease.LocalDevices;
import io.stria.node.cluster.ClusterDevice;
import io.stria.node.cluster.ClusterNode;
import io.stria.node.cluster.EngineKind;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** What the control plane is told, drawn from a node's configuration. */
final class ControlConfigs {
    private ControlConfigs() {}

    /**
     * @param engine that the data plane runs on
     */
    static ControlConfig of(NodeConfig config, EngineKind engine) {
        return new ControlConfig(
                config.cluster().clusterId(),
                config.cluster().pageShift(),
                config.id(),
                config.cluster().nodes().stream().map(ControlConfigs::member).toList(),
                config.decisions(),
                config.secret(),
                config.mayFormatDecisions(),
                config.start(),
                LeaseConfig.standard(),
                engine.word(),
                true);
    }

    /** The devices that are there; one that is missing counts as away. */
    static LocalDevices devices(NodeConfig config, DataPlaneService dataPlane) {
        return new LocalDevices() {
            @Override
            public List<DeviceSpec> specs() {
                Set<UUID> present = dataPlane.devices();
                return config.node().devices().stream()
                        .filter(device -> present.contains(device.id()))
                        .map(ControlConfigs::device)
                        .toList();
            }

            @Override
            public List<DeviceFill> fills() {
                return dataPlane.fills();
            }
        };
    }

    private static DeviceSpec device(ClusterDevice device) {
        return new DeviceSpec(device.id(), device.sizeBytes());
    }

    private static ControlConfig.Member member(ClusterNode node) {
        NodeSpec spec =
                new NodeSpec(
                        node.id(),
                        node.address(),
                        node.dataPort(),
                        node.apiPort(),
                        node.consensusPort(),
                        node.zone(),
                        node.rack(),
                        node.voter());
        return new ControlConfig.Member(spec, node.hazelcastPort());
    }
}
