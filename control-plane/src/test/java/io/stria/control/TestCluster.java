package io.stria.control;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.VolumeEntry;
import io.stria.control.decisions.ClusterState;
import io.stria.control.decisions.DeviceSpec;
import io.stria.control.decisions.NodeSpec;
import io.stria.control.lease.Incarnation;
import io.stria.control.lease.LeaseConfig;
import io.stria.control.lease.LeaseSink;
import io.stria.control.lease.MapSink;
import io.stria.control.lease.ScrubReport;
import io.stria.control.security.ClusterSecret;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * Real control planes in this process, each with a data plane that does what it is told at once.
 */
public final class TestCluster implements AutoCloseable {
    private static final long WAIT_NS = 60_000_000_000L;
    // The machine under a test may be busy with other things for seconds.
    private static final long LEASE_NS = 6_000_000_000L;

    public final UUID clusterId = UUID.randomUUID();
    public final ClusterSecret secret = ClusterSecret.random();
    public final HttpClient http = HttpClient.newHttpClient();
    final SortedMap<Integer, ControlPlane> planes = new ConcurrentSkipListMap<>();
    private final List<ControlConfig.Member> members = new ArrayList<>();
    private final Path directory;
    private final boolean bus;
    private final SortedMap<Integer, List<DeviceSpec>> devices = new ConcurrentSkipListMap<>();
    private int starts;

    public TestCluster(Path directory, int nodes, boolean bus) throws IOException {
        this.directory = directory;
        this.bus = bus;
        for (int id = 1; id <= nodes; id++) {
            members.add(
                    new ControlConfig.Member(
                            new NodeSpec(
                                    id,
                                    "127.0.0.1",
                                    TestPorts.free(),
                                    TestPorts.free(),
                                    TestPorts.free(),
                                    "",
                                    "",
                                    id <= 3),
                            TestPorts.free()));
        }
    }

    public ControlConfig config(int id, boolean mayFormat) {
        return new ControlConfig(
                clusterId,
                8,
                id,
                members,
                directory.resolve("n" + id),
                secret,
                mayFormat,
                Incarnation.start(System.currentTimeMillis(), starts++),
                LeaseConfig.ofLease(LEASE_NS),
                bus);
    }

    public void start(int id, boolean mayFormat) throws IOException {
        DataPlane data = new DataPlane(id);
        ControlPlane plane =
                ControlPlane.start(
                        config(id, mayFormat),
                        new PlainDevices(() ->
                                devices.getOrDefault(
                                        id, List.of(new DeviceSpec(new UUID(id, 1), 64L << 30)))),
                        data,
                        data,
                        System::nanoTime,
                        why -> {});
        data.plane = plane;
        planes.put(id, plane);
    }

    public void startAll() throws IOException {
        for (ControlConfig.Member member : members) {
            start(member.spec().id(), true);
        }
    }

    /** Starts the node again with these devices. */
    public void restartWith(int id, UUID... ids) throws IOException {
        stop(id);
        devices.put(
                id, Arrays.stream(ids).map(device -> new DeviceSpec(device, 64L << 30)).toList());
        start(id, false);
    }

    public void stop(int id) {
        ControlPlane plane = planes.remove(id);
        if (plane != null) {
            plane.close();
        }
    }

    public ControlPlane plane(int id) {
        ControlPlane plane = planes.get(id);
        if (plane == null) {
            throw new AssertionError("node " + id + " does not run");
        }
        return plane;
    }

    public URI uri(int id, String path) {
        return URI.create("http://127.0.0.1:" + members.get(id - 1).spec().apiPort() + path);
    }

    /** It has an answer, or fails, also where that node says nothing. */
    public HttpRequest.Builder request(int id, String path) {
        return HttpRequest.newBuilder(uri(id, path)).timeout(Duration.ofMinutes(1));
    }

    public HttpResponse<String> get(int id, String path) throws Exception {
        return http.send(request(id, path).build(), HttpResponse.BodyHandlers.ofString());
    }

    public HttpResponse<String> post(int id, String path, String body) throws Exception {
        return http.send(
                request(id, path)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    public HttpResponse<String> delete(int id, String path) throws Exception {
        return http.send(request(id, path).DELETE().build(), HttpResponse.BodyHandlers.ofString());
    }

    public void awaitHealthy(int through) throws Exception {
        await(() -> get(through, "/api/v1/cluster").body().contains("\"health\":\"healthy\""));
    }

    /** Asks again and again; for what real threads and sockets bring about in their own time. */
    public static void await(Callable<Boolean> condition) throws Exception {
        long endNs = System.nanoTime() + WAIT_NS;
        while (!condition.call()) {
            if (System.nanoTime() > endNs) {
                throw new AssertionError("it did not come about in a minute");
            }
            Thread.sleep(20);
        }
    }

    @Override
    public void close() {
        planes.values().forEach(ControlPlane::close);
        http.close();
    }

    private static final class DataPlane implements MapSink, LeaseSink {
        private final int id;
        private ClusterMap map = ClusterState.empty().map();
        private final SortedMap<Integer, Integer> served = new TreeMap<>();
        private long inForceEpoch;
        private List<ScrubReport> scrubs = List.of();
        volatile @Nullable ControlPlane plane;

        DataPlane(int id) {
            this.id = id;
        }

        @Override
        public void apply(ClusterMap newMap, Runnable applied) {
            map = newMap;
            applied.run();
            serve();
        }

        @Override
        public void inForce(long epoch) {
            inForceEpoch = epoch;
            serve();
        }

        private void serve() {
            ControlPlane control = plane;
            if (inForceEpoch < map.epoch() || control == null) {
                return;
            }
            for (VolumeEntry volume : map.volumes()) {
                if (volume.owner() == id
                        && served.getOrDefault(volume.vuid(), 0) < volume.epoch()) {
                    served.put(volume.vuid(), volume.epoch());
                    control.serving(volume.vuid(), volume.epoch());
                }
            }
        }

        /** A pass that does not end by itself. */
        @Override
        public void scrub(int vuid, int volumeEpoch) {
            scrubs = List.of(new ScrubReport(vuid, volumeEpoch, true, 3, 64, 1, 9, 900, 2, 1, 4));
        }

        @Override
        public List<ScrubReport> scrubs() {
            return scrubs;
        }

        @Override
        public void leaseUntil(long deadlineNs) {}
    }
}
