package io.stria.node.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stria.control.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A cluster on this machine:
 *
 * <pre>
 *   cluster.json       what it is made of; written last, so a directory with it is whole
 *   cluster.secret     32 bytes, for its members only
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

    static String nodeName(int nodeId) {
        return "node-" + nodeId;
    }

    public boolean exists() {
        return Files.exists(clusterFile());
    }

    boolean isFresh(Path device) {
        return Files.exists(freshMark(device));
    }

    public boolean isFresh(ClusterDevice device) {
        return isFresh(devicePath(device));
    }

    public void forgetFresh(ClusterDevice device) throws IOException {
        Path mark = freshMark(devicePath(device));
        Files.deleteIfExists(mark);
        DurableFiles.syncDirectoryOf(mark);
    }

    static Path freshMark(Path device) {
        return device.resolveSibling(device.getFileName() + FRESH);
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
            throw new ClusterException("%s cannot be read: %s".formatted(clusterFile(), e), e);
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
        return json.treeToValue(tree, ClusterFile.class);
    }

    /**
     * @throws ClusterException if it cannot be read
     */
    public Secret readSecret() {
        try {
            return new Secret(Files.readAllBytes(secretFile()));
        } catch (IOException e) {
            throw new ClusterException("%s cannot be read: %s".formatted(secretFile(), e), e);
        }
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }
}
