package io.stria.runtime.uring;

import io.stria.runtime.BlockFile;
import io.stria.runtime.ffm.Errno;
import io.stria.runtime.ffm.IoUring;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One access to one file, until all of it is done: what the kernel did only in part is asked for
 * again. Pooled by the engine.
 */
final class FileOperation extends Operation {
    enum Kind {
        READ,
        WRITE,
        DURABLE_WRITE,
        FLUSH,
        DISCARD
    }

    private static final int TRIES_MAX = 100;

    private final IoUringEngine engine;
    private @Nullable UringFile file;
    private BlockFile.@Nullable Completion completion;
    private Kind kind = Kind.FLUSH;
    private long token;
    private long offset;
    private long length;
    private long done;
    private int tries;

    /** Kept so that memory that is freed with its last reference stays. */
    private MemorySegment memory = MemorySegment.NULL;

    private long address;

    FileOperation(IoUringEngine engine) {
        this.engine = engine;
    }

    void begin(
            UringFile onFile,
            Kind newKind,
            long fileOffset,
            MemorySegment newMemory,
            long memoryOffset,
            long bytes,
            BlockFile.Completion newCompletion,
            long newToken) {
        file = onFile;
        kind = newKind;
        offset = fileOffset;
        memory = newMemory;
        address = newMemory.address() + memoryOffset;
        length = bytes;
        completion = newCompletion;
        token = newToken;
        done = 0;
        tries = 0;
    }

    void submit() {
        IoUring ring = engine.ring();
        int target = file().target();
        int left = (int) (length - done);
        switch (kind) {
            case READ -> ring.read(target, offset + done, address + done, left, start());
            case WRITE -> ring.write(target, offset + done, address + done, left, 0, start());
            case DURABLE_WRITE ->
                    ring.write(
                            target, offset + done, address + done, left, IoUring.DURABLE, start());
            case FLUSH -> ring.syncData(target, start());
            case DISCARD -> ring.punchHole(target, offset, length, start());
        }
    }

    @Override
    protected void onCompletion(int result, int flags) {
        boolean again = result == -Errno.EAGAIN || result == -Errno.EINTR;
        if (again && tries++ < TRIES_MAX) {
            submit();
            return;
        }
        switch (kind) {
            case READ, WRITE, DURABLE_WRITE -> advance(result);
            case FLUSH -> complete(result);
            case DISCARD -> complete(result == -Errno.EOPNOTSUPP ? 0 : result);
        }
    }

    /** Ends it without asking the kernel; called from within poll. */
    void complete(int result) {
        UringFile ended = file();
        BlockFile.Completion listener = completion;
        long listenerToken = token;
        file = null;
        completion = null;
        memory = MemorySegment.NULL;
        engine.release(this);
        ended.ended();
        if (listener != null && engine.delivers()) {
            listener.complete(listenerToken, result);
        }
    }

    private void advance(int result) {
        if (result <= 0) {
            complete(result == 0 ? -Errno.EIO : result);
            return;
        }
        done += result;
        if (done < length) {
            submit();
        } else {
            complete((int) length);
        }
    }

    private UringFile file() {
        return Objects.requireNonNull(file, "no operation under way");
    }
}
