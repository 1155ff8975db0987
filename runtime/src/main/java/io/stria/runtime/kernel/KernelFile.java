package io.stria.runtime.kernel;

import io.stria.runtime.BlockAccess;
import io.stria.runtime.BlockFile;
import io.stria.runtime.ffm.Errno;
import io.stria.runtime.ffm.Linux;
import io.stria.runtime.ffm.LinuxFile;
import java.lang.foreign.MemorySegment;

/**
 * A file or block device of an engine: checks what is asked, and closes when nothing is in flight
 * any more. The engine says how an access is carried out.
 */
public abstract class KernelFile implements BlockFile {
    private final LinuxFile file;
    private final int blockBytes;
    private int inFlight;
    private boolean closed;
    private boolean released;

    protected KernelFile(LinuxFile file, int blockBytes) {
        this.file = file;
        this.blockBytes = blockBytes;
    }

    /** An access that is not under way. */
    protected abstract FileAccess takeAccess();

    /** Runs it at the beginning of the next poll. */
    protected abstract void deliverLater(Runnable delivery);

    /** The descriptor is about to be closed; nothing is in flight. */
    protected abstract void beforeClose();

    /** For whoever carries out accesses; owned by this. */
    public final int fd() {
        return file.fd();
    }

    @Override
    public final long sizeBytes() {
        return file.sizeBytes();
    }

    @Override
    public final int blockBytes() {
        return blockBytes;
    }

    @Override
    public final void read(
            long offset,
            MemorySegment memory,
            long memoryOffset,
            int length,
            Completion completion,
            long token) {
        BlockAccess.checkRange(this, offset, length);
        BlockAccess.checkMemory(this, memory, memoryOffset, length);
        begin(FileAccess.Kind.READ, offset, memory, memoryOffset, length, completion, token);
    }

    @Override
    public final void write(
            long offset,
            MemorySegment memory,
            long memoryOffset,
            int length,
            boolean durable,
            Completion completion,
            long token) {
        BlockAccess.checkRange(this, offset, length);
        BlockAccess.checkMemory(this, memory, memoryOffset, length);
        FileAccess.Kind kind = durable ? FileAccess.Kind.DURABLE_WRITE : FileAccess.Kind.WRITE;
        begin(kind, offset, memory, memoryOffset, length, completion, token);
    }

    @Override
    public final void flush(Completion completion, long token) {
        begin(FileAccess.Kind.FLUSH, 0, MemorySegment.NULL, 0, 0, completion, token);
    }

    @Override
    public final void discard(long offset, long length, Completion completion, long token) {
        BlockAccess.checkRange(this, offset, length);
        begin(FileAccess.Kind.DISCARD, offset, MemorySegment.NULL, 0, length, completion, token);
    }

    @Override
    public final void close() {
        closed = true;
        closeIfDone();
    }

    /** One access was delivered, or is about to be. */
    final void ended() {
        inFlight--;
        closeIfDone();
    }

    private void begin(
            FileAccess.Kind kind,
            long offset,
            MemorySegment memory,
            long memoryOffset,
            long length,
            Completion completion,
            long token) {
        FileAccess access = takeAccess();
        access.begin(this, kind, offset, memory, memoryOffset, length, completion, token);
        inFlight++;
        if (closed) {
            deliverLater(() -> access.complete(-Errno.EBADF));
        } else {
            access.submit();
        }
    }

    private void closeIfDone() {
        if (closed && inFlight == 0 && !released) {
            released = true;
            beforeClose();
            Linux.close(file.fd());
        }
    }
}
