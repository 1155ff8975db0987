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
import io.stria.control.security.ClusterSecret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A control plane in a process of its own, to be killed and measured. Arguments: directory, id,
 * number of nodes, first port, whether with the bus, start in milliseconds.
 */
public final class NodeProcess implements MapSink, LeaseSink {
    private final int id;
    private volatile ClusterMap map = ClusterState.empty().map();
    private volatile long inForceEpoch;

    private NodeProcess(int id) {
        this.id = id;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        long beganNs = System.nanoTime();
        Path directory = Path.of(arguments[0]);
        int id = Integer.parseInt(arguments[1]);
        int nodes = Integer.parseInt(arguments[2]);
        int firstPort = Integer.parseInt(arguments[3]);
        boolean bus = Boolean.parseBoolean(arguments[4]);
        long start = Incarnation.start(Long.parseLong(arguments[5]), id);
        List<ControlConfig.Member> members = new ArrayList<>();
        for (int node = 1; node <= nodes; node++) {
            int port = firstPort + node * 10;
            members.add(
                    new ControlConfig.Member(
                            new NodeSpec(
                                    node, "127.0.0.1", port, port + 2, port + 3, "", "", node <= 5),
                            port + 4));
        }
        Path own = directory.resolve("n" + id);
        boolean mayFormat = Files.notExists(own);
        NodeProcess data = new NodeProcess(id);
        ControlPlane plane =
                ControlPlane.start(
                        new ControlConfig(
                                new UUID(5, firstPort),
                                8,
                                id,
                                members,
                                own,
                                new ClusterSecret(new byte[32]),
                                mayFormat,
                                start,
                                LeaseConfig.standard(),
                                bus),
                        new PlainDevices(() -> List.of(new DeviceSpec(new UUID(id, 1), 64L << 30))),
                        data,
                        data,
                        System::nanoTime,
                        why -> Runtime.getRuntime().halt(3));
        System.out.println("up " + (System.nanoTime() - beganNs) / 1_000_000 + " ms");
        boolean leased = false;
        while (true) {
            Thread.sleep(500);
            data.serve(plane);
            if (!leased && plane.view().leaseEndNs() > 0) {
                leased = true;
                System.out.println("leased " + (System.nanoTime() - beganNs) / 1_000_000 + " ms");
            }
        }
    }

    private void serve(ControlPlane plane) {
        ClusterMap now = map;
        if (inForceEpoch < now.epoch()) {
            return;
        }
        for (VolumeEntry volume : now.volumes()) {
            if (volume.owner() == id) {
                plane.serving(volume.vuid(), volume.epoch());
            }
        }
    }

    @Override
    public void apply(ClusterMap newMap, Runnable applied) {
        map = newMap;
        applied.run();
    }

    @Override
    public void inForce(long epoch) {
        inForceEpoch = epoch;
    }

    @Override
    public void leaseUntil(long deadlineNs) {}
}
