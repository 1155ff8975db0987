package io.stria.dataplane.store;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.BlockFile;
import io.stria.runtime.sim.DiskConfig;
import io.stria.runtime.sim.SimulatedDisk;
import io.stria.runtime.sim.SimulatedEngine;
import io.stria.runtime.sim.SimulatedHost;
import io.stria.runtime.sim.Simulation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** A store on a simulated disk, and the plain way to talk to it. */
final class StoreHarness implements AutoCloseable {
    static final long FORMAT_ID = 0x1234_5678_9abcL;
    static final Path PATH = Path.of("device");
    static final DeviceIdentity IDENTITY = new DeviceIdentity(new UUID(1, 2), new UUID(3, 4), 8);
    private static final long LIMIT_NS = 100_000_000_000L;

    /** One answer. */
    static final class Call implements FragmentRequest.Completion {
        final FragmentRequest request = new FragmentRequest();
        @Nullable IoStatus status;
        long result;

        @Override
        public void complete(FragmentRequest completed, IoStatus newStatus, long newResult) {
            assert status == null : "completed twice";
            status = newStatus;
            result = newResult;
        }

        boolean isDone() {
            return status != null;
        }

        int flags(int i) {
            return FragmentFormat.flags(request.buffer, metadata(i));
        }

        long version(int i) {
            return FragmentFormat.version(request.buffer, metadata(i));
        }

        private long metadata(int i) {
            return (long) i * FragmentFormat.stride(request.fragmentBytes) + request.fragmentBytes;
        }

        MemorySegment data(int i) {
            return request.buffer.asSlice(
                    (long) i * FragmentFormat.stride(request.fragmentBytes), request.fragmentBytes);
        }
    }

    final DeviceIdentity identity;

    /** Of the next store that is opened, too. */
    StoreConfig config;

    final SimulatedHost host;
    final SimulatedDisk disk;
    SimulatedEngine engine;
    private Arena arena = Arena.ofShared();
    private @Nullable ChunkStore store;
    @Nullable String refusal;

    StoreHarness(long seed, long deviceBytes, int blockBytes, StoreConfig config) {
        this(seed, DiskConfig.flash(deviceBytes, blockBytes), config, IDENTITY);
    }

    StoreHarness(long seed, DiskConfig disk, StoreConfig config, DeviceIdentity identity) {
        this.identity = identity;
        this.config = config;
        this.host = new SimulatedHost(new Simulation(seed), "host");
        this.disk = host.addDisk(PATH, disk);
        this.engine = host.start();
    }

    static StoreHarness formatted(long seed, long deviceBytes, int blockBytes) {
        return formatted(seed, deviceBytes, blockBytes, StoreConfig.defaults());
    }

    static StoreHarness formatted(long seed, long deviceBytes, int blockBytes, StoreConfig config) {
        StoreHarness harness = new StoreHarness(seed, deviceBytes, blockBytes, config);
        harness.format();
        harness.open();
        return harness;
    }

    Simulation simulation() {
        return host.simulation();
    }

    BlockFile file() {
        try {
            return engine.openFile(
                    PATH, new BlockFile.Options(0, disk.config().blockBytes(), true));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void format() {
        boolean[] done = {false};
        BlockFile file = file();
        ChunkStore.format(
                file,
                identity,
                config,
                FORMAT_ID,
                arena,
                failure -> {
                    assert failure == null : failure;
                    done[0] = true;
                });
        engine.runUntil(() -> done[0]);
        file.close();
    }

    void open() {
        open(file());
    }

    void open(BlockFile file) {
        beginOpen(file);
        engine.runUntil(() -> store != null || refusal != null);
        assert refusal == null : refusal;
        store().serving(true);
    }

    void beginOpen() {
        beginOpen(file());
    }

    private void beginOpen(BlockFile file) {
        refusal = null;
        ChunkStore.open(
                file,
                identity,
                config,
                engine.timers(),
                arena,
                new ChunkStore.OpenListener() {
                    @Override
                    public void onOpen(ChunkStore opened) {
                        store = opened;
                        engine.drive(nowNs -> engine.poll() + opened.poll(nowNs));
                    }

                    @Override
                    public void onRefused(String reason) {
                        refusal = reason;
                    }
                });
    }

    boolean isOpen() {
        return store != null;
    }

    ChunkStore store() {
        ChunkStore open = store;
        assert open != null;
        return open;
    }

    void powerCut() {
        host.powerCut();
        restartHost();
    }

    void kill() {
        host.kill();
        restartHost();
    }

    void restartHost() {
        store = null;
        arena.close();
        arena = Arena.ofShared();
        engine = host.start();
    }

    void powerCutAndOpen() {
        powerCut();
        open();
    }

    @Override
    public void close() {
        arena.close();
    }

    Call submit(Call call) {
        call.request.completion = call;
        store().submit(call.request);
        return call;
    }

    IoStatus finish(Call call) {
        boolean done = simulation().runUntil(call::isDone, LIMIT_NS);
        assert done : call.request.op + " hangs; " + store().stats();
        IoStatus status = call.status;
        assert status != null;
        return status;
    }

    IoStatus run(Call call) {
        return finish(submit(call));
    }

    void runUntilIdle() {
        simulation().runFor(2_000_000_000L);
    }

    Call call(FragmentOp op, int vuid, int epoch, long association) {
        Call call = new Call();
        call.request.op = op;
        call.request.address = DeviceAddress.of(vuid, 0);
        call.request.fragmentBytes = 4096;
        call.request.epoch = epoch;
        call.request.association = association;
        return call;
    }

    /** Content that says what it is: of this fragment, in this version. */
    static void fill(MemorySegment data, long address, long version) {
        long word = Hash.mix(address * 31 + version);
        for (long at = 0; at < data.byteSize(); at += 8) {
            data.set(java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED, at, word + at);
        }
    }

    static boolean isContent(MemorySegment data, long address, long version) {
        long word = Hash.mix(address * 31 + version);
        for (long at = 0; at < data.byteSize(); at += 8) {
            if (data.get(java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED, at) != word + at) {
                return false;
            }
        }
        return true;
    }

    static int crc(MemorySegment data) {
        CRC32C crc = new CRC32C();
        crc.update(data.asByteBuffer());
        return (int) crc.getValue();
    }
}
