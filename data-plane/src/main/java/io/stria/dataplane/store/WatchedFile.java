package io.stria.dataplane.store;

import io.stria.runtime.BlockFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A device that is missed when it does not come back: one with operations in flight that has
 * completed none for {@link #HANG_NS} hangs, and for its store that is a failure like any other.
 * Time counts only while the store is polled, see {@link HangWatch}. So is one that does not come
 * back with a single operation for {@link #LOST_NS} to twice that: the journal has one write on its
 * way at a time, and whoever waits for it would wait for ever.
 *
 * <p>When a read fails, the device's first block is read before anybody is told. If that cannot be
 * read either, it is not a bad sector but the device, and from then on nothing is written to it:
 * least of all what is made of things that only seem to be lost. Of the first block itself nothing
 * more can be asked: who needs it has a copy of it.
 *
 * <p>While a device is opened it is given more time, see {@link #silentNs}. Once it has failed
 * then, whoever waits for it hears no more: so nothing is made of it.
 */
final class WatchedFile implements BlockFile {
    /** Longer than a device's own recovery from a lost command takes. */
    static final long HANG_NS = 10_000_000_000L;

    /**
     * Of one operation, beside others: it may be a sector that is tried again and again, and
     * kernels themselves wait for 30 s before they reset a device.
     */
    static final long LOST_NS = 30_000_000_000L;

    private final BlockFile file;
    private final StoreHealth health;
    private @Nullable Pending pool;

    /** Takes the first block, which nobody looks at. */
    private @Nullable MemorySegment firstBlock;

    private final HangWatch hang = new HangWatch();
    private final LostCommandWatch lost = new LostCommandWatch(LOST_NS);
    private boolean opening = true;

    WatchedFile(BlockFile file, StoreHealth health) {
        this.file = file;
        this.health = health;
    }

    /** From now on it is {@linkplain #watch watched} by its store, which sees to what fails. */
    void opened() {
        opening = false;
    }

    void watch(long nowNs) {
        if (hang.silentNs(nowNs) >= HANG_NS) {
            health.fail("it has not answered for %d s".formatted(HANG_NS / 1_000_000_000));
        }
        if (lost.hasLostOne(nowNs)) {
            health.fail("it has not ended a command for %d s".formatted(LOST_NS / 1_000_000_000));
        }
    }

    /** See {@link HangWatch#silentNs}; for who opens it, and instead of {@link #watch}. */
    long silentNs(long nowNs) {
        return hang.silentNs(nowNs);
    }

    private Pending begin(Completion completion, long token) {
        Pending pending = pool;
        if (pending == null) {
            pending = new Pending();
        } else {
            pool = pending.next;
        }
        pending.completion = completion;
        pending.token = token;
        pending.mayAskFirstBlock = false;
        pending.failure = 0;
        hang.begun();
        pending.turn = lost.begun();
        return pending;
    }

    private void readFirstBlock(Pending pending) {
        MemorySegment target = firstBlock;
        if (target == null) {
            target = Arena.ofAuto().allocate(file.blockBytes(), file.blockBytes());
            firstBlock = target;
        }
        file.read(0, target, 0, file.blockBytes(), pending, 0);
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
        Pending pending = begin(completion, token);
        pending.mayAskFirstBlock = offset != 0;
        file.read(offset, target, targetOffset, length, pending, 0);
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
        file.write(offset, source, sourceOffset, length, durable, begin(completion, token), 0);
    }

    @Override
    public void flush(Completion completion, long token) {
        file.flush(begin(completion, token), 0);
    }

    @Override
    public void discard(long offset, long length, Completion completion, long token) {
        file.discard(offset, length, begin(completion, token), 0);
    }

    @Override
    public int poll() {
        return file.poll();
    }

    @Override
    public void close() {
        file.close();
    }

    private final class Pending implements Completion {
        private @Nullable Completion completion;
        private long token;
        private @Nullable Pending next;
        private boolean mayAskFirstBlock;
        private int turn;

        /** What a read failed with, while the first block is read. */
        private int failure;

        @Override
        public void complete(long unused, int result) {
            hang.moved();
            if (failure != 0) {
                if (result <= 0) {
                    health.fail("it failed a read, and that of its first block");
                }
                end(failure);
            } else if (mayAskFirstBlock && result < 0 && !health.hasFailed()) {
                failure = result;
                readFirstBlock(this);
            } else {
                end(result);
            }
        }

        private void end(int result) {
            Completion asked = Objects.requireNonNull(completion, "completed twice");
            completion = null;
            next = pool;
            pool = this;
            hang.ended();
            lost.ended(turn);
            if (!opening || !health.hasFailed()) {
                asked.complete(token, result);
            }
        }
    }
}
