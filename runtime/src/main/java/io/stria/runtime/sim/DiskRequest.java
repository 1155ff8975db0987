package io.stria.runtime.sim;

import io.stria.runtime.BlockFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** One request on its way through a disk, and its completion on its way to the engine. */
final class DiskRequest extends SimulatedEvent implements Delivery {
    final SimulatedDisk disk;
    final SimulatedFile file;
    final DiskObserver.Kind kind;
    final MemorySegment memory;
    final long memoryOffset;
    final long length;
    private final BlockFile.Completion completion;
    private final long token;

    /** Where it goes, which is not where it was sent when the disk misdirects it. */
    long offset;

    /** Completed writes up to this one are covered by a flush. */
    long flushSequence;

    /** What a write brings, page by page, copied when it was submitted. */
    byte[][] pages = {};

    /** For each page the blocks that have landed before the write is complete. */
    int @Nullable [] landed;

    /** Its process has died: nobody waits for it, and its memory is not touched. */
    boolean orphaned;

    /** It never has an effect. */
    boolean lost;

    int result;

    DiskRequest(
            SimulatedDisk disk,
            SimulatedFile file,
            DiskObserver.Kind kind,
            MemorySegment memory,
            long memoryOffset,
            long offset,
            long length,
            BlockFile.Completion completion,
            long token) {
        this.disk = disk;
        this.file = file;
        this.kind = kind;
        this.memory = memory;
        this.memoryOffset = memoryOffset;
        this.offset = offset;
        this.length = length;
        this.completion = completion;
        this.token = token;
    }

    boolean isWrite() {
        return kind == DiskObserver.Kind.WRITE || kind == DiskObserver.Kind.DURABLE_WRITE;
    }

    boolean meets(DiskRequest other) {
        return offset < other.offset + other.length && other.offset < offset + length;
    }

    long firstPage() {
        return offset / SparseImage.PAGE_BYTES;
    }

    int pageCount() {
        return (int) ((offset + length - 1) / SparseImage.PAGE_BYTES - firstPage() + 1);
    }

    /** First byte of the n-th page, counted from the start of the request; may lie before it. */
    private long pageStart(int page) {
        return (firstPage() + page) * SparseImage.PAGE_BYTES - offset;
    }

    /** The device blocks of the disk's page that this request covers. */
    int mask(long index, int blockBytes) {
        long start = index * SparseImage.PAGE_BYTES - offset;
        int from = (int) Math.max(0, -start);
        int to = (int) Math.min(SparseImage.PAGE_BYTES, length - start);
        return (1 << (to / blockBytes)) - (1 << (from / blockBytes));
    }

    void copyFromMemory() {
        pages = new byte[pageCount()][];
        for (int i = 0; i < pages.length; i++) {
            pages[i] = new byte[SparseImage.PAGE_BYTES];
            int from = (int) Math.max(0, -pageStart(i));
            int to = (int) Math.min(SparseImage.PAGE_BYTES, length - pageStart(i));
            MemorySegment.copy(
                    memory,
                    ValueLayout.JAVA_BYTE,
                    memoryOffset + pageStart(i) + from,
                    pages[i],
                    from,
                    to - from);
        }
    }

    /** The caller keeps its hands off the memory until the completion. */
    boolean memoryIsUntouched() {
        for (int i = 0; i < pages.length; i++) {
            int from = (int) Math.max(0, -pageStart(i));
            int to = (int) Math.min(SparseImage.PAGE_BYTES, length - pageStart(i));
            long start = memoryOffset + pageStart(i);
            MemorySegment copy = MemorySegment.ofArray(pages[i]);
            if (MemorySegment.mismatch(memory, start + from, start + to, copy, from, to) >= 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    void happen() {
        disk.perform(this);
    }

    @Override
    public void deliver() {
        file.finished();
        completion.complete(token, result);
    }

    @Override
    public String toString() {
        return kind + " " + offset + "+" + length;
    }
}
