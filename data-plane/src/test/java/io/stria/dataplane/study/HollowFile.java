package io.stria.dataplane.study;

import io.stria.runtime.BlockFile;
import io.stria.runtime.Engine;
import io.stria.runtime.Memory;
import io.stria.runtime.MemoryFile;
import java.lang.foreign.MemorySegment;

/**
 * A device that keeps its first bytes alone; all others read as zeros whatever was written. So a
 * store can hold more than a machine has, as long as nobody needs what it wrote.
 */
final class HollowFile implements BlockFile {
    private static final long KEPT_BYTES = 65536;

    private final Engine engine;
    private final MemoryFile kept;
    private final long sizeBytes;

    HollowFile(Engine engine, Memory memory, long sizeBytes) {
        this.engine = engine;
        this.kept = new MemoryFile(engine, memory, "kept", KEPT_BYTES, 4096);
        this.sizeBytes = sizeBytes;
    }

    private static boolean isKept(long offset, long length) {
        return offset + length <= KEPT_BYTES;
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public int blockBytes() {
        return kept.blockBytes();
    }

    @Override
    public void read(
            long offset,
            MemorySegment target,
            long targetOffset,
            int length,
            Completion completion,
            long token) {
        if (isKept(offset, length)) {
            kept.read(offset, target, targetOffset, length, completion, token);
        } else {
            target.asSlice(targetOffset, length).fill((byte) 0);
            end(completion, token, length);
        }
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
        if (isKept(offset, length)) {
            kept.write(offset, source, sourceOffset, length, durable, completion, token);
        } else {
            end(completion, token, length);
        }
    }

    @Override
    public void flush(Completion completion, long token) {
        end(completion, token, 0);
    }

    @Override
    public void discard(long offset, long length, Completion completion, long token) {
        end(completion, token, 0);
    }

    private void end(Completion completion, long token, int result) {
        engine.deliverLater(() -> completion.complete(token, result));
    }

    @Override
    public void close() {
        kept.close();
    }
}
