package io.stria.dataplane.store;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.FragmentStore;
import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.BlockFile;
import io.stria.runtime.Poller;
import io.stria.runtime.Timers;
import java.lang.foreign.Arena;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One device's fragments: a page mapping device that keeps versions as rule 3 asks
 * (docs/correctness.md). Belongs to one reactor, which polls it after its engine; completions come
 * from that poll.
 *
 * <p>Changes are answered when they would survive a power cut: in the journal, or at home with a
 * journal record that says so. What moves from the journal to the pages stays in the journal until
 * it is durable there, so a power cut at any instant leaves whole fragments of versions that the
 * rules allow.
 */
public final class ChunkStore implements FragmentStore, Poller {
    /** Hears how opening ended, once, from a poll of the engine. */
    public interface OpenListener {
        void onOpen(ChunkStore store);

        /**
         * @param reason one sentence
         */
        void onRefused(String reason);
    }

    /** Hears how formatting ended: null, or one sentence. */
    public interface FormatListener {
        void onFormatted(@Nullable String failure);
    }

    private final Superblock superblock;
    private final MemoryPlan plan;
    private final StoreParts parts;
    private OpQueue commits = new OpQueue();
    private OpQueue commitsSeen = new OpQueue();
    private boolean serving;
    private boolean mergingIsNext;
    private boolean closing;
    private @Nullable Runnable whenClosed;

    ChunkStore(
            WatchedFile file,
            StoreHealth health,
            Superblock superblock,
            StoreConfig config,
            Timers timers,
            Arena arena) {
        this.superblock = superblock;
        this.plan = MemoryPlan.of(superblock.layout(), config);
        this.parts = new StoreParts(file, health, superblock, config, plan, timers, arena);
    }

    /**
     * Writes empty superblocks, whatever the device held before.
     *
     * @param formatId random; tells this formatting from every other one
     */
    public static void format(
            BlockFile file,
            DeviceIdentity identity,
            StoreConfig config,
            long formatId,
            Arena arena,
            FormatListener listener) {
        new Formatting(file, identity, config, formatId, arena, listener).start();
    }

    /**
     * Opens a formatted device and recovers its state; nothing is written before its identity is
     * checked. Refused when the device belongs elsewhere, its format is not known, it fails, or it
     * has not answered for half a minute: then the file may be closed, though something is in
     * flight. The store begins without serving: see {@link #serving}.
     *
     * @param arena where all memory of the store comes from; closed by the caller, after the store
     */
    public static void open(
            BlockFile file,
            DeviceIdentity expected,
            StoreConfig config,
            Timers timers,
            Arena arena,
            OpenListener listener) {
        new Recovery(file, expected, config, timers, arena, listener).start();
    }

    StoreParts parts() {
        return parts;
    }

    public DeviceIdentity identity() {
        return superblock.identity();
    }

    /** With or without a lease: without one, every command is refused with NOT_SERVING. */
    public void serving(boolean value) {
        serving = value;
    }

    public boolean isServing() {
        return serving;
    }

    /** No command and no merge is under way, or the device has failed and may never end them. */
    public boolean isIdle() {
        return parts.health.hasFailed()
                || (parts.completions.atWork() == 0
                        && parts.merger.isIdle()
                        && parts.lister.isIdle()
                        && !closing);
    }

    @Override
    public long connection() {
        return closing ? 0 : 1;
    }

    /**
     * The map says that the volume is at this epoch: commands of older ones are refused from now
     * on.
     *
     * @param applied runs from a poll, when every older command is durable or dropped
     */
    public void onVolumeEpoch(int vuid, int epoch, Runnable applied) {
        parts.barriers.onVolumeEpoch(vuid, epoch, applied);
    }

    /** Every address space that this store has heard of, those without fragments included. */
    public void forEachVolume(IntConsumer action) {
        for (int i = 0; i < parts.vuids.count(); i++) {
            action.accept(parts.vuids.at(i).vuid);
        }
    }

