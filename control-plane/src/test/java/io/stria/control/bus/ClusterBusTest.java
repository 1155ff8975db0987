package io.stria.control.bus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import io.stria.control.TestCluster;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterBusTest {
    @TempDir Path directory;

    @Test
    void membersFindEachOtherByTheirAddressesAlone() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 2, true)) {
            List<ClusterBus> buses = new ArrayList<>();
            try {
                buses.add(ClusterBus.startLater(cluster.config(1, true), 0));
                buses.add(ClusterBus.startLater(cluster.config(2, true), 0));
                TestCluster.await(() -> buses.stream().allMatch(bus -> bus.members() == 2));
            } finally {
                buses.forEach(ClusterBus::close);
            }
        }
    }

    @Test
    void nothingLooksForOthersOrCallsHome() throws Exception {
        try (TestCluster cluster = new TestCluster(directory, 3, true)) {
            Config config = BusConfig.of(cluster.config(2, true));
            JoinConfig join = config.getNetworkConfig().getJoin();
            assertFalse(join.getMulticastConfig().isEnabled());
            assertFalse(join.getAutoDetectionConfig().isEnabled());
            assertFalse(join.getKubernetesConfig().isEnabled());
            assertFalse(join.getAwsConfig().isEnabled());
            assertEquals(3, join.getTcpIpConfig().getMembers().size());
            assertEquals("false", config.getProperty("hazelcast.phone.home.enabled"));
            assertEquals(
                    List.of("127.0.0.1"),
                    List.copyOf(config.getNetworkConfig().getInterfaces().getInterfaces()));
            assertEquals(cluster.clusterId.toString(), config.getClusterName());
        }
    }
}
