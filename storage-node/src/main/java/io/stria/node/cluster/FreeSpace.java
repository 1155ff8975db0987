package io.stria.node.cluster;

import io.stria.runtime.Sizes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much room file systems have for devices that are to be formatted. */
interface FreeSpace {
    /** Of the machine. */
    FreeSpace REAL = existing -> Files.getFileStore(existing).getUsableSpace();

    long bytesAt(Path existing) throws IOException;

    /**
     * @param path where they are to be; need not exist
     * @param kind of all of them
     * @throws ClusterException if not even their beginning finds room
     */
    default void check(Path path, int devices, DeviceKind kind) throws IOException {
        Path existing = nearestExisting(path);
        long needed = devices * kind.neededBytes();
        long free = needed == 0 ? 0 : bytesAt(existing);
        if (free < needed) {
            throw new ClusterException(
                    "%s has %s free, and %d devices need at least %s to begin with: nothing was changed"
                            .formatted(
                                    existing, Sizes.format(free), devices, Sizes.format(needed)));
        }
    }

    private static Path nearestExisting(Path path) {
        Path parent = path.getParent();
        return parent == null || Files.exists(path) ? path : nearestExisting(parent);
    }
}
