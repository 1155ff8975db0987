package io.stria.node;

import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterException;
import io.stria.node.supervise.DirectoryLock;
import java.io.IOException;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Main class of a node process. What keeps it from starting is one sentence on standard error. */
public final class NodeMain {
    private static final Logger LOG = Logger.getLogger(NodeMain.class.getName());

    private NodeMain() {}

    public static void main(String[] arguments) {
        try {
            run(NodeArguments.parse(arguments, Starts.draw()));
        } catch (ClusterException | IllegalArgumentException | IOException e) {
            // Before the node's log is open this goes to standard error too: the sentence comes
            // last.
            LOG.log(Level.SEVERE, "the node cannot start", e);
            System.err.println(e.getMessage());
            System.exit(1);
        } catch (RuntimeException | Error e) {
            // A bug; threads that were started must not keep the process.
            LOG.log(Level.SEVERE, "the node cannot start", e);
            System.err.println("the node cannot start: " + e);
            System.exit(1);
        }
    }

    /** Another process is this node now, or none is: not even a clean end is left to do. */
    private static void end(String why) {
        LOG.severe(why);
        System.err.println(why);
        Runtime.getRuntime().halt(1);
    }

    private static void run(NodeArguments arguments) throws IOException {
        DirectoryLock lock =
                DirectoryLock.take(
                        new ClusterDirectory(arguments.directory())
                                .nodeDirectory(arguments.nodeId())
                                .resolve("lock"),
                        "node " + arguments.nodeId());
        // Only now: whoever has the lock may give new ids to this node's devices.
        NodeConfig written =
                NodeConfig.read(arguments.directory(), arguments.nodeId(), arguments.start());
        NodeConfig config =
                (arguments.engine() == null ? written : written.on(arguments.engine()))
                        .watchedAt(arguments.heartbeat());
        NodeLog.open(config.nodeDirectory().resolve("node.log"));
        LOG.info(() -> "starting " + config + ", process " + ProcessHandle.current().pid());
        StorageNode node = StorageNode.start(config, DataPlane::new, NodeMain::end);
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> {
                                    LOG.info("stopping");
                                    node.close();
                                    lock.close();
                                },
                                "stop"));
        LOG.info(() -> "started " + config);
    }
}
