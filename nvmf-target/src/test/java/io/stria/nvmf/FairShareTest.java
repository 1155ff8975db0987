package io.stria.nvmf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.nvme.AnaState;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Volumes that are stuck, with all that their hosts ask for, beside one that is not. */
class FairShareTest {
    private static final int SMALL = World.FEW_BUFFERS.smallCount();
    private static final int LARGE = World.FEW_BUFFERS.largeCount();
    private static final long SOON_NS = 10_000_000;

    private final World world = new World();
    private final List<MemoryDevice> devices = new ArrayList<>();

    @AfterEach
    void closeWorld() {
        devices.forEach(MemoryDevice::letGo);
        world.runFor(1_000_000_000L);
        world.close();
    }

    private HostQueue addVolume() {
        int number = devices.size();
        String nqn = "nqn.2026-11.io.stria:volume:v" + number;
        MemoryDevice device = new MemoryDevice(world.node.timers(), 512);
        VolumeSubsystem volume =
                new VolumeSubsystem(SubsystemIdentity.of(nqn, new UUID(3, number), "1.0"), 512);
        volume.setDevice(device);
        volume.setAnaState(AnaState.OPTIMIZED);
        world.target.add(volume);
        devices.add(device);
        TestHost host = new TestHost(world.host, world.address, nqn, HostQueue.Style.PLAIN);
        return host.enable().connectIo(1);
    }

    private void stuff(HostQueue queue) {
        for (int i = 0; i < 30; i++) {
            TestHost.submitWrite(queue, i, new byte[65536]);
            TestHost.submitRead(queue, i, 32);
            TestHost.submitRead(queue, i, 1);
            TestHost.submitWrite(queue, i, new byte[4096]);
        }
    }

    private static boolean isAnswered(HostQueue queue, List<Integer> ids) {
        return ids.stream().allMatch(queue::isAnswered);
    }

    @Test
    void volumesThatAreStuckHoldNoOtherUp() {
        HostQueue good = addVolume();
        for (int stuck = 1; stuck <= 4; stuck++) {
            HostQueue queue = addVolume();
            devices.getLast().hold();
            stuff(queue);
            world.runFor(SOON_NS);
            List<Integer> ids =
                    List.of(
                            TestHost.submitWrite(good, 0, new byte[65536]),
                            TestHost.submitRead(good, 0, 40),
                            TestHost.submitWrite(good, 0, new byte[4096]),
                            TestHost.submitRead(good, 0, 1));
            world.runFor(SOON_NS);
            assertTrue(isAnswered(good, ids), stuck + " volumes that are stuck hold others up");
        }
        assertFalse(world.target.freeBuffers() == 0);
    }

    @Test
    void whatWaitsGoesOnWhenTheVolumeDoes() {
        HostQueue queue = addVolume();
        devices.getFirst().hold();
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            ids.add(TestHost.submitWrite(queue, i, new byte[65536]));
            ids.add(TestHost.submitRead(queue, i, 1));
        }
        world.runFor(SOON_NS);
        assertTrue(world.target.freeBuffers() >= (SMALL + LARGE) / 2 - 1);
        devices.getFirst().letGo();
        for (int id : ids) {
            assertTrue(queue.await(id).isOk());
        }
        assertEquals(World.count(World.FEW_BUFFERS), world.target.freeBuffers());
    }
}
