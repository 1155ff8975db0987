package io.stria.runtime.spdk;

import io.stria.runtime.BlockFile;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * One access to a device, in one or more steps. Pooled by its {@link SpdkFile}, and known by tag.
 */
final class SpdkAccess {
    /** What is asked of the device. */
    enum Kind {
        READ,
        WRITE,
        DURABLE_WRITE,
        FLUSH,
        DISCARD;

        boolean movesData() {
            return this == READ || this == WRITE || this == DURABLE_WRITE;
        }
    }

    final int tag;
    Kind kind = Kind.FLUSH;
    long offset;
    long length;
    long done;

    /** Of the step under way; 0 when none is. */
    int stepBytes;

    /** Kept so that memory that is freed with its last reference stays. */
    MemorySegment memory = MemorySegment.NULL;

    long memoryOffset;

    /** Between our memory and the device, where the device cannot reach ours. */
    @Nullable MemorySegment bounce;

    long begunNs;
    boolean inDevice;
    private BlockFile.@Nullable Completion completion;
    private long token;

    SpdkAccess(int tag) {
        this.tag = tag;
    }

    void begin(
            Kind newKind,
            long newOffset,
            MemorySegment newMemory,
            long newMemoryOffset,
            long newLength,
            BlockFile.Completion newCompletion,
            long newToken) {
        kind = newKind;
        offset = newOffset;
        memory = newMemory;
        memoryOffset = newMemoryOffset;
        length = newLength;
        done = 0;
        stepBytes = 0;
        inDevice = false;
        completion = newCompletion;
        token = newToken;
    }

    long left() {
        return length - done;
    }

    /** Where our memory goes on. */
    long address() {
        return memory.address() + memoryOffset + done;
    }

    /** What the caller is told when all of it was done. */
    int success() {
        return kind.movesData() ? (int) length : 0;
    }

    void end() {
        memory = MemorySegment.NULL;
    }

    /** Tells it, after this was taken back. */
    BlockFile.@Nullable Completion takeCompletion() {
        BlockFile.Completion taken = completion;
        completion = null;
        return taken;
    }

    long token() {
        return token;
    }
}
