package io.stria.dataplane.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.sim.SimulatedEngine;
import io.stria.runtime.sim.SimulatedNetwork;
import io.stria.runtime.sim.Simulation;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two devices behind one target: one does not end what it is asked, with all that peers may ask.
 */
@Timeout(60)
class HungDeviceTest {
    private static final UUID HUNG = new UUID(1, 1);
    private static final UUID WELL = new UUID(2, 2);
    private static final InetSocketAddress ADDRESS = new InetSocketAddress("10.0.0.100", 4421);
    private static final long SECOND_NS = 1_000_000_000L;
    private static final int PEERS = 8;
    private static final int ASKED = PEERS * OutstandingCommands.QUEUE_DEPTH;

    private final Simulation simulation = new Simulation(1);
    private final SimulatedNetwork network = new SimulatedNetwork(simulation);
    private final ArrayDeque<FragmentRequest> hung = new ArrayDeque<>();
    private final ArrayDeque<FragmentRequest> asked = new ArrayDeque<>();
    private final List<IoStatus> endedOfHung = new ArrayList<>();
    private final List<IoStatus> endedOfWell = new ArrayList<>();
    private boolean goesOn;
    private final SimulatedOwners owners = new SimulatedOwners(simulation, network, ADDRESS);

    @BeforeEach
    void startStore() throws IOException {
        SimulatedEngine engine = network.addHost("store", "10.0.0.100").start();
        PeerTarget target = owners.target(engine);
        target.addDevice(HUNG, hung::add);
        target.addDevice(WELL, asked::add);
        engine.drive(
                nowNs -> engine.poll() + answer(asked) + (goesOn ? answer(hung) : 0),
                () -> engine.clock().nowNs() + SECOND_NS / 1000);
    }

    private static int answer(ArrayDeque<FragmentRequest> requests) {
        int count = requests.size();
        for (int i = 0; i < count; i++) {
            requests.remove().complete(IoStatus.OK, 0);
        }
        return count;
    }

    private void read(RemoteStore from, int fragments, List<IoStatus> ended) {
        FragmentRequest request = SimulatedOwners.read(fragments);
        request.completion = (_, status, _) -> ended.add(status);
        from.submit(request);
    }

    /** With small buffers, and with large ones. */
    @ParameterizedTest
    @ValueSource(ints = {1, 32})
    void leavesBuffersToTheOthersOfItsNode(int fragments) {
        RemoteStore well = owners.connect(WELL);
        for (int peer = 0; peer < PEERS; peer++) {
            RemoteStore remote = owners.connect(HUNG);
            for (int i = 0; i < OutstandingCommands.QUEUE_DEPTH; i++) {
                read(remote, fragments, endedOfHung);
            }
        }
        simulation.runFor(SECOND_NS / 10);
        read(well, fragments, endedOfWell);
        simulation.runFor(SECOND_NS / 10);
        assertEquals(List.of(), endedOfHung);
        assertEquals(List.of(IoStatus.OK), endedOfWell);
        goesOn = true; // and so does what waited for buffers
        simulation.runUntil(() -> endedOfHung.size() == ASKED, simulation.nowNs() + SECOND_NS);
        assertEquals(ASKED, endedOfHung.size());
        assertTrue(endedOfHung.stream().allMatch(status -> status == IoStatus.OK));
    }
}
