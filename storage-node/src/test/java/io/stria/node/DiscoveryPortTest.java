package io.stria.node;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.Scheme;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterMaker;
import io.stria.node.cluster.ClusterPlan;
import io.stria.nvmf.DiscoverySubsystem;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The well-known port for discovery, which every node would like to have. */
final class DiscoveryPortTest {
    /** Of this machine, and of nobody else who may be testing. */
    private static final String ADDRESS = "127.83.19.9";

    @TempDir private Path parent;

    @Test
    void aNodeTakesItWhereNobodyHasIt() throws IOException {
        assertTrue(isTaken(7000));
    }

    /** Node 1 took it, and node 2 could not start. */
    @Test
    void aNodeLeavesItToTheOneWhosePortItIs() throws IOException {
        assertFalse(isTaken(DiscoverySubsystem.PORT - 10));
    }

    /** While node 1 of two runs. */
    private boolean isTaken(int portBase) throws IOException {
        ClusterDirectory directory = new ClusterDirectory(parent.resolve("cluster"));
        new ClusterMaker(directory)
                .make(
                        new ClusterPlan(
                                2,
                                1,
                                ClusterPlan.DEVICE_BYTES_MIN,
                                ADDRESS,
                                portBase,
                                new Scheme(1)));
        NodeConfig config = NodeConfig.read(directory.path(), 1, Starts.draw());
        try (DataPlane node = new DataPlane(config, new Proposals(1))) {
            node.start();
            return isTaken();
        }
    }

    private static boolean isTaken() throws IOException {
        try (ServerSocket probe =
                new ServerSocket(DiscoverySubsystem.PORT, 1, InetAddress.getByName(ADDRESS))) {
            return !probe.isBound();
        } catch (BindException e) {
            return true;
        }
    }
}
