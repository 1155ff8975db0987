package io.stria.node.supervise;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NodeProcessTest {
    @TempDir private Path directory;

    /** `down` in the middle of `up` left those running whose turn to start came after it. */
    @Test
    void startsNothingOnceTheClusterIsBeingStopped() {
        AtomicBoolean closing = new AtomicBoolean();
        ClusterDirectory none = new ClusterDirectory(directory.resolve("none"));
        NodeProcess node =
                new NodeProcess(1, none, (id, start, how) -> {}, line -> {}, closing::get);
        assertThrows(ClusterException.class, node::start, "it tries");
        closing.set(true);
        node.start();
        assertFalse(node.status().running());
    }
}
