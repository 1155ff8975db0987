package io.stria.node.cli;

import io.stria.clustermap.Scheme;
import io.stria.node.cluster.ClusterException;
import io.stria.node.cluster.ClusterFile;
import io.stria.node.cluster.ClusterNode;
import io.stria.node.cluster.ClusterPlan;
import io.stria.node.cluster.EngineKind;
import io.stria.node.cluster.Sizes;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * What the cluster should be like. Options that were not given are null, so that a cluster that is
 * there already is taken as it is, and only what was asked for and differs is refused.
 */
final class UpOptions {
    /** Where `up` keeps a cluster unless it is told otherwise. */
    static final Path HERE = Path.of(".stria");

    static final int NODES = 5;
    static final int DEVICES_PER_NODE = 2;
    static final long DEVICE_BYTES = 8L << 30;
    static final String ADDRESS = "127.0.0.1";
    static final int PORT_BASE = 4420;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description =
                    "Where the cluster is kept; made on first use. Default: .stria in the current"
                            + " directory.")
    private Path directory = HERE;

    @Option(names = "--nodes", paramLabel = "N", description = "Default: 5.")
    private @Nullable Integer nodes;

    @Option(names = "--devices-per-node", paramLabel = "N", description = "Default: 2.")
    private @Nullable Integer devicesPerNode;

    @Option(
            names = "--device-size",
            paramLabel = "SIZE",
            converter = SizeOption.class,
            description = "Of each device, a sparse file; default: 8G.")
    private @Nullable Long deviceBytes;

    @Option(
            names = "--scheme",
            paramLabel = "N+2",
            converter = SchemeOption.class,
            description = "Of the first volume, 'demo'; default: 2+2.")
    private @Nullable Scheme scheme;

    @Option(
            names = "--address",
            paramLabel = "IP",
            description =
                    "Where all nodes listen; default: 127.0.0.1, which only this machine reaches.")
    private @Nullable String address;

    @Option(
            names = "--port-base",
            paramLabel = "PORT",
            description =
                    "First port of node 1; every node takes a block of 10: hosts, peers, REST,"
                            + " consensus, Hazelcast. Default: 4420.")
    private @Nullable Integer portBase;

    @Option(
            names = "--engine",
            paramLabel = "ENGINE",
            converter = EngineOption.class,
            description =
                    "How nodes reach sockets and devices: io_uring, nio (slower; for machines and"
                            + " containers that forbid io_uring), or auto, which takes io_uring"
                            + " where it is permitted. Default: auto.")
    private @Nullable EngineKind engine;

    Path directory() {
        return directory;
    }

    ClusterPlan plan() {
        return new ClusterPlan(
                or(nodes, NODES),
                or(devicesPerNode, DEVICES_PER_NODE),
                or(deviceBytes, DEVICE_BYTES),
                or(address, ADDRESS),
                or(portBase, PORT_BASE),
                or(scheme, new Scheme(2)),
                or(engine, EngineKind.AUTO));
    }

    /**
     * @throws ClusterException if the cluster is there and differs from what was asked for
     */
    void checkAgainst(ClusterFile cluster) {
        ClusterNode first = cluster.nodes().getFirst();
        check("--nodes", nodes, cluster.nodes().size());
        check("--devices-per-node", devicesPerNode, first.devices().size());
        check(
                "--device-size",
                deviceBytes == null ? null : Sizes.format(deviceBytes),
                Sizes.format(first.devices().getFirst().sizeBytes()));
        check("--address", address, first.address());
        check("--port-base", portBase, first.dataPort());
        check("--engine", engine, cluster.engine());
    }

    private void check(String option, @Nullable Object asked, Object is) {
        if (asked != null && !asked.equals(is)) {
            throw new ClusterException(
                    "the cluster in %s was made with %s %s, which does not change to %s"
                            .formatted(directory, option, is, asked));
        }
    }

    private static <T> T or(@Nullable T given, T otherwise) {
        return given == null ? otherwise : given;
    }
}
