package io.stria.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.ClusterMap;
import io.stria.control.ControlPlane;
import io.stria.control.decisions.Decision;
import io.stria.control.decisions.Result;
import io.stria.control.lease.DeviceFill;
import io.stria.node.cluster.ClusterDevice;
import io.stria.node.cluster.ClusterDirectory;
import io.stria.node.cluster.ClusterMaker;
import io.stria.node.cluster.EngineKind;
import io.stria.node.cluster.Plans;
import io.stria.node.metrics.DataPlaneFigures;
import io.stria.runtime.ffm.BootClock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node, alone and its own leader, whose devices take longer to close than a lease runs. */
@Timeout(120)
final class SlowStopTest {
    private static final long CLOSE_MS = 4_000;

    @TempDir private Path parent;

    private final Semaphore leases = new Semaphore(0);
    private final AtomicReference<@Nullable ControlPlane> control = new AtomicReference<>();
    private int leasesWhileClosing;

    private final class SlowDataPlane implements DataPlaneService {
        private final BootClock clock = new BootClock();
        private final List<ClusterDevice> devices;

        SlowDataPlane(NodeConfig config) {
            devices = config.node().devices();
        }

        @Override
        public void start() {}

        @Override
        public EngineKind engine() {
            return EngineKind.NIO;
        }

        @Override
        public Set<UUID> devices() {
            return devices.stream().map(ClusterDevice::id).collect(Collectors.toSet());
        }

        @Override
        public List<DeviceFill> fills() {
            return devices.stream().map(device -> new DeviceFill(device.id(), 0, 100)).toList();
        }

        @Override
        public long nowNs() {
            return clock.nowNs();
        }

        @Override
        public Map<Integer, Integer> serving() {
            return Map.of();
        }

        @Override
        public Map<String, String> progress() {
            return Map.of();
        }

        @Override
        public DataPlaneFigures figures() {
            throw new AssertionError("nobody asks");
        }

        @Override
        public void apply(ClusterMap map, Runnable applied) {
            applied.run();
        }

        @Override
        public void inForce(long epoch) {}

        @Override
        public void leaseUntil(long deadlineNs) {
            leases.release();
        }

        @Override
        public void close() {
            awaitRetired();
            leases.drainPermits();
            try {
                Thread.sleep(CLOSE_MS);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            leasesWhileClosing = leases.drainPermits();
        }

        /** The control thread does one thing after another, and had been told before this. */
        private void awaitRetired() {
            ControlPlane told = control.get();
            if (told != null) {
                CompletableFuture<Result> refused = new CompletableFuture<>();
                told.propose(new Decision.TakeVolume(1, 1, 1), refused::complete);
                refused.join();
            }
        }
    }

    @Test
    void itAsksForNoLeaseWhileItsDevicesClose() throws IOException, InterruptedException {
        ClusterDirectory directory = new ClusterDirectory(parent.resolve("cluster"));
        new ClusterMaker(directory).make(Plans.alone());
        NodeConfig config = NodeConfig.read(directory.path(), 1, Starts.draw());
        try (StorageNode node =
                StorageNode.start(config, (of, proposals) -> new SlowDataPlane(of), why -> {})) {
            control.set(node.control());
            assertTrue(leases.tryAcquire(3, 60, TimeUnit.SECONDS), "it is granted none: " + node);
        }
        assertEquals(0, leasesWhileClosing);
    }
}
