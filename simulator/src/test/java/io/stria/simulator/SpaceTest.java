package io.stria.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.clustermap.Scheme;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The judge of free space sees what it cannot look at. */
@Timeout(300)
class SpaceTest {
    private static final long DELETE_MS = 20_000;

    /** It fails while the volume is deleted, and nobody can say that nothing is left on it. */
    @Test
    void whatIsOnADeviceThatDoesNotAnswerIsNotTakenToBeFree() {
        ClusterConfig config = ClusterConfig.of(61, 5, new Scheme(2));
        try (SimulatedCluster cluster = new SimulatedCluster(config, ChunkStores.small())) {
            HostLoad hosts = new HostLoad(cluster, LoadConfig.standard());
            cluster.startAll();
            hosts.start();
            cluster.expect(() -> hosts.history().writes() > 200, DELETE_MS, "writes");
            hosts.quiesce(DELETE_MS);
            SimulatedNode node = cluster.node(3);
            SimulatedNode.Disk disk = node.disks().getFirst();
            Space space = new Space(cluster, damaged -> false);
            Space others = new Space(cluster, damaged -> damaged == disk);
            node.loseDisk(disk, false);
            cluster.runFor(5_000);
            cluster.delete();
            cluster.expect(() -> cluster.volumeIfMade().isEmpty(), DELETE_MS, "the deletion");
            cluster.run(() -> space.notFree().size() == 1, DELETE_MS);
            assertEquals(List.of("node 3 has no " + disk.path()), space.notFree());
            assertEquals(List.of(), others.notFree());

            node.repairDisk(disk);
            node.kill();
            node.start();
            cluster.expect(() -> space.notFree().isEmpty(), DELETE_MS, "all is free");
        }
    }
}
