package io.stria.dataplane.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.store.ChunkStore;
import io.stria.dataplane.store.DeviceIdentity;
import io.stria.dataplane.store.StoreConfig;
import io.stria.runtime.BlockFile;
import io.stria.runtime.sim.DiskConfig;
import io.stria.runtime.sim.SimulatedDisk;
import io.stria.runtime.sim.SimulatedEngine;
import io.stria.runtime.sim.SimulatedHost;
import io.stria.runtime.sim.SimulatedNetwork;
import io.stria.runtime.sim.Simulation;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A real store on a simulated disk, in its roles on a node. */
class DeviceStoreTest {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long DEVICE_BYTES = 16L << 20;
    private static final int VUID = 7;

    private final Simulation simulation = new Simulation(1);
    private final SimulatedHost host = new SimulatedNetwork(simulation).addHost("h", "10.0.0.1");
    private final SimulatedDisk disk =
            host.addDisk(Path.of("device"), DiskConfig.flash(DEVICE_BYTES, 4096));
    private final SimulatedEngine engine = host.start();
    private final Arena arena = Arena.ofAuto();
    private final List<IoStatus> ended = new ArrayList<>();
    private @Nullable DeviceStore store;
    private boolean stands;

    DeviceStoreTest() throws IOException {
        BlockFile file = engine.openFile(Path.of("device"), new BlockFile.Options(0, 4096, true));
        DeviceIdentity identity = new DeviceIdentity(new UUID(1, 2), new UUID(3, 4), 8);
        StoreConfig config =
                new StoreConfig(1 << 20, 1 << 16, 1 << 18, 1 << 18, 4096, 16384, 30, 50_000_000L);
        engine.drive(
                nowNs ->
                        stands || store == null ? engine.poll() : engine.poll() + store.poll(nowNs),
                () -> engine.clock().nowNs() + 1_000_000);
        ChunkStore.format(
                file,
                identity,
                config,
                9,
                arena,
                failure ->
                        ChunkStore.open(
                                file,
                                identity,
                                config,
                                engine.timers(),
                                arena,
                                new ChunkStore.OpenListener() {
                                    @Override
                                    public void onOpen(ChunkStore opened) {
                                        store =
                                                new DeviceStore(
                                                        opened,
                                                        engine.clock(),
                                                        new AtomicLong(50)::incrementAndGet);
                                    }

                                    @Override
                                    public void onRefused(String reason) {
                                        throw new AssertionError(reason);
                                    }
                                }));
        assertTrue(simulation.runUntil(() -> store != null, SECOND_NS));
    }

    private void lease(long ns) {
        store.leaseUntil(engine.clock().nowNs() + ns);
    }

    private IoStatus unmap(long version) {
        return unmap(version, 10 * SECOND_NS);
    }

    private IoStatus unmap(long version, long limitNs) {
        return run(FragmentOp.UNMAP, version, limitNs);
    }

    private IoStatus run(FragmentOp op, long version) {
        return run(op, version, 10 * SECOND_NS);
    }

    private IoStatus run(FragmentOp op, long version, long limitNs) {
        FragmentRequest request = new FragmentRequest();
        request.op = op;
        request.address = DeviceAddress.of(VUID, 0);
        request.count = 1;
        request.fragmentBytes = 4096;
        request.epoch = 1;
        request.version = version;
        request.association = 5;
        request.completion = (r, status, result) -> ended.add(status);
        int before = ended.size();
        store.submit(request);
        stands = false;
        assertTrue(simulation.runUntil(() -> ended.size() > before, simulation.nowNs() + limitNs));
        return ended.getLast();
    }

    @Test
    void whatComesAfterTheEndOfTheLeaseIsRefusedThoughNobodyHasSaidSo() {
        lease(SECOND_NS);
        assertEquals(IoStatus.OK, run(FragmentOp.ATTACH, 0));
        assertEquals(IoStatus.OK, unmap(1));
        stands = true; // the process is paused, and finds commands when it goes on
        simulation.runFor(2 * SECOND_NS);
        assertEquals(IoStatus.NOT_SERVING, unmap(2));
        lease(SECOND_NS);
        assertEquals(IoStatus.OK, unmap(3));
    }

    @Test
    void aFailedDeviceWithADeletedVolumeComesToRest() {
        lease(100 * SECOND_NS);
        assertEquals(IoStatus.OK, run(FragmentOp.ATTACH, 0));
        assertEquals(IoStatus.OK, unmap(1));
        disk.faults().failWrites(0, DEVICE_BYTES);
        assertEquals(IoStatus.MEDIA_ERROR, unmap(2));
        assertEquals("it failed a write", store.failure());
        store.retainVolumes(vuid -> false);
        simulation.runFor(SECOND_NS);
        assertTrue(store.isIdle());
        assertEquals(0, store.poll(engine.clock().nowNs()));
    }

    @Test
    void aDeviceThatDoesNotComeBackHasFailedAndItsCommandsEnd() {
        lease(100 * SECOND_NS);
        assertEquals(IoStatus.OK, run(FragmentOp.ATTACH, 0));
        disk.hang();
        long asked = simulation.nowNs();
        assertEquals(IoStatus.MEDIA_ERROR, unmap(1, 20 * SECOND_NS));
        assertTrue(simulation.nowNs() - asked >= 10 * SECOND_NS, "a long time is not for ever");
        assertEquals("it has not answered for 10 s", store.failure());
        assertTrue(store.isIdle(), "nobody waits for it in a loop");
        disk.resume();
        simulation.runFor(SECOND_NS);
        assertEquals(IoStatus.MEDIA_ERROR, unmap(2), "what it was asked is open");
    }

    @Test
    void aDeviceThatIsSlowOrAProcessThatStandsStillIsNoFailure() {
        lease(100 * SECOND_NS);
        assertEquals(IoStatus.OK, run(FragmentOp.ATTACH, 0));
        disk.hang();
        simulation.after(9 * SECOND_NS, disk::resume);
        assertEquals(IoStatus.OK, unmap(1));
        disk.hang();
        simulation.after(SECOND_NS, () -> stands = true);
        simulation.after(30 * SECOND_NS, disk::resume);
        simulation.after(31 * SECOND_NS, () -> stands = false);
        assertEquals(IoStatus.OK, unmap(2, 40 * SECOND_NS));
        assertEquals(null, store.failure());
    }
}
