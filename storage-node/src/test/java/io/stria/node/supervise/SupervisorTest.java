package io.stria.node.supervise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterMaker;
import io.stria.node.cluster.Plans;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

final class SupervisorTest {
    @TempDir private Path parent;

    /** Its disk is gone: it kept those after it from starting, and had those before it stopped. */
    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES)
    void aNodeThatCannotBeStartedKeepsNoOtherFromStarting() throws Exception {
        ClusterDirectory directory = new ClusterDirectory(parent.resolve("cluster"));
        new ClusterMaker(directory).make(Plans.together(2));
        Path home = directory.nodeDirectory(1);
        Path away = Files.move(home, parent.resolve("away"));
        List<String> log = new CopyOnWriteArrayList<>();
        try (Supervisor supervisor =
                new Supervisor(
                        directory, directory.read(), (id, incarnation, how) -> {}, log::add)) {
            supervisor.startAll();

            NodeStatus first = supervisor.list().getFirst();
            assertTrue(first.hasEnded());
            assertTrue(first.ending().startsWith("node 1 cannot be started: "), first.ending());
            assertTrue(log.contains(first.ending()));
            assertTrue(supervisor.list().getLast().running());

            Files.move(away, home);
            supervisor.start(1);
            assertTrue(supervisor.list().getFirst().running());
            assertFalse(supervisor.list().getFirst().hasEnded());
            assertEquals("", supervisor.list().getFirst().ending());
        }
    }
}
