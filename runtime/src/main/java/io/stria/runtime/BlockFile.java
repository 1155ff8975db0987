package io.stria.runtime;

import java.lang.foreign.MemorySegment;

/**
 * Random access to one file or block device. Offsets, lengths and memory addresses are multiples of
 * {@link #blockBytes}; buffers are native and stay untouched by the caller until the completion.
 * Access that is misaligned or outside of file or memory is a broken invariant (an assertion), not
 * a result. Owned by the reactor whose engine opened it.
 */
public interface BlockFile extends AutoCloseable {
    /**
     * @param createBytes if the file does not exist it is made sparse with this size; 0: it must
     *     exist
     * @param blockBytes logical block of the device, 512 or 4096: the unit that a power cut does
     *     not tear
     * @param exclusive take a lock that any other process sees, before anything is read
     */
    record Options(long createBytes, int blockBytes, boolean exclusive) {}

    /** Result of one operation: bytes moved (0 for flush and discard), or a negative errno. */
    interface Completion {
        void complete(long token, int result);
    }

    long sizeBytes();

    int blockBytes();

    void read(
            long offset,
            MemorySegment target,
            long targetOffset,
            int length,
            Completion completion,
            long token);

    /** A durable write completes only when it would survive a power cut (FUA or RWF_DSYNC). */
    void write(
            long offset,
            MemorySegment source,
            long sourceOffset,
            int length,
            boolean durable,
            Completion completion,
            long token);

    /** Completes when every write completed before the call would survive a power cut. */
    void flush(Completion completion, long token);

    /**
     * Gives the range back to the file system or device where it can; it then reads as zeros or as
     * before.
     */
    void discard(long offset, long length, Completion completion, long token);

    /**
     * Tells of what is done already, if that need not wait for the engine's next poll. Returns how
     * many operations; never from within one of the calls above.
     */
    default int poll() {
        return 0;
    }

    /**
     * Closes when nothing is in flight any more; no completion follows after the last one in
     * flight, except that an operation asked for after this call completes with -EBADF.
     */
    @Override
    void close();
}
