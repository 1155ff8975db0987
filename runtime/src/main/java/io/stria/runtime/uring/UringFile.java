package io.stria.runtime.uring;

import io.stria.runtime.BlockFile;
import io.stria.runtime.ffm.Errno;
import io.stria.runtime.ffm.Linux;
import io.stria.runtime.ffm.LinuxFile;
import java.lang.foreign.MemorySegment;

/** A file or block device on the engine's ring. */
final class UringFile implements BlockFile {
    private final IoUringEngine engine;
    private final LinuxFile file;
    private final int target;
    private final int blockBytes;
    private int inFlight;
    private boolean closed;
    private boolean released;

    UringFile(IoUringEngine engine, LinuxFile file, int blockBytes) {
        this.engine = engine;
        this.file = file;
        this.blockBytes = blockBytes;
        this.target = engine.ring().fix(file.fd());
    }

    int target() {
        return target;
    }

    @Override
    public long sizeBytes() {
        return file.sizeBytes();
    }

    @Override
    public int blockBytes() {
        return blockBytes;
    }

    @Override
    public void read(
            long offset,
            MemorySegment memory,
            long memoryOffset,
            int length,
            Completion completion,
            long token) {
        checkMemory(memory, memoryOffset, length);
        begin(FileOperation.Kind.READ, offset, memory, memoryOffset, length, completion, token);
    }

    @Override
    public void write(
            long offset,
            MemorySegment memory,
            long memoryOffset,
            int length,
            boolean durable,
            Completion completion,
            long token) {
        checkMemory(memory, memoryOffset, length);
        FileOperation.Kind kind =
                durable ? FileOperation.Kind.DURABLE_WRITE : FileOperation.Kind.WRITE;
        begin(kind, offset, memory, memoryOffset, length, completion, token);
    }

    @Override
    public void flush(Completion completion, long token) {
        begin(FileOperation.Kind.FLUSH, 0, MemorySegment.NULL, 0, 0, completion, token);
    }

    @Override
    public void discard(long offset, long length, Completion completion, long token) {
        begin(FileOperation.Kind.DISCARD, offset, MemorySegment.NULL, 0, length, completion, token);
    }

    @Override
    public void close() {
        closed = true;
        closeIfDone();
    }

    /** One operation was delivered, or is about to be. */
    void ended() {
        inFlight--;
        closeIfDone();
    }

    private void begin(
            FileOperation.Kind kind,
            long offset,
            MemorySegment memory,
            long memoryOffset,
            long length,
            Completion completion,
            long token) {
        checkRange(kind, offset, length);
        FileOperation operation = engine.takeFileOperation();
        operation.begin(this, kind, offset, memory, memoryOffset, length, completion, token);
        inFlight++;
        if (closed) {
            engine.deliverLater(() -> operation.complete(-Errno.EBADF));
        } else {
            operation.submit();
        }
    }

    private void checkRange(FileOperation.Kind kind, long offset, long length) {
        assert kind == FileOperation.Kind.FLUSH || length > 0 : "nothing to " + kind;
        assert offset >= 0 && offset + length <= file.sizeBytes()
                : "%d+%d is outside of %d bytes".formatted(offset, length, file.sizeBytes());
        assert offset % blockBytes == 0 && length % blockBytes == 0
                : "%d+%d is not aligned to %d".formatted(offset, length, blockBytes);
    }

    private void checkMemory(MemorySegment memory, long memoryOffset, int length) {
        assert memory.isNative() : "a device cannot reach heap memory";
        assert memoryOffset >= 0 && memoryOffset + length <= memory.byteSize()
                : "%d+%d is outside of %s".formatted(memoryOffset, length, memory);
        assert (memory.address() + memoryOffset) % blockBytes == 0
                : "memory is not aligned to " + blockBytes;
    }

    private void closeIfDone() {
        if (closed && inFlight == 0 && !released) {
            released = true;
            engine.ring().unfix(target);
            Linux.close(file.fd());
            engine.forget(this);
        }
    }
}
