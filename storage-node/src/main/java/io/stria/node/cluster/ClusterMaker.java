package io.stria.node.cluster;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.stria.runtime.Durable;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Makes the directory of a new cluster. Whatever is in the way is refused before anything is
 * written; a making that was cut short is cleared away by the next one.
 */
public final class ClusterMaker {
    /** There while a cluster is being made. */
    private static final String MAKING = "making";

    /** The supervisor's, and that of who changes the cluster's file. */
    private static final Set<String> LOCKS = Set.of("lock", ClusterFileLock.LOCK_FILE);

    private static final int SECRET_BYTES = 32;

    private static final FileAttribute<?> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final ClusterDirectory directory;
    private final FreeSpace freeSpace;

    public ClusterMaker(ClusterDirectory directory) {
        this(directory, FreeSpace.REAL);
    }

    ClusterMaker(ClusterDirectory directory, FreeSpace freeSpace) {
        this.directory = directory;
        this.freeSpace = freeSpace;
    }

    /**
     * Changes nothing.
     *
     * @throws ClusterException if the directory is not empty, or its file system too full
     */
    public void check(ClusterPlan plan) {
        try {
            refuseForeign(directory.path());
            freeSpace.check(directory.path(), plan.nodes() * plan.devicesPerNode(), plan.kind());
        } catch (IOException e) {
            throw new ClusterException(
                    "cannot look at %s: %s".formatted(directory.path(), IoReason.of(e)), e);
        }
    }

    /**
     * @throws ClusterException as {@link #check}, and if something cannot be written
     */
    public ClusterFile make(ClusterPlan plan) {
        Path path = directory.path();
        check(plan);
        try {
            Files.createDirectories(path, PRIVATE);
            try (ClusterFileLock file = ClusterFileLock.take(directory)) {
                check(plan); // another one may have made its own meanwhile
                clearUnfinished(path);
                return fill(file, plan);
            }
        } catch (FileAlreadyExistsException e) {
            throw new ClusterException(path + " is in the way: it is no directory", e);
        } catch (IOException e) {
            throw new ClusterException(
                    "cannot make a cluster in %s: %s".formatted(path, IoReason.of(e)), e);
        }
    }

    private ClusterFile fill(ClusterFileLock file, ClusterPlan plan) throws IOException {
        Path path = directory.path();
        Path making = path.resolve(MAKING);
        DurableFiles.write(making, new byte[0]);
        byte[] secret = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        DurableFiles.write(directory.secretFile(), secret);
        DurableFiles.write(
                directory.firstVolumeFile(),
                (plan.scheme() + " " + plan.tolerance()).getBytes(US_ASCII));
        ClusterFile cluster = plan.draw();
        for (ClusterNode node : cluster.nodes()) {
            makeNode(directory, node);
            link(plan, node);
        }
        file.write(cluster);
        Files.delete(making);
        return cluster;
    }

    private void link(ClusterPlan plan, ClusterNode node) throws IOException {
        for (int i = 0; plan.kind().isNamed() && i < node.devices().size(); i++) {
            plan.named(node.id(), i + 1).link(directory.devicePath(node.devices().get(i)));
        }
    }

    /** A node's directory with its devices, which it may format. */
    static void makeNode(ClusterDirectory directory, ClusterNode node) throws IOException {
        Path home = Files.createDirectory(directory.nodeDirectory(node.id()), PRIVATE);
        Files.createFile(ClusterDirectory.freshMark(home.resolve(ClusterDirectory.DECISIONS)));
        for (ClusterDevice device : node.devices()) {
            Files.createFile(ClusterDirectory.freshMark(directory.devicePath(device)));
            if (!device.kind().isNamed()) {
                DevicePlace.of(directory, device).makeRoom();
            }
        }
        Durable.force(home);
    }

    private static void refuseForeign(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            if (Files.exists(path)) {
                throw new ClusterException(path + " is in the way: it is no directory");
            }
            return;
        }
        if (Files.exists(path.resolve(ClusterDirectory.CLUSTER_FILE))) {
            throw new ClusterException(path + " holds a cluster already");
        }
        try (Stream<Path> entries = Files.list(path)) {
            List<String> names = entries.map(entry -> entry.getFileName().toString()).toList();
            boolean unfinished = names.contains(MAKING);
            for (String name : names) {
                if (!LOCKS.contains(name) && !(unfinished && isOurs(name))) {
                    throw new ClusterException(
                            "%s is not empty and holds no Stria cluster (but '%s'): nothing was changed"
                                    .formatted(path, name));
                }
            }
        }
    }

    private static boolean isOurs(String name) {
        return name.equals(MAKING)
                || name.startsWith(ClusterDirectory.SECRET_FILE)
                || name.startsWith(ClusterDirectory.FIRST_VOLUME)
                || name.equals(ClusterDirectory.CLUSTER_FILE + ".new")
                || name.matches("node-\\d+");
    }

    private static void clearUnfinished(Path path) throws IOException {
        Path making = path.resolve(MAKING);
        if (!Files.exists(making)) {
            return;
        }
        List<Path> inside;
        try (Stream<Path> tree = Files.walk(path)) {
            inside = tree.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path entry : inside) {
            // The mark goes last, the directory itself and its locks stay.
            boolean stays =
                    entry.equals(path)
                            || entry.equals(making)
                            || LOCKS.contains(path.relativize(entry).toString());
            if (!stays) {
                Files.delete(entry);
            }
        }
        Files.delete(making);
    }
}
