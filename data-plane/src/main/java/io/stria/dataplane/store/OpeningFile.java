package io.stria.dataplane.store;

import io.stria.runtime.BlockFile;
import java.lang.foreign.MemorySegment;

/**
 * A device while it is opened: missed when it does not come back, and {@linkplain #leave left}
 * then. Whoever waits for it hears no more of what it completes later.
 */
final class OpeningFile implements BlockFile {
    private final BlockFile file;
    private final HangWatch hang = new HangWatch();
    private boolean left;

    OpeningFile(BlockFile file) {
        this.file = file;
    }

    /** See {@link HangWatch#silentNs}. */
    long silentNs(long nowNs) {
        return hang.silentNs(nowNs);
    }

    void leave() {
        left = true;
    }

    private Completion watched(Completion completion) {
        hang.begun();
        return (token, result) -> {
            hang.moved();
            hang.ended();
            if (!left) {
                completion.complete(token, result);
            }
        };
    }

    @Override
    public long sizeBytes() {
        return file.sizeBytes();
    }

    @Override
    public int blockBytes() {
        return file.blockBytes();
    }

    @Override
    public void read(
            long offset,
            MemorySegment target,
            long targetOffset,
            int length,
            Completion completion,
            long token) {
        file.read(offset, target, targetOffset, length, watched(completion), token);
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
        file.write(offset, source, sourceOffset, length, durable, watched(completion), token);
    }

    @Override
    public void flush(Completion completion, long token) {
        file.flush(watched(completion), token);
    }

    @Override
    public void discard(long offset, long length, Completion completion, long token) {
        file.discard(offset, length, watched(completion), token);
    }

    @Override
    public int poll() {
        return file.poll();
    }

    @Override
    public void close() {
        file.close();
    }
}
