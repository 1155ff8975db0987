package io.stria.node.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stria.control.json.Json;
import io.stria.control.security.ClusterSecret;
import io.stria.runtime.Durable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A cluster on this machine:
 *
 * <pre>
 *   cluster.json       what it is made of; written last, so a directory with it is whole
 *   cluster.secret     for its members only
 *   first-volume       scheme of the volume that the first start makes, until it has
 *   supervisor.json    who runs it, while it runs
 *   node-N/            device-M, device-M.fresh until it is formatted, decisions, logs
 * </pre>
 *
 * Reading changes nothing; {@link ClusterMaker} makes one.
 */
public final class ClusterDirectory {
    public static final String CLUSTER_FILE = "cluster.json";
    static final String SECRET_FILE = "cluster.secret";
    static final String FRESH = ".fresh";

    /** Below a node's directory. */
    public static final String DECISIONS = "decisions";

    /** Names the scheme of the volume that the first start makes; goes when that was done. */
    static final String FIRST_VOLUME = "first-volume";

    /** Clusters that were made before there was a choice do not have these. */
    private static final String ENGINE = "engine";

    private static final String REMOVED = "removed";

    private static final String KIND = "kind";

    private final Path path;

    public ClusterDirectory(Path path) {
        this.path = path.toAbsolutePath().normalize();
    }

    public Path path() {
        return path;
    }

    public Path clusterFile() {
        return path.resolve(CLUSTER_FILE);
    }

    public Path secretFile() {
        return path.resolve(SECRET_FILE);
    }

    public Path nodeDirectory(int nodeId) {
        return path.resolve(nodeName(nodeId));
    }

    public Path devicePath(ClusterDevice device) {
        return path.resolve(device.path());
    }

    /**
     * How the device was named to `up`: a path or an address; empty where it was made.
     *
     * @throws ClusterException if what stands for it cannot be read
     */
    public String givenName(ClusterDevice device) {
        Path link = devicePath(device);
        try {
            return switch (device.kind()) {
                case BLOCK -> Files.readSymbolicLink(link).toString();
                case SPDK -> SpdkDevice.read(link).toString();
                case FILE, RAM -> "";
            };
        } catch (IOException e) {
            throw new ClusterException("%s cannot be read: %s".formatted(link, IoReason.of(e)), e);
        }
    }

    public Path firstVolumeFile() {
        return path.resolve(FIRST_VOLUME);
    }

    static String nodeName(int nodeId) {
        return "node-" + nodeId;
    }

    public boolean exists() {
        return Files.exists(clusterFile());
    }

    /** Whether what is kept at this path was never formatted. */
    public boolean isFresh(Path path) {
        return Files.exists(freshMark(path));
    }

    public boolean isFresh(ClusterDevice device) {
        return isFresh(devicePath(device));
    }

    /**
     * The node's devices as a process that starts now finds them: those in memory have gone with
     * the process that had them, and what is there in their place is new to everybody.
     */
    public ClusterNode atStart(ClusterNode node) {
        return node.withDevices(
                node.devices().stream()
                        .map(device ->
                                device.kind().isKept() || isFresh(device)
                                        ? device
                                        : device.renewed(device.sizeBytes()))
                        .toList());
    }

    /** Whether a stop of the cluster has taken what its devices held. */
    public boolean hasLostItsMemory(ClusterFile cluster) {
        return cluster.nodes().stream()
                .flatMap(node -> node.devices().stream())
                .anyMatch(device -> !device.kind().isKept() && !isFresh(device));
    }

    public void forgetFresh(ClusterDevice device) throws IOException {
        forgetFresh(devicePath(device));
    }

    /** It is formatted now, durably. */
    public void forgetFresh(Path path) throws IOException {
        Path mark = freshMark(path);
        Files.deleteIfExists(mark);
        Durable.forceName(mark);
    }

    /** The device may be formatted, once. */
    void makeFresh(ClusterDevice device) throws IOException {
        DurableFiles.write(freshMark(devicePath(device)), new byte[0]);
    }

    static Path freshMark(Path path) {
        return path.resolveSibling(path.getFileName() + FRESH);
    }

    /**
     * @throws ClusterException if there is no cluster here, or one of another format
     */
    public ClusterFile read() {
        try {
            if (!exists()) {
                throw new ClusterException(path + " holds no Stria cluster");
            }
            return parse(Files.readAllBytes(clusterFile()));
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new ClusterException(
                    "%s is damaged: %s".formatted(clusterFile(), firstLine(e)), e);
        } catch (IOException e) {
            throw new ClusterException(
                    "%s cannot be read: %s".formatted(clusterFile(), IoReason.of(e)), e);
        }
    }

    private ClusterFile parse(byte[] bytes) throws IOException {
        ObjectMapper json = Json.strict();
        JsonNode tree = json.readTree(bytes);
        JsonNode format = tree == null ? null : tree.get("format");
        if (format == null || !format.isInt()) {
            throw new IllegalArgumentException("it names no format version");
        }
        // Decided before anything else is looked at: another version may look quite different.
        if (format.intValue() != ClusterFile.FORMAT) {
            throw new ClusterException(
                    "%s has format version %d, and this Stria knows version %d only: nothing was changed"
                            .formatted(path, format.intValue(), ClusterFile.FORMAT));
        }
        ObjectNode fields = (ObjectNode) tree;
        if (!fields.has(ENGINE)) {
            fields.put(ENGINE, EngineKind.AUTO.word());
        }
        if (!fields.has(REMOVED)) {
            fields.putArray(REMOVED);
        }
        for (JsonNode devices : fields.findValues("devices")) {
            devices.forEach(ClusterDirectory::addKind);
        }
        return json.treeToValue(fields, ClusterFile.class);
    }

    private static void addKind(JsonNode device) {
        if (device instanceof ObjectNode fields && !fields.has(KIND)) {
            fields.put(KIND, DeviceKind.FILE.word());
        }
    }

    /**
     * @throws ClusterException if it cannot be read
     */
    public ClusterSecret readSecret() {
        try {
            boolean shared =
                    Files.getPosixFilePermissions(secretFile()).stream()
                            .anyMatch(permission -> !permission.name().startsWith("OWNER"));
            if (shared) {
                throw new ClusterException(
                        secretFile() + " makes members, and others may read it: chmod 600 it");
            }
            return new ClusterSecret(Files.readAllBytes(secretFile()));
        } catch (IOException e) {
            throw new ClusterException(
                    "%s cannot be read: %s".formatted(secretFile(), IoReason.of(e)), e);
        } catch (IllegalArgumentException e) {
            throw new ClusterException(
                    "%s is damaged: %s".formatted(secretFile(), firstLine(e)), e);
        }
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }
}
