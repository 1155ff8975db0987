package io.stria.dataplane.study;

import com.sun.management.ThreadMXBean;
import io.stria.clustermap.Scheme;
import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.volume.OwnerConfig;
import io.stria.runtime.BlockFile;
import io.stria.runtime.Memory;
import io.stria.runtime.MemoryFile;
import io.stria.runtime.nio.NioConfig;
import io.stria.runtime.nio.NioEngine;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;

/**
 * What random IO of 4 KiB on a 2+2 volume costs the reactor that has its owner and its four stores,
 * on devices in memory. Stepped by the thread that made it.
 */
final class VolumeCosts implements AutoCloseable {
    private static final int DEVICES = 4;
    private static final long DEVICE_BYTES = 256L << 20;
    private static final long VOLUME_BYTES = 64L << 20;
    private static final long BLOCKS = VOLUME_BYTES / BlockDevice.BLOCK_BYTES;
    private static final int CHUNK = 32;
    private static final int DEPTH = 16;
    private static final int WARM = 40_000;
    private static final int WINDOWS = 6;
    private static final int WINDOW = 10_000;
    private static final int SHORT_WINDOWS = 120;
    private static final int SHORT_WINDOW = 64;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final SteppedReactor stepped;
    private final StudyHosts hosts;
    private final LongUnaryOperator anywhere = StudyHosts.anyOf(BLOCKS);
    private final MemorySegment memory = Arena.ofAuto().allocate(2 * CHUNK << 12, 4096);

    VolumeCosts() throws IOException {
        Memory shared = new Memory();
        NioEngine engine = new NioEngine(NioConfig.DEFAULT, shared);
        stepped = new SteppedReactor(engine);
        List<BlockFile> devices = new ArrayList<>();
        for (int i = 0; i < DEVICES; i++) {
            devices.add(new MemoryFile(engine, shared, "device-" + i, DEVICE_BYTES, 4096));
        }
        StudyVolume volume =
                new StudyVolume(
                        stepped.reactor(),
                        stepped::until,
                        devices,
                        new Scheme(2),
                        VOLUME_BYTES,
                        OwnerConfig.DEFAULT);
        hosts = new StudyHosts(volume, engine.clock(), DEPTH, CHUNK);
        stepped.reactor().addPoller(hosts);
        run(IoOp.WRITE, CHUNK, (int) (BLOCKS / CHUNK), i -> i * CHUNK);
        run(IoOp.WRITE, WARM);
        run(IoOp.READ, WARM);
    }

    private void run(IoOp op, int blocks, int count, LongUnaryOperator where) {
        hosts.ask(op, blocks, count, where);
        stepped.until(hosts::isDone);
    }

    private void run(IoOp op, int count) {
        run(op, 1, count, anywhere);
    }

    /** Bytes that the reactor's thread allocates for each: the fewest of some windows. */
    double allocated(IoOp op) {
        long fewest = Long.MAX_VALUE;
        for (int window = 0; window < WINDOWS; window++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            run(op, WINDOW);
            fewest = Math.min(fewest, threads.getCurrentThreadAllocatedBytes() - before);
        }
        return (double) fewest / WINDOW;
    }

    /** Time for each, by that of a copy of 4 KiB. */
    double time(IoOp op) {
        long[] ios = new long[SHORT_WINDOWS];
        long[] copies = new long[SHORT_WINDOWS];
        for (int window = 0; window < SHORT_WINDOWS; window++) {
            long beganNs = System.nanoTime();
            run(op, SHORT_WINDOW);
            long endedNs = System.nanoTime();
            for (int i = 0; i < SHORT_WINDOW; i++) {
                long from = (long) i % CHUNK << 12;
                MemorySegment.copy(memory, from, memory, CHUNK << 12, 4096);
            }
            ios[window] = endedNs - beganNs;
            copies[window] = System.nanoTime() - endedNs;
        }
        return Samples.low(ios) / Samples.low(copies);
    }

    @Override
    public void close() {
        stepped.close();
    }
}
