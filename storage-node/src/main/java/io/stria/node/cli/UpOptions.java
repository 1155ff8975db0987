package io.stria.node.cli;

import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import io.stria.node.cluster.BlockDevicePath;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterException;
import io.stria.node.cluster.ClusterFile;
import io.stria.node.cluster.ClusterNode;
import io.stria.node.cluster.ClusterPlan;
import io.stria.node.cluster.DeviceKind;
import io.stria.node.cluster.EngineKind;
import io.stria.node.cluster.NamedDevice;
import io.stria.node.cluster.SpdkDevice;
import io.stria.node.spdk.SpdkInspection;
import io.stria.runtime.Sizes;
import io.stria.runtime.spdk.SpdkAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
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
    static final long DEVICE_BYTES_IN_MEMORY = 512L << 20;
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
            description =
                    "Of each device; default: 8G of a sparse file, 512M of memory. "
                            + SizeOption.UNITS)
    private @Nullable Long deviceBytes;

    @Option(
            names = "--device-kind",
            paramLabel = "KIND",
            converter = DeviceKindOption.class,
            description =
                    "What devices are made of: file (sparse files), ram (memory of the nodes: a node"
                            + " that stops LOSES its devices, a cluster that stops loses ALL DATA;"
                            + " for measurements), block (block devices, each named by --device), or"
                            + " spdk (NVMe namespaces that nodes drive themselves through SPDK, each"
                            + " named by --device). Default: file.")
    private @Nullable DeviceKind kind;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            description =
                    "A device for --device-kind block (its path) or spdk (its PCI address, or"
                            + " 'trtype:TCP traddr:IP trsvcid:PORT subnqn:NQN ns:ID', with 'fence:none'"
                            + " behind it for targets without reservations, where nodes that are"
                            + " killed can LOSE acknowledged data), which must be blank; once for"
                            + " each device, those of node 1 first.")
    private List<String> devices = List.of();

    @Option(
            names = "--scheme",
            paramLabel = "N+2",
            converter = SchemeOption.class,
            description = "Of the first volume, 'demo'; default: 2+2.")
    private @Nullable Scheme scheme;

    @Option(
            names = "--tolerate",
            paramLabel = "WHAT",
            description =
                    "What any two of the first volume may lose: node (default), or device, for one"
                            + " or two nodes.")
    private @Nullable Tolerance tolerance;

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
        DeviceKind planned = or(kind, DeviceKind.FILE);
        if (!devices.isEmpty() && !planned.isNamed()) {
            throw new ClusterException("--device goes with --device-kind block or spdk");
        }
        int nodeCount = or(nodes, NODES);
        boolean inMemory = planned == DeviceKind.RAM;
        int perNode =
                planned.isNamed()
                        ? Math.max(1, devices.size() / Math.max(1, nodeCount))
                        : DEVICES_PER_NODE;
        return new ClusterPlan(
                nodeCount,
                or(devicesPerNode, perNode),
                or(deviceBytes, inMemory ? DEVICE_BYTES_IN_MEMORY : DEVICE_BYTES),
                or(address, ADDRESS),
                or(portBase, PORT_BASE),
                or(scheme, new Scheme(2)),
                or(tolerance, Tolerance.NODE),
                or(engine, EngineKind.AUTO),
                planned,
                named(planned));
    }

    /** Looks at them and changes nothing. */
    private List<? extends NamedDevice> named(DeviceKind planned) {
        return planned == DeviceKind.SPDK
                ? SpdkInspection.of(SpdkDevice.addresses(devices))
                : BlockDevicePath.of(devices.stream().map(Path::of).toList());
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
        check("--device-kind", kind, first.devices().getFirst().kind());
        check("--address", address, first.address());
        check("--port-base", portBase, first.dataPort());
        check("--engine", engine, cluster.engine());
        checkDevices(cluster);
    }

    /** Naming those that it has is naming nothing new. */
    private void checkDevices(ClusterFile cluster) {
        if (devices.isEmpty()) {
            return;
        }
        ClusterDirectory made = new ClusterDirectory(directory);
        List<String> are =
                cluster.nodes().stream()
                        .flatMap(node -> node.devices().stream())
                        .map(made::givenName)
                        .filter(name -> !name.isEmpty())
                        .toList();
        DeviceKind is = cluster.nodes().getFirst().devices().getFirst().kind();
        check("--device", givenNames(is), are.isEmpty() ? "none" : String.join(", ", are));
    }

    private String givenNames(DeviceKind is) {
        return is == DeviceKind.SPDK
                ? SpdkDevice.addresses(devices).stream()
                        .map(SpdkAddress::toString)
                        .collect(Collectors.joining(", "))
                : devices.stream()
                        .map(name -> Path.of(name).toAbsolutePath().normalize().toString())
                        .collect(Collectors.joining(", "));
    }

    /** Of what was asked for, what means nothing to a cluster that is there; empty if nothing. */
    String ignored() {
        return scheme == null && tolerance == null
                ? ""
                : "note: --scheme and --tolerate are the first volume's, which was made with the"
                        + " cluster; `stria volume create` makes others";
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
