package io.stria.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterMaker;
import io.stria.node.cluster.ClusterNode;
import io.stria.node.cluster.Plans;
import io.stria.node.supervise.NodeCommand;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node process one of whose ports another process has: it ends, and says why. */
@Timeout(120)
final class PortTakenTest {
    @TempDir private Path parent;

    /** The data plane fails on its reactor, and is closed by the thread that started it. */
    @Test
    void itSaysThatThePortForHostsIsTaken() throws Exception {
        assertSays(ClusterNode::dataPort);
    }

    @Test
    void itSaysThatThePortForPeersIsTaken() throws Exception {
        assertSays(ClusterNode::peerPort);
    }

    @Test
    void itSaysThatThePortOfRestIsTaken() throws Exception {
        assertSays(ClusterNode::apiPort);
    }

    private void assertSays(ToIntFunction<ClusterNode> which) throws Exception {
        ClusterDirectory directory = new ClusterDirectory(parent.resolve("cluster"));
        new ClusterMaker(directory).make(Plans.alone());
        int port = which.applyAsInt(directory.read().node(1));
        try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            Process node =
                    new ProcessBuilder(
                                    NodeCommand.ofNode(
                                            directory.path(),
                                            1,
                                            directory.nodeDirectory(1),
                                            Starts.draw()))
                            .redirectErrorStream(true)
                            .start();
            try {
                String said =
                        new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertTrue(node.waitFor(60, TimeUnit.SECONDS));
                assertEquals(1, node.exitValue(), said);
                assertTrue(said.contains(Integer.toString(taken.getLocalPort())), said);
            } finally {
                node.destroyForcibly().waitFor();
            }
        }
    }
}
