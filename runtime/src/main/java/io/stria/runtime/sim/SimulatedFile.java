package io.stria.runtime.sim;

import io.stria.runtime.BlockAccess;
import io.stria.runtime.BlockFile;
import java.lang.foreign.MemorySegment;

/** One engine's open handle of a {@link SimulatedDisk}. */
final class SimulatedFile implements BlockFile {
    private final SimulatedEngine engine;
    private final SimulatedDisk disk;
    private final int blockBytes;
    private int inFlight;
    private boolean closed;

    SimulatedFile(SimulatedEngine engine, SimulatedDisk disk, int blockBytes) {
        this.engine = engine;
        this.disk = disk;
        this.blockBytes = blockBytes;
    }

    SimulatedEngine engine() {
        return engine;
    }

    @Override
    public long sizeBytes() {
        return disk.config().sizeBytes();
    }

    @Override
    public int blockBytes() {
        return blockBytes;
    }

    @Override
    public void read(
            long offset,
            MemorySegment target,
            long targetOffset,
            int length,
            Completion completion,
            long token) {
        BlockAccess.checkRange(this, offset, length);
        BlockAccess.checkMemory(this, target, targetOffset, length);
        submit(DiskObserver.Kind.READ, target, targetOffset, offset, length, completion, token);
    }

    @Override
    public void write(
            long offset,
            MemorySegment source,
            long sourceOffset,
            int length,
            boolean durable,
            Completion completion,
            long token) {
        BlockAccess.checkRange(this, offset, length);
        BlockAccess.checkMemory(this, source, sourceOffset, length);
        submit(
                durable ? DiskObserver.Kind.DURABLE_WRITE : DiskObserver.Kind.WRITE,
                source,
                sourceOffset,
                offset,
                length,
                completion,
                token);
    }

    @Override
    public void flush(Completion completion, long token) {
        submit(DiskObserver.Kind.FLUSH, MemorySegment.NULL, 0, 0, 0, completion, token);
    }

    @Override
    public void discard(long offset, long length, Completion completion, long token) {
        BlockAccess.checkRange(this, offset, length);
        submit(DiskObserver.Kind.DISCARD, MemorySegment.NULL, 0, offset, length, completion, token);
    }

    private void submit(
            DiskObserver.Kind kind,
            MemorySegment memory,
            long memoryOffset,
            long offset,
            long length,
            Completion completion,
            long token) {
        if (engine.isDead()) {
            return;
        }
        DiskRequest request =
                new DiskRequest(
                        disk, this, kind, memory, memoryOffset, offset, length, completion, token);
        inFlight++;
        if (closed) {
            request.result = -Errno.EBADF;
            engine.deliverSoon(request);
        } else {
            disk.submit(request);
        }
    }

    /** A completion of this file is about to be delivered. */
    void finished() {
        inFlight--;
        unlockIfDone();
    }

    @Override
    public void close() {
        closed = true;
        unlockIfDone();
    }

    /** The process died: whatever is still in flight is the disk's affair now. */
    void abandon() {
        disk.unlock(this);
    }

    private void unlockIfDone() {
        if (closed && inFlight == 0) {
            disk.unlock(this);
        }
    }
}
