package io.stria.control.bus;

import com.hazelcast.config.Config;
import com.hazelcast.config.JavaSerializationFilterConfig;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.config.SerializationConfig;
import io.stria.control.ControlConfig;
import java.util.Map;

/**
 * Hazelcast's settings: the cluster's own addresses and nothing that looks for others, no call
 * home, few threads, slow heartbeats. Its members do not prove who they are (the open-source
 * edition cannot), so what they send is taken only as the few types that Vert.x needs.
 */
final class BusConfig {
    private static final Map<String, String> PROPERTIES =
            Map.ofEntries(
                    Map.entry("hazelcast.phone.home.enabled", "false"),
                    Map.entry("hazelcast.logging.type", "jdk"),
                    Map.entry("hazelcast.discovery.enabled", "false"),
                    Map.entry("hazelcast.shutdownhook.enabled", "false"),
                    Map.entry("hazelcast.socket.bind.any", "false"),
                    Map.entry("hazelcast.health.monitoring.level", "OFF"),
                    Map.entry("hazelcast.diagnostics.enabled", "false"),
                    Map.entry("hazelcast.partition.count", "11"),
                    Map.entry("hazelcast.operation.thread.count", "2"),
                    Map.entry("hazelcast.operation.generic.thread.count", "2"),
                    Map.entry("hazelcast.operation.priority.generic.thread.count", "1"),
                    Map.entry("hazelcast.operation.response.thread.count", "1"),
                    Map.entry("hazelcast.event.thread.count", "1"),
                    Map.entry("hazelcast.io.input.thread.count", "1"),
                    Map.entry("hazelcast.io.output.thread.count", "1"),
                    Map.entry("hazelcast.wait.seconds.before.join", "1"),
                    Map.entry("hazelcast.heartbeat.interval.seconds", "10"),
                    Map.entry("hazelcast.max.no.heartbeat.seconds", "60"),
                    Map.entry("hazelcast.invocation.max.retry.count", "20"));

    private BusConfig() {}

    static Config of(ControlConfig control) {
        ControlConfig.Member self = control.self();
        Config config = new Config();
        config.setClusterName(control.clusterId().toString());
        config.setInstanceName("stria-" + control.nodeId());
        PROPERTIES.forEach(config::setProperty);
        config.getMetricsConfig().setEnabled(false);
        NetworkConfig network = config.getNetworkConfig();
        network.setPort(self.busPort()).setPortAutoIncrement(false);
        network.setPublicAddress(self.spec().address() + ":" + self.busPort());
        network.getInterfaces().setEnabled(true).addInterface(self.spec().address());
        JoinConfig join = network.getJoin();
        join.getMulticastConfig().setEnabled(false);
        join.getAutoDetectionConfig().setEnabled(false);
        join.getTcpIpConfig().setEnabled(true).setConnectionTimeoutSeconds(2);
        control.nodes()
                .forEach(member ->
                        join.getTcpIpConfig()
                                .addMember(member.spec().address() + ":" + member.busPort()));
        config.setSerializationConfig(serialization());
        return config;
    }

    private static SerializationConfig serialization() {
        JavaSerializationFilterConfig filter = new JavaSerializationFilterConfig();
        filter.setDefaultsDisabled(true);
        filter.getWhitelist().addPrefixes("java.lang.", "io.vertx.", "com.hazelcast.", "[");
        return new SerializationConfig().setJavaSerializationFilterConfig(filter);
    }
}
