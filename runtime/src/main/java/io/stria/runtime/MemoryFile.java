package io.stria.runtime;

import io.stria.runtime.ffm.Linux;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/**
 * A device in this process's memory: as fast as a copy, and gone with the process. "Durable" means
 * nothing here. What is asked for is done at once and told from the next poll. Owned by the reactor
 * of its engine.
 */
public final class MemoryFile implements BlockFile {
    private static final int EBADF = 9;

    private final Engine engine;
    private final Memory memory;
    private final MemorySegment content;
    private final int blockBytes;
    private final ArrayDeque<Access> idle = new ArrayDeque<>();
    private int inFlight;
    private boolean closed;
    private boolean freed;

    /**
     * Reads as zeros, and takes room only where it was written.
     *
     * @param sizeBytes a multiple of {@code blockBytes}
     */
    public MemoryFile(Engine engine, Memory memory, String tag, long sizeBytes, int blockBytes) {
        if (sizeBytes <= 0 || sizeBytes % blockBytes != 0) {
            throw new IllegalArgumentException(
                    "%s: %d bytes in blocks of %d".formatted(tag, sizeBytes, blockBytes));
        }
        this.engine = engine;
        this.memory = memory;
        this.content = memory.allocate(tag, sizeBytes);
        Linux.preferLargePages(content);
        this.blockBytes = blockBytes;
    }

    @Override
    public long sizeBytes() {
        return content.byteSize();
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
        if (!closed) {
            MemorySegment.copy(content, offset, target, targetOffset, length);
        }
        end(completion, token, length);
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
        if (!closed) {
            MemorySegment.copy(source, sourceOffset, content, offset, length);
        }
        end(completion, token, length);
    }

    @Override
    public void flush(Completion completion, long token) {
        end(completion, token, 0);
    }

    /** It reads as zeros afterwards. */
    @Override
    public void discard(long offset, long length, Completion completion, long token) {
        BlockAccess.checkRange(this, offset, length);
        if (!closed) {
            Linux.clear(content.asSlice(offset, length));
        }
        end(completion, token, 0);
    }

    @Override
    public void close() {
        closed = true;
        freeIfDone();
    }

    private void end(Completion completion, long token, int result) {
        Access ended = idle.pollLast();
        Access access = ended != null ? ended : new Access();
        access.completion = completion;
        access.token = token;
        access.result = closed ? -EBADF : result;
        inFlight++;
        engine.deliverLater(access);
    }

    private void freeIfDone() {
        if (closed && inFlight == 0 && !freed) {
            freed = true;
            memory.free(content);
        }
    }

    /** An access that was done and is to be told. Pooled. */
    private final class Access implements Runnable {
        private Completion completion = (token, result) -> {};
        private long token;
        private int result;

        @Override
        public void run() {
            Completion listener = completion;
            long listenerToken = token;
            int told = result;
            idle.addLast(this);
            inFlight--;
            freeIfDone();
            listener.complete(listenerToken, told);
        }
    }
}
