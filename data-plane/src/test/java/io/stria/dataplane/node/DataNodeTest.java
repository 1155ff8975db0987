package io.stria.dataplane.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.clustermap.ClusterMap;
import io.stria.clustermap.DeviceSlot;
import io.stria.clustermap.DeviceState;
import io.stria.clustermap.VolumeEntry;
import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.runtime.ManualClock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A node with three devices, of which some misbehave; it owns nothing. */
class DataNodeTest {
    private static final long SECOND_NS = 1_000_000_000L;

    private final ManualClock clock = new ManualClock(SECOND_NS);
    private final List<Device> devices = List.of(new Device(), new Device(), new Device());
    private final List<String> down = new ArrayList<>();
    private final List<String> presented = new ArrayList<>();
    private final DataNode node;
    private int applied;

    private static final class Device extends NodeStubs.Device {
        @Nullable String failure;
        boolean hangs;
        Runnable held;

        @Override
        public void submit(FragmentRequest request) {
            throw new AssertionError("nobody owns anything");
        }

        @Override
        public void onVolumeEpoch(int vuid, int epoch, Runnable applied) {
            if (hangs) {
                held = applied;
            } else {
                applied.run();
            }
        }

        @Override
        public @Nullable String failure() {
            return failure;
        }
    }

    private final class Proposals extends NodeStubs.Proposals {
        @Override
        public void deviceDown(UUID deviceId, String reason) {
            down.add(deviceId.getLeastSignificantBits() + " " + reason);
        }
    }

    /** Notes what is presented to them. */
    private final class Hosts extends NodeStubs.Hosts {
        @Override
        public void onVolume(VolumeEntry volume, BlockDevice device) {
            presented.add(volume.nqn() + " " + volume.vuid());
        }

        @Override
        public void onVolumeGone(VolumeEntry volume) {
            presented.add("gone " + volume.vuid());
        }
    }

    DataNodeTest() {
        node = NodeStubs.node(clock, devices, new Proposals(), new Hosts());
    }

    private static ClusterMap map(long epoch, DeviceState stateOfFirst) {
        return map(epoch, stateOfFirst, 7, List.of(2));
    }

    private static ClusterMap map(
            long epoch, DeviceState stateOfFirst, int vuid, List<Integer> paths) {
        List<DeviceState> states = List.of(stateOfFirst, DeviceState.ONLINE, DeviceState.ONLINE);
        return NodeStubs.map(epoch, states, vuid, (int) epoch, 2, paths);
    }

    private void pollFor(long ns) {
        for (long passed = 0; passed < ns; passed += SECOND_NS / 10) {
            clock.advance(SECOND_NS / 10);
            node.leaseUntil(clock.nowNs() + SECOND_NS);
            node.poll(clock.nowNs());
        }
    }

    /** Its subsystem would be there twice, which ended the process. */
    @Test
    void aVolumeThatHasGoneBetweenTwoMapsLeavesItsNameToTheNext() {
        node.onMap(map(1, DeviceState.ONLINE, 7, List.of(2, 1)), () -> applied++);
        node.onMap(map(4, DeviceState.ONLINE, 8, List.of(2, 1)), () -> applied++);
        String nqn = "nqn.2026-11.io.stria:test:v";
        assertEquals(List.of(nqn + " 7", "gone 7", nqn + " 8"), presented);
    }

    @Test
    void aVolumeIsPresentedAsLongAsThisNodeIsOneOfItsPaths() {
        node.onMap(map(1, DeviceState.ONLINE, 7, List.of(2)), () -> applied++);
        assertEquals(List.of(), presented);
        node.onMap(map(2, DeviceState.ONLINE, 7, List.of(2, 1)), () -> applied++);
        node.onMap(map(3, DeviceState.ONLINE, 7, List.of(2, 1)), () -> applied++);
        assertEquals(List.of("nqn.2026-11.io.stria:test:v 7"), presented);
        node.onMap(map(4, DeviceState.ONLINE, 7, List.of(2)), () -> applied++);
        assertEquals(List.of("nqn.2026-11.io.stria:test:v 7", "gone 7"), presented);
    }

    @Test
    void aMapIsAppliedWithoutADeviceThatHangs() {
        devices.get(1).hangs = true;
        node.onMap(map(1, DeviceState.ONLINE), () -> applied++);
        pollFor(SECOND_NS / 2);
        assertEquals(0, applied, "it may only be slow");
        pollFor(SECOND_NS);
        assertEquals(1, applied);
        devices.get(1).held.run();
        pollFor(SECOND_NS);
        assertEquals(1, applied);
        assertTrue(devices.get(2).serves, "the others go on");
    }

    @Test
    void aDeviceThatFailedIsReportedUntilTheMapHasItDown() {
        node.onMap(map(1, DeviceState.ONLINE), () -> applied++);
        pollFor(3 * SECOND_NS);
        assertEquals(List.of(), down);
        devices.getFirst().failure = "it failed a write";
        pollFor(3 * SECOND_NS);
        assertEquals("0 it failed a write", down.getFirst());
        node.onMap(map(2, DeviceState.UNAVAILABLE), () -> applied++);
        down.clear();
        pollFor(3 * SECOND_NS);
        assertEquals(List.of(), down);
    }

    /** Its state in the map does not change by that, however often it is said. */
    @Test
    void aDeviceThatFailedWhileItIsDrainedIsNotReported() {
        devices.getFirst().failure = "it failed a write";
        node.onMap(map(1, DeviceState.DRAINING), () -> applied++);
        pollFor(3 * SECOND_NS);
        assertEquals(List.of(), down);
    }

    /**
     * It was drained, the node started without it, and somebody keeps it after all: the map says
     * that it is there.
     */
    @Test
    void aDeviceThatThisNodeDoesNotHaveIsReported() {
        ClusterMap map = map(1, DeviceState.ONLINE);
        for (DeviceState state : DeviceState.values()) {
            List<DeviceSlot> slots = new ArrayList<>(map.slots());
            slots.add(new DeviceSlot(3, new UUID(0, 9), 1, 1L << 30, 1, state));
            slots.add(new DeviceSlot(4, new UUID(0, 10), 2, 1L << 30, 1, state));
            map = map.next(map.nodes(), slots, map.volumes());
            node.onMap(map, () -> applied++);
            map = map.next(map.nodes(), map.slots().subList(0, 3), map.volumes());
            down.clear();
            pollFor(3 * SECOND_NS);
            boolean present = state == DeviceState.ONLINE || state == DeviceState.SYNCING;
            assertEquals(present, !down.isEmpty(), state.toString());
            assertTrue(
                    down.stream().allMatch("9 this node does not have it"::equals), down::toString);
        }
    }
}
