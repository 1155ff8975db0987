package io.stria.node.cluster;

import io.stria.runtime.Sizes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A block device of the kernel, behind a link. It is there or it is not: a file in its place, in
 * the memory that names below /dev lie in, would take acknowledged writes with it.
 */
record BlockPlace(Path path) implements DevicePlace {
    @Override
    public boolean isBlank() throws IOException {
        if (!Files.exists(path)) {
            throw DevicePlace.missing(path);
        }
        BlockDevicePath.check(path);
        return BlankFile.isBlank(path);
    }

    @Override
    public long makeRoom() throws IOException {
        long sizeBytes = BlockDevicePath.sizeBytes(path);
        if (sizeBytes < ClusterPlan.DEVICE_BYTES_MIN) {
            throw new ClusterException(
                    "%s has %s, and a device has at least %s"
                            .formatted(
                                    path,
                                    Sizes.format(sizeBytes),
                                    Sizes.format(ClusterPlan.DEVICE_BYTES_MIN)));
        }
        return sizeBytes;
    }
}
