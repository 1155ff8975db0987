package io.stria.runtime.kernel;

import io.stria.runtime.BlockFile;
import io.stria.runtime.ffm.Errno;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One access to one file, until all of it is done: what the kernel did only in part is asked for
 * again. Made and pooled by an engine; begun and completed on its thread, while {@link #advance}
 * belongs to whoever carries the access out.
 */
public abstract class FileAccess {
    /** What is asked of the kernel. */
    public enum Kind {
        READ,
        WRITE,
        DURABLE_WRITE,
        FLUSH,
        DISCARD
    }

    private static final int TRIES_MAX = 100;

    private @Nullable KernelFile file;
    private BlockFile.@Nullable Completion completion;
    private Kind kind = Kind.FLUSH;
    private long token;
    private long offset;
    private long length;
    private long done;
    private int tries;
    private int result;

    /** Kept so that memory that is freed with its last reference stays. */
    private MemorySegment memory = MemorySegment.NULL;

    private long address;

    final void begin(
            KernelFile onFile,
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
        result = 0;
    }

    /** Asks the kernel for what is left. */
    protected abstract void submit();

    /** Takes this back into the engine's pool. */
    protected abstract void release();

    /** Whether completions are still to be called. */
    protected abstract boolean delivers();

    protected final Kind kind() {
        return kind;
    }

    /** Where in the file to go on. */
    protected final long offset() {
        return offset + done;
    }

    /** Where in memory to go on. */
    protected final long address() {
        return address + done;
    }

    /** How many bytes are left. */
    protected final long left() {
        return length - done;
    }

    protected final KernelFile file() {
        return Objects.requireNonNull(file, "no access under way");
    }

    /**
     * Takes the kernel's answer, a count or a negative errno. Returns whether it has to be asked
     * again.
     */
    protected final boolean advance(int answer) {
        boolean again = answer == -Errno.EAGAIN || answer == -Errno.EINTR;
        if (again && tries++ < TRIES_MAX) {
            return true;
        }
        return switch (kind) {
            case READ, WRITE, DURABLE_WRITE -> moved(answer);
            case FLUSH -> ended(answer);
            case DISCARD -> ended(answer == -Errno.EOPNOTSUPP ? 0 : answer);
        };
    }

    /** Tells the result that {@link #advance} has come to; from within poll. */
    protected final void complete() {
        complete(result);
    }

    /** As {@link #complete()}, whatever the kernel said or would have said. */
    final void complete(int toldResult) {
        KernelFile endedFile = file();
        BlockFile.Completion listener = completion;
        long listenerToken = token;
        file = null;
        completion = null;
        memory = MemorySegment.NULL;
        release();
        endedFile.ended();
        if (listener != null && delivers()) {
            listener.complete(listenerToken, toldResult);
        }
    }

    private boolean moved(int answer) {
        if (answer <= 0) {
            return ended(answer == 0 ? -Errno.EIO : answer);
        }
        done += answer;
        return done < length || ended((int) length);
    }

    /** Returns false: the kernel is not asked again. */
    private boolean ended(int newResult) {
        result = newResult;
        return false;
    }
}
