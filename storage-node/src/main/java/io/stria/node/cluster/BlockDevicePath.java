package io.stria.node.cluster;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A block device of the kernel that a new cluster may take.
 *
 * @param path absolute, as it was given
 */
public record BlockDevicePath(Path path, long sizeBytes) implements NamedDevice {
    private static final int S_IFMT = 0xf000;
    private static final int S_IFBLK = 0x6000;

    @Override
    public void link(Path link) throws IOException {
        Files.createSymbolicLink(link, path);
    }

    /**
     * Looks at all of them and changes nothing.
     *
     * @throws ClusterException as {@link #of(Path)}, or if one device has two of the names
     */
    public static List<BlockDevicePath> of(List<Path> given) {
        Map<Path, Path> names = new HashMap<>();
        for (Path name : given) {
            Path before = names.put(device(name), name);
            if (before != null) {
                throw new ClusterException(before + " and " + name + " are the same device");
            }
        }
        return given.stream().map(BlockDevicePath::of).toList();
    }

    /** Without links, which are often the better names since they stay. */
    private static Path device(Path name) {
        try {
            return name.toRealPath();
        } catch (IOException e) {
            throw new ClusterException("there is no device at " + name, e);
        }
    }

    /**
     * Looks at it and changes nothing.
     *
     * @throws ClusterException if it is no block device, or holds anything
     */
    public static BlockDevicePath of(Path given) {
        Path path = given.toAbsolutePath().normalize();
        try {
            check(path);
            if (!BlankFile.isBlank(path)) {
                throw new ClusterException(
                        path
                                + " holds something: nothing was changed; blkdiscard -z or wipefs it"
                                + " if it is meant");
            }
            return new BlockDevicePath(path, sizeBytes(path));
        } catch (NoSuchFileException e) {
            throw new ClusterException("there is no device at " + path, e);
        } catch (IOException e) {
            throw new ClusterException("%s cannot be read: %s".formatted(path, IoReason.of(e)), e);
        }
    }

    /**
     * @throws ClusterException if it is no block device
     */
    static void check(Path path) throws IOException {
        boolean blockDevice =
                Files.getAttribute(path, "unix:mode") instanceof Integer mode
                        && (mode & S_IFMT) == S_IFBLK;
        if (!blockDevice) {
            throw new ClusterException(path + " is no block device");
        }
    }

    /** As the kernel knows it. */
    static long sizeBytes(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return channel.size();
        }
    }
}
