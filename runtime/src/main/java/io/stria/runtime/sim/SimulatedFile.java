package io.stria.runtime.sim;

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
        checkMemory(target, targetOffset, length);
        submit(
                DiskObserver.Kind.READ,
                target,
                targetOffset,
                checked(offset, length),
                length,
                completion,
                token);
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
        checkMemory(source, sourceOffset, length);
        submit(
                durable ? DiskObserver.Kind.DURABLE_WRITE : DiskObserver.Kind.WRITE,
                source,
                sourceOffset,
                checked(offset, length),
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
        submit(
                DiskObserver.Kind.DISCARD,
                MemorySegment.NULL,
                0,
                checked(offset, length),
                length,
                completion,
                token);
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

    private long checked(long offset, long length) {
        assert offset >= 0 && length > 0 && offset + length <= sizeBytes()
                : "%d+%d is not on %s".formatted(offset, length, disk);
        assert offset % blockBytes == 0 && length % blockBytes == 0
                : "%d+%d is not aligned to %d".formatted(offset, length, blockBytes);
        return offset;
    }

    private void checkMemory(MemorySegment memory, long memoryOffset, int length) {
        assert memory.isNative() : "a device cannot reach heap memory";
        assert memoryOffset >= 0 && memoryOffset + length <= memory.byteSize()
                : "%d+%d is not in %s".formatted(memoryOffset, length, memory);
        assert (memory.address() + memoryOffset) % blockBytes == 0
                : "memory is not aligned to " + blockBytes;
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
