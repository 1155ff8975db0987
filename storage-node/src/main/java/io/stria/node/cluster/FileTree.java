package io.stria.node.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A directory with all that is in it. */
public final class FileTree {
    private FileTree() {}

    /**
     * @throws IOException if something of it cannot be deleted; then a part of it is left
     */
    public static void delete(Path directory) throws IOException {
        List<Path> inside;
        try (Stream<Path> tree = Files.walk(directory)) {
            inside = tree.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path entry : inside) {
            Files.delete(entry);
        }
    }
}
