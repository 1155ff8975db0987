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
                    Map.entry("hazelcast.slow.operation.detector.enabled", "false"),
                    Map.entry("hazelcast.partition.count", "11"),
                    Map.entry("hazelcast.operation.thread.count", "2"),
                    Map.entry("hazelcast.operation.generic.thread.count", "2"),
                    Map.entry("hazelcast.operation.priority.generic.thread.count", "1"),
                    Map.entry("hazelcast.operation.response.thread.count", "1"),
                    Map.entry("hazelcast.event.thread.count", "1"),
                    Map.entry("hazelcast.io.input.thread.count", "1"),
                    Map.entry("hazelcast.io.output.thread.count", "1"),
                    Map.entry("hazelcast.wait.seconds.before.join", "1"),
                    // Two clusters that began apart, or were cut, become one again.
                    Map.entry("hazelcast.merge.first.run.delay.seconds", "15"),
                    Map.entry("hazelcast.merge.next.run.delay.seconds", "30"),
                    Map.entry("hazelcast.heartbeat.interval.seconds", "10"),
                    Map.entry("hazelcast.max.no.heartbeat.seconds", "60"),
                    Map.entry("hazelcast.invocation.max.retry.count", "20"));

    /**
     * An answer can be an exception, which Java serializes with its list of suppressed ones. One
     * that cannot be read is no answer: its asker would wait for minutes.
     */
    private static final String[] EXCEPTIONS = {
        "java.util.Collections$EmptyList",
        "java.util.ArrayList",
        "java.util.ConcurrentModificationException",
        "java.util.NoSuchElementException",
        "java.util.concurrent.CancellationException",
        "java.util.concurrent.CompletionException",
        "java.util.concurrent.ExecutionException",
        "java.util.concurrent.RejectedExecutionException",
        "java.util.concurrent.TimeoutException",
        "java.io.EOFException",
        "java.io.IOException",
        "java.io.InvalidClassException",
        "java.io.NotSerializableException",
        "java.io.ObjectStreamException",
        "java.io.UncheckedIOException",
        "java.net.ConnectException",
        "java.net.SocketException",
        "java.net.SocketTimeoutException",
        "java.net.UnknownHostException",
        "java.nio.channels.ClosedChannelException",
    };

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

    static SerializationConfig serialization() {
        JavaSerializationFilterConfig filter = new JavaSerializationFilterConfig();
        filter.setDefaultsDisabled(true);
        filter.getWhitelist().addPrefixes("java.lang.", "io.vertx.", "com.hazelcast.", "[");
        filter.getWhitelist().addClasses(EXCEPTIONS);
        return new SerializationConfig().setJavaSerializationFilterConfig(filter);
    }
}
