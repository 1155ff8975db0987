package io.stria.node.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where a device of a cluster is kept, and what may be done to it while its node does not run. */
sealed interface DevicePlace permits DevicePlace.OutOfReach, FilePlace, BlockPlace {
    /**
     * Whether it has lost what it held. Changes nothing.
     *
     * @throws ClusterException if the device is not there: who pulled it may put it back
     */
    boolean isBlank() throws IOException;

    /**
     * Sees to it that the device can be formatted.
     *
     * @return its size in bytes from now on
     * @throws ClusterException if it cannot be made to hold a device
     */
    long makeRoom() throws IOException;

    static DevicePlace of(ClusterDirectory directory, ClusterDevice device) {
        Path path = directory.devicePath(device);
        return switch (device.kind()) {
            case FILE ->
                    new FilePlace(path, device.sizeBytes(), !Path.of(device.path()).isAbsolute());
            case BLOCK -> new BlockPlace(path);
            // Memory comes back as a new device by itself, and only its node can look at a
            // namespace.
            case RAM, SPDK -> new OutOfReach(device.sizeBytes());
        };
    }

    /** Whoever pulled it may put it back: it is lost only when somebody says so. */
    static ClusterException missing(Path path) {
        String target = "";
        try {
            target = " (a link to %s)".formatted(Files.readSymbolicLink(path));
        } catch (IOException e) {
            // It is no link: its own name says where it was.
        }
        return new ClusterException("there is no device at " + path + target);
    }

    /** Nothing here can look at it, and it stays as it is. */
    record OutOfReach(long sizeBytes) implements DevicePlace {
        @Override
        public boolean isBlank() {
            return false;
        }

        @Override
        public long makeRoom() {
            return sizeBytes;
        }
    }
}
