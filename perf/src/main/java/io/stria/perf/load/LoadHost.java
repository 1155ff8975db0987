package io.stria.perf.load;

import io.stria.runtime.Memory;
import io.stria.runtime.ffm.Linux;
import io.stria.runtime.uring.IoUringEngine;
import io.stria.runtime.uring.UringConfig;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A host with one thread, which never sleeps unless it is told to, and a queue for each 32 IOs. It
 * costs less than what it measures: what it reads is dropped where it was received.
 */
public final class LoadHost implements AutoCloseable {
    private static final int DATA_BYTES = 1 << 20;

    /** A send ring holds the data of all of a queue's writes, so that none waits for room. */
    private static final UringConfig CONFIG = new UringConfig(1024, 8192, 256 << 10, 8 << 20);

    private static final long CONNECT_NS = 10_000_000_000L;
    private static final long DRAIN_NS = 10_000_000_000L;
    private static final long SLEEP_NS = 1_000_000L;

    private final IoUringEngine engine;
    private final Arena arena = Arena.ofShared();
    private final LoadCounts counts = new LoadCounts();
    private final AdminLink admin;
    private final List<IoLink> queues = new ArrayList<>();
    private final TargetAddress target;
    private boolean sleeps;

    /**
     * Connects, on this thread, which the host keeps.
     *
     * @param cpu to be pinned to; negative: none
     * @throws IOException with a sentence when the target does not take it
     */
    public LoadHost(TargetAddress target, int queueCount, int cpu) throws IOException {
        if (cpu >= 0) {
            Linux.pinCurrentThread(cpu);
        }
        this.target = target;
        this.engine = new IoUringEngine(CONFIG, new Memory());
        MemorySegment data = arena.allocate(DATA_BYTES, 4096);
        byte[] bytes = new byte[DATA_BYTES];
        new Random(1).nextBytes(bytes);
        data.copyFrom(MemorySegment.ofArray(bytes));
        admin = new AdminLink(arena, target, queueCount);
        engine.connect(target.address(), admin);
        await(admin::isDone);
        for (int id = 1; id <= queueCount; id++) {
            IoLink queue =
                    new IoLink(arena, target, id, admin, data, counts, Workload.of("randread", 1));
            queues.add(queue);
            engine.connect(target.address(), queue);
        }
        await(() -> queues.stream().allMatch(HostLink::isConnected));
    }

    private void await(BooleanSupplier condition) throws IOException {
        long deadlineNs = System.nanoTime() + CONNECT_NS;
        while (!condition.getAsBoolean()) {
            engine.poll();
            check();
            if (System.nanoTime() > deadlineNs) {
                throw new IOException(target + " does not answer");
            }
        }
    }

    private void check() throws IOException {
        if (admin.failure() != null) {
            throw new IOException(target + ": " + admin.failure());
        }
        for (IoLink queue : queues) {
            if (queue.failure() != null) {
                throw new IOException(target + ": " + queue.failure());
            }
        }
    }

    /** From now on it sleeps while it waits for answers: for hosts beside what they measure. */
    public void sleepWhenIdle() {
        sleeps = true;
    }

    /** Size of the namespace. */
    public long bytes() {
        return admin.blocks() * admin.blockBytes();
    }

    /** Writes the first bytes of the namespace once, so that reads find something. */
    public void fill(long spanBytes) throws IOException {
        Workload writes = Workload.of("write", 8);
        repeat(writes, spanBytes, spanBytes / writes.bytes());
    }

    /**
     * Does as many IOs, and the few that are under way when these have ended.
     *
     * @throws IOException with a sentence when one of them fails
     */
    public void repeat(Workload work, long spanBytes, long ios) throws IOException {
        run(work, spanBytes, () -> counts.ended >= ios);
        if (counts.failed > 0) {
            throw new IOException(
                    "%s: %d of %d failed".formatted(work.title(), counts.failed, ios));
        }
    }

    /**
     * Does IO for this long and measures.
     *
     * @param pid whose processor time counts; 0: nobody's
     */
    public LoadResult measure(
            Workload work, long spanBytes, double warmSeconds, double seconds, long pid)
            throws IOException {
        if (warmSeconds > 0) {
            long warmUntilNs = System.nanoTime() + (long) (warmSeconds * 1e9);
            run(work, spanBytes, () -> System.nanoTime() >= warmUntilNs);
        }
        double cpuUs = ProcessCpu.us(pid);
        double ownUs = ProcessCpu.ownThreadUs();
        long startNs = System.nanoTime();
        long endNs = startNs + (long) (seconds * 1e9);
        run(work, spanBytes, () -> System.nanoTime() >= endNs);
        double elapsed = (System.nanoTime() - startNs) / 1e9;
        long ios = Math.max(1, counts.ended);
        return new LoadResult(
                ios,
                counts.failed,
                elapsed,
                Latency.of(counts.all()),
                Latency.of(counts.readNs),
                Latency.of(counts.writeNs),
                (ProcessCpu.us(pid) - cpuUs) / ios,
                (ProcessCpu.ownThreadUs() - ownUs) / ios);
    }

    private void run(Workload work, long spanBytes, BooleanSupplier over) throws IOException {
        counts.reset();
        long share = spanBytes / work.queues() / work.bytes() * work.bytes();
        for (int i = 0; i < work.queues(); i++) {
            boolean apart = work.sequential();
            queues.get(i)
                    .run(
                            work,
                            work.isPaced() ? 0 : work.depthOf(i),
                            apart ? i * share : 0,
                            apart ? share : spanBytes);
        }
        drive(work, over);
        for (IoLink queue : queues) {
            queue.run(work, 0, 0, spanBytes);
        }
        drain();
    }

    private void drive(Workload work, BooleanSupplier over) throws IOException {
        @Nullable Pacer pacer =
                work.isPaced() ? new Pacer(work.perSecond(), System.nanoTime(), queues) : null;
        while (!over.getAsBoolean()) {
            int done = 0;
            for (int turn = 0; turn < 16; turn++) {
                done += engine.poll();
                if (pacer != null) {
                    pacer.poll(System.nanoTime());
                }
            }
            check();
            if (sleeps && done == 0) {
                engine.await(SLEEP_NS);
            }
        }
    }

    private void drain() throws IOException {
        long deadlineNs = System.nanoTime() + DRAIN_NS;
        while (!queues.stream().allMatch(IoLink::isIdle)) {
            engine.poll();
            check();
            if (System.nanoTime() > deadlineNs) {
                throw new IOException(target + ": IOs do not end");
            }
        }
    }

    @Override
    public void close() {
        engine.close();
    }
}