    @Override
    public void submit(FragmentRequest request) {
        parts.policy.onActivity();
        VuidState vuid = parts.vuids.get(request.vuid());
        IoStatus refused = refusal(request, vuid);
        if (refused != null) {
            StoreOp op = parts.completions.begin(request, vuid, pageShift());
            parts.completions.finish(op, refused, 0);
            return;
        }
        if (request.op == FragmentOp.ATTACH) {
            parts.barriers.attach(request, vuid);
            return;
        }
        if (Long.compareUnsigned(request.watermark, vuid.committed) > 0) {
            vuid.committed = request.watermark;
        }
        if (request.allInSync
                && !parts.lost.any() // a tombstone may hide what one of them holds
                && Long.compareUnsigned(request.watermark, vuid.forgettable) > 0) {
            vuid.forgettable = request.watermark;
        }
        if (request.allInSync) {
            parts.lost.completed(vuid);
        }
        StoreOp op = parts.completions.begin(request, vuid, pageShift());
        switch (request.op) {
            case WRITE, UNMAP, REPLACE, FREE -> parts.changes.submit(op);
            case READ, READ_AT -> parts.reads.submit(op);
            case LIST -> parts.lister.submit(op);
            case COMMIT -> commits.add(op);
            case DELETE -> parts.barriers.delete(op);
            default -> throw new AssertionError(request.op);
        }
    }

    private int pageShift() {
        return superblock.layout().pageShift();
    }

    private @Nullable IoStatus refusal(FragmentRequest request, VuidState vuid) {
        if (!serving || closing) {
            return IoStatus.NOT_SERVING;
        }
        if (request.op == FragmentOp.ATTACH) {
            return parts.health.hasFailed() ? IoStatus.MEDIA_ERROR : null;
        }
        if (request.epoch < vuid.epoch
                || !vuid.attached
                || request.association != vuid.association) {
            parts.counters.fenced++;
            return IoStatus.FENCED;
        }
        if (vuid.deleting) {
            return IoStatus.ABORTED;
        }
        return isValid(request) ? null : IoStatus.INVALID;
    }

    private boolean isValid(FragmentRequest request) {
        return switch (request.op) {
            case WRITE, REPLACE, READ, READ_AT ->
                    isRangeValid(request)
                            && request.bufferOffset >= 0
                            && request.bufferOffset
                                            + (long) request.count
                                                    * FragmentFormat.stride(request.fragmentBytes)
                                    <= request.buffer.byteSize()
                            && (request.op != FragmentOp.WRITE || isWriteValid(request));
            case UNMAP -> isRangeValid(request) && request.version != 0;
            case FREE -> isRangeValid(request);
            case LIST ->
                    isFragmentSizeValid(request)
                            && (request.groups == 0 || isGroupValid(request))
                            && request.bufferBytes >= FragmentFormat.LIST_ENTRY_BYTES
                            && request.bufferOffset + request.bufferBytes
                                    <= request.buffer.byteSize();
            default -> true;
        };
    }

    private static boolean isGroupValid(FragmentRequest request) {
        return request.count >= 1 && request.count <= FragmentRequest.GROUP_CHUNKS_MAX;
    }

    private static boolean isFragmentSizeValid(FragmentRequest request) {
        int bytes = request.fragmentBytes;
        return bytes >= 512
                && bytes <= 4096
                && Integer.bitCount(bytes) == 1
                && (request.address & (bytes / 512 - 1)) == 0;
    }

    private boolean isRangeValid(FragmentRequest request) {
        if (!isFragmentSizeValid(request)) {
            return false;
        }
        long unit = request.address & (1L << pageShift()) - 1;
        return request.count >= 1
                && request.count <= superblock.layout().fragmentsMax()
                && unit + (long) request.count * (request.fragmentBytes / 512) <= 1L << pageShift()
                && DeviceAddress.vuid(request.address) >>> 24 == 0;
    }

