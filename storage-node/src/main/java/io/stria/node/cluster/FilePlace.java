package io.stria.node.cluster;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * A sparse file, which may have been cut or deleted. What a person has put there instead, such as a
 * link to another file system, is used but never made.
 *
 * @param own whether it was made with the cluster, below its directory
 */
record FilePlace(Path path, long sizeBytes, boolean own) implements DevicePlace {
    @Override
    public boolean isBlank() throws IOException {
        if (Files.exists(path)) {
            return BlankFile.isBlank(path);
        }
        if (!own || Files.isSymbolicLink(path)) {
            throw DevicePlace.missing(path);
        }
        return true;
    }

    @Override
    public long makeRoom() throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(path)) {
            return sizeBytes;
        }
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            if (file.length() < sizeBytes) {
                file.setLength(sizeBytes);
            }
        }
        return sizeBytes;
    }
}
