package io.stria.dataplane.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.sim.SimulatedEngine;
import io.stria.runtime.sim.SimulatedHost;
import io.stria.runtime.sim.SimulatedNetwork;
import io.stria.runtime.sim.Simulation;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which association a store is told that a peer's command is of. */
@Timeout(60)
class PeerAssociationsTest {
    private static final UUID DEVICE = new UUID(3, 4);
    private static final InetSocketAddress ADDRESS = new InetSocketAddress("10.0.0.100", 4421);
    private static final long SECOND_NS = 1_000_000_000L;
    private static final int VUID = 77;
    private static final int OTHER_VUID = 78;

    private final Simulation simulation = new Simulation(1);
    private final SimulatedNetwork network = new SimulatedNetwork(simulation);
    private final SimulatedHost storeHost = network.addHost("store", "10.0.0.100");
    private final Store store = new Store();
    private final SimulatedOwners owners = new SimulatedOwners(simulation, network, ADDRESS);
    private final List<String> ended = new ArrayList<>();

    /** COMMITs wait until their volume attaches anew, and an ATTACH until they have ended. */
    private static final class Store {
        final Map<Integer, Long> newest = new HashMap<>();
        private final List<FragmentRequest> waiting = new ArrayList<>();
        private final ArrayDeque<FragmentRequest> arrived = new ArrayDeque<>();

        int poll() {
            int work = arrived.size();
            for (int i = 0; i < work; i++) {
                execute(arrived.remove());
            }
            return work;
        }

        private void execute(FragmentRequest request) {
            if (request.op == FragmentOp.ATTACH) {
                newest.put(request.vuid(), request.association);
                List<FragmentRequest> fenced = waiting.stream().filter(this::isFenced).toList();
                waiting.removeAll(fenced);
                fenced.forEach(older -> older.complete(IoStatus.FENCED, 0));
                boolean waits = waiting.stream().anyMatch(other -> other.vuid() == request.vuid());
                if (!waits) {
                    request.complete(IoStatus.OK, 0);
                }
            } else if (isFenced(request)) {
                request.complete(IoStatus.FENCED, 0);
            } else {
                waiting.add(request);
            }
        }

        private boolean isFenced(FragmentRequest request) {
            return newest.getOrDefault(request.vuid(), 0L) != request.association;
        }
    }

    @BeforeEach
    void startStore() throws IOException {
        SimulatedEngine engine = storeHost.start();
        PeerTarget target = owners.target(engine);
        target.addDevice(DEVICE, store.arrived::add);
        engine.drive(
                nowNs -> engine.poll() + store.poll(),
                () -> engine.clock().nowNs() + SECOND_NS / 1000);
    }

    private void send(RemoteStore remote, FragmentOp op, int vuid) {
        FragmentRequest request = new FragmentRequest();
        request.op = op;
        request.address = DeviceAddress.of(vuid, 0);
        request.fragmentBytes = 2048;
        request.epoch = 5;
        request.completion = (_, status, _) -> ended.add(op + " " + vuid + " " + status);
        remote.submit(request);
        simulation.runFor(SECOND_NS / 10);
    }

    @Test
    void attachingAnewEndsWhatItsVolumeHasWaitingOnTheSameConnectionAndOfNoOther() {
        RemoteStore remote = owners.connect(DEVICE);
        send(remote, FragmentOp.ATTACH, VUID);
        send(remote, FragmentOp.ATTACH, OTHER_VUID);
        send(remote, FragmentOp.COMMIT, VUID);
        send(remote, FragmentOp.COMMIT, OTHER_VUID);
        assertEquals(List.of("ATTACH 77 OK", "ATTACH 78 OK"), ended);
        ended.clear();
        send(remote, FragmentOp.ATTACH, VUID);
        assertEquals(List.of("COMMIT 77 FENCED", "ATTACH 77 OK"), ended);
        ended.clear();
        send(remote, FragmentOp.COMMIT, VUID);
        assertEquals(List.of(), ended);
    }

    @Test
    void aVolumeThatHasNotAttachedOnAConnectionIsRefusedThere() {
        RemoteStore remote = owners.connect(DEVICE);
        send(remote, FragmentOp.ATTACH, VUID);
        send(remote, FragmentOp.COMMIT, OTHER_VUID);
        assertEquals(List.of("ATTACH 77 OK", "COMMIT 78 FENCED"), ended);
    }

    /** The older connection brings what it does when the network lets it. */
    @Test
    void whateverAnOlderConnectionBringsIsOlderThanWhatANewerOneHasBrought() {
        RemoteStore older = owners.connect(DEVICE);
        RemoteStore newer = owners.connect(DEVICE);
        send(newer, FragmentOp.ATTACH, VUID);
        long attached = store.newest.get(VUID);
        for (int i = 0; i < 3; i++) {
            send(older, FragmentOp.ATTACH, VUID);
            assertTrue(store.newest.get(VUID) < attached);
        }
        send(newer, FragmentOp.ATTACH, VUID);
        assertTrue(store.newest.get(VUID) > attached);
    }
}