    private static boolean isWriteValid(FragmentRequest request) {
        if (request.version == 0) {
            return false;
        }
        int stride = FragmentFormat.stride(request.fragmentBytes);
        for (int i = 0; i < request.count; i++) {
            long metadata = request.bufferOffset + (long) i * stride + request.fragmentBytes;
            if (FragmentFormat.flags(request.buffer, metadata) != 0
                    || FragmentFormat.version(request.buffer, metadata) != request.version) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int poll(long nowNs) {
        parts.file.watch(nowNs);
        int work = parts.blanking.poll();
        work += parts.changes.poll();
        work += parts.reads.poll();
        work += parts.file.poll();
        work += parts.lister.poll();
        work += tellThenMerge();
        work += pollCommits();
        work += parts.commit.poll();
        work += parts.file.poll();
        work += parts.completions.tell();
        if (whenClosed != null) {
            work += closeIfIdle();
        }
        return work;
    }

    /**
     * What is answered now leaves before anything is merged, with the engine's next poll: hosts
     * that wait for one answer at a time think about it while this store merges.
     */
    private int tellThenMerge() {
        int told = parts.completions.tell();
        parts.policy.pace();
        if (told > 0 && !mergingIsNext && !parts.pace.isHurried()) {
            mergingIsNext = true;
            return told;
        }
        mergingIsNext = false;
        return told + parts.merger.poll() + parts.policy.poll();
    }

    /** COMMIT is answered when its watermark is durable. */
    private int pollCommits() {
        if (commits.isEmpty()) {
            return 0;
        }
        int ended = 0;
        for (StoreOp op = commits.poll(); op != null; op = commits.poll()) {
            IoStatus status = commitStatus(op);
            if (status == null) {
                commitsSeen.add(op);
                parts.commit.wantWatermark();
            } else {
                parts.completions.finish(op, status, 0);
                ended++;
            }
        }
        OpQueue empty = commits;
        commits = commitsSeen;
        commitsSeen = empty;
        return ended;
    }

    private @Nullable IoStatus commitStatus(StoreOp op) {
        if (op.isFenced()) {
            return IoStatus.FENCED;
        }
        if (closing) {
            return IoStatus.NOT_SERVING;
        }
        if (parts.health.hasFailed()) {
            return IoStatus.MEDIA_ERROR;
        }
        if (op.vuid.deleting) {
            return IoStatus.ABORTED;
        }
        return Long.compareUnsigned(op.request.watermark, op.vuid.durable) <= 0
                ? IoStatus.OK
                : null;
    }

    /**
     * Answers what is under way, refuses the rest and closes the file.
     *
     * @param closed runs from a poll, when the file is closed and the memory not used any more
     */
    public void close(Runnable closed) {
        closing = true;
        whenClosed = closed;
        parts.policy.close();
        parts.changes.close();
    }

    private int closeIfIdle() {
        if (parts.completions.atWork() > 0
                || !parts.commit.isIdle()
                || !parts.merger.isIdle()
                || !parts.blanking.isIdle()
                || !parts.lister.isIdle()
                || !parts.shadowWriter.isIdle()) {
            return 0;
        }
        Runnable closed = whenClosed;
        whenClosed = null;
        parts.file.close();
        if (closed != null) {
            closed.run();
        }
        return 1;
    }

    /**
     * Why the device counts as failed, as the end of a sentence about it: then nothing is changed
     * any more. Null while it works.
     */
    public @Nullable String failure() {
        return parts.health.failure();
    }

    /** Live figures, for any thread. */
    public StoreIo io() {
        return parts.completions.io();
    }

    public StoreStats stats() {
        StoreCounters c = parts.counters;
        return new StoreStats(
                superblock.layout().pages(),
                parts.allocator.used(),
                parts.allocator.quarantined(),
                parts.ring.ringBytes(),
                parts.ring.usedBytes(),
                parts.shadows.used(),
                parts.entries.count(),
                parts.headers.dirtyCount(),
                plan.bytes(superblock.layout())
                        + parts.index.bytes()
                        + parts.allocator.bytes()
                        + parts.shadows.memoryBytes(),
                c.journalBytesWritten,
                c.shadowBytesWritten,
                c.homeBytesWritten,
                c.headerBytesWritten,
                c.fragmentBytesAccepted,
                c.bypassedBytes,
                c.batches,
                c.mergeRounds,
                c.mergedFragments,
                c.droppedFragments,
                c.reappendedFragments,
                c.pagesFreed,
                c.headerReads,
                c.damagedSectors,
                c.crcErrors,
                c.readErrors,
                c.writeErrors,
                c.rejectedWrites,
                c.fenced,
                c.noSpace);
    }
}
