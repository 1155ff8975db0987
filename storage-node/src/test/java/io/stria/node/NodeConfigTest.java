package io.stria.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterFile;
import io.stria.node.cluster.ClusterMaker;
import io.stria.node.cluster.ClusterPlan;
import io.stria.node.cluster.DeviceKind;
import io.stria.node.cluster.EngineKind;
import io.stria.node.cluster.SpdkDevice;
import io.stria.runtime.spdk.SpdkAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NodeConfigTest {
    @TempDir private Path parent;

    /** It is refused when it is to be opened, as a device that does not answer; the node starts. */
    @Test
    void anAddressThatCannotBeReadLeavesOneDeviceOut() throws IOException {
        List<SpdkAddress> addresses =
                SpdkDevice.addresses(List.of("0000:01:00.0", "0000:02:00.0", "0000:03:00.0"));
        ClusterDirectory directory = new ClusterDirectory(parent.resolve("cluster"));
        ClusterPlan plan =
                new ClusterPlan(
                        1,
                        3,
                        1L << 30,
                        "127.0.0.1",
                        4420,
                        new Scheme(1),
                        Tolerance.DEVICE,
                        EngineKind.AUTO,
                        DeviceKind.SPDK,
                        addresses.stream()
                                .map(address -> new SpdkDevice(address, 1L << 30))
                                .toList());
        ClusterFile made = new ClusterMaker(directory).make(plan);
        NodeConfig config = NodeConfig.read(directory.path(), 1, 1);
        assertEquals(addresses, config.spdkDevices());

        Path first = directory.devicePath(made.node(1).devices().get(0));
        Files.writeString(first, "somewhere");
        assertEquals(addresses.subList(1, 3), config.spdkDevices());
        Files.delete(first);
        assertEquals(addresses.subList(1, 3), config.spdkDevices());
    }
}
