package io.stria.simulator.powercut;

import io.stria.runtime.BlockFile;
import io.stria.runtime.Timers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A disk with a volatile cache that knows, at any moment, what a power cut could take: every write
 * in flight, durable ones too, and every one that completed since the last flush, each of its
 * blocks by itself. A disk after a power cut shares its pages with the one before, which does not
 * change meanwhile; so a state costs what differs.
 */
final class CutDisk implements BlockFile {
    /** Hears of each begin and end of a write, and of each end of a flush. */
    interface Observer {
        void onBoundary();
    }

    /** What became of one block of a write at a power cut. */
    interface Fate {
        boolean survives(Write write, int block);
    }

    /** A write that a power cut may take. */
    static final class Write {
        private final long offset;
        private final byte[] data;
        private final int blocks;

        /** Blocks that something newer has made safe. */
        private final BitSet settled = new BitSet();

        private boolean completed;

        private Write(long offset, byte[] data, int blockBytes) {
            this.offset = offset;
            this.data = data;
            this.blocks = data.length / blockBytes;
        }

        int blocks() {
            return blocks;
        }
    }

    private static final int PAGE_BYTES = 4096;

    /** By number; null: zeros. */
    private final byte[] @Nullable [] pages;

    /** Pages that no other disk shares. */
    private final BitSet own = new BitSet();

    private final List<Write> unsafe = new ArrayList<>();
    private final long sizeBytes;
    private final int blockBytes;
    private final Timers timers;
    private final LongSupplier latencyNs;
    private final Observer observer;

    CutDisk(
            long sizeBytes,
            int blockBytes,
            Timers timers,
            LongSupplier latencyNs,
            Observer observer) {
        this(
                new byte[(int) ((sizeBytes + PAGE_BYTES - 1) / PAGE_BYTES)][],
                sizeBytes,
                blockBytes,
                timers,
                latencyNs,
                observer);
    }

    private CutDisk(
            byte[] @Nullable [] pages,
            long sizeBytes,
            int blockBytes,
            Timers timers,
            LongSupplier latencyNs,
            Observer observer) {
        this.pages = pages;
        this.sizeBytes = sizeBytes;
        this.blockBytes = blockBytes;
        this.timers = timers;
        this.latencyNs = latencyNs;
        this.observer = observer;
    }

    /** What a power cut may take now. */
    List<Write> unsafe() {
        return List.copyOf(unsafe);
    }

    /** The disk after a power cut. This one must not change any more. */
    CutDisk afterCut(Fate fate, Timers newTimers, LongSupplier newLatencyNs, Observer newObserver) {
        CutDisk after =
                new CutDisk(
                        pages.clone(), sizeBytes, blockBytes, newTimers, newLatencyNs, newObserver);
        for (Write write : unsafe) {
            for (int block = 0; block < write.blocks; block++) {
                if (!write.settled.get(block) && fate.survives(write, block)) {
                    after.put(write, block);
                }
            }
        }
        return after;
    }

    /** What it holds now, under a disk of its own; this one goes on. */
    CutDisk image() {
        CutDisk image = afterCut((_, _) -> true, timers, latencyNs, observer);
        // This one writes to pages of its own where they are.
        for (int page = own.nextSetBit(0); page >= 0; page = own.nextSetBit(page + 1)) {
            byte[] bytes = pages[page];
            if (bytes != null && bytes == image.pages[page]) {
                image.pages[page] = bytes.clone();
            }
        }
        return image;
    }

    private void put(Write write, int block) {
        long at = write.offset + (long) block * blockBytes;
        int index = (int) (at / PAGE_BYTES);
        byte[] page = pages[index];
        if (page == null || !own.get(index)) {
            page = page == null ? new byte[PAGE_BYTES] : page.clone();
            pages[index] = page;
            own.set(index);
        }
        System.arraycopy(write.data, block * blockBytes, page, (int) (at % PAGE_BYTES), blockBytes);
    }

    private void settle(Write write) {
        for (int block = 0; block < write.blocks; block++) {
            if (!write.settled.get(block)) {
                put(write, block);
            }
        }
        int place = unsafe.indexOf(write);
        for (int i = 0; i < place; i++) {
            Write older = unsafe.get(i);
            for (int block = 0; block < older.blocks; block++) {
                long at = older.offset + (long) block * blockBytes;
                if (at >= write.offset && at < write.offset + write.data.length) {
                    older.settled.set(block);
                }
            }
        }
        unsafe.remove(place);
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
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
        timers.schedule(
                latencyNs.getAsLong(),
                () -> {
                    copyOut(offset, target, targetOffset, length);
                    completion.complete(token, length);
                });
    }

    private void copyOut(long offset, MemorySegment target, long targetOffset, int length) {
        for (int done = 0; done < length; ) {
            int index = (int) ((offset + done) / PAGE_BYTES);
            int from = (int) ((offset + done) % PAGE_BYTES);
            int count = Math.min(PAGE_BYTES - from, length - done);
            byte[] page = pages[index];
            if (page == null) {
                while (count < length - done && pages[++index] == null) {
                    count = Math.min(count + PAGE_BYTES, length - done);
                }
                target.asSlice(targetOffset + done, count).fill((byte) 0);
            } else {
                MemorySegment.copy(
                        page, from, target, ValueLayout.JAVA_BYTE, targetOffset + done, count);
            }
            done += count;
        }
        for (Write write : unsafe) {
            if (write.completed) {
                copyOver(write, offset, target, targetOffset, length);
            }
        }
    }

    private void copyOver(
            Write write, long offset, MemorySegment target, long targetOffset, int length) {
        for (int block = 0; block < write.blocks; block++) {
            long at = write.offset + (long) block * blockBytes;
            if (!write.settled.get(block) && at >= offset && at < offset + length) {
                MemorySegment.copy(
                        write.data,
                        block * blockBytes,
                        target,
                        ValueLayout.JAVA_BYTE,
                        targetOffset + at - offset,
                        blockBytes);
            }
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
        byte[] data = source.asSlice(sourceOffset, length).toArray(ValueLayout.JAVA_BYTE);
        Write write = new Write(offset, data, blockBytes);
        unsafe.add(write);
        timers.schedule(
                latencyNs.getAsLong(),
                () -> {
                    write.completed = true;
                    if (durable) {
                        settle(write);
                    }
                    observer.onBoundary();
                    completion.complete(token, length);
                });
        observer.onBoundary();
    }

    @Override
    public void flush(Completion completion, long token) {
        List<Write> covered = unsafe.stream().filter(write -> write.completed).toList();
        timers.schedule(
                latencyNs.getAsLong(),
                () -> {
                    for (Write write : covered) {
                        if (unsafe.contains(write)) {
                            settle(write);
                        }
                    }
                    observer.onBoundary();
                    completion.complete(token, 0);
                });
    }

    /** The range reads as before. */
    @Override
    public void discard(long offset, long length, Completion completion, long token) {
        timers.schedule(latencyNs.getAsLong(), () -> completion.complete(token, 0));
    }

    @Override
    public void close() {}
}
