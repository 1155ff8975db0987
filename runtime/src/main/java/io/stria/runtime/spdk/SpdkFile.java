package io.stria.runtime.spdk;

import io.stria.runtime.BlockAccess;
import io.stria.runtime.BlockFile;
import io.stria.runtime.Memory;
import io.stria.runtime.ffm.Errno;
import io.stria.runtime.ffm.spdk.SpdkNamespace;
import io.stria.runtime.ffm.spdk.SpdkQueue;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A namespace behind SPDK. What its queue has no room for waits here. A command that does not end
 * in time, or a connection that breaks, resets the controller: what was in the device then ends
 * with an error, since nobody knows whether it was done, but for reads, which are sent again, and
 * what waits goes on when the device is back; no flush succeeds any more if writes had ended that
 * none had answered for; when it is not back in time, it counts as gone for good and everything
 * ends with an error. Owned by the reactor of its engine.
 */
final class SpdkFile implements BlockFile, SpdkQueue.Listener {
    private static final System.Logger LOG = System.getLogger(SpdkFile.class.getName());
    private static final long TICK_NS = 100_000_000;
    private static final long STOOD_STILL_NS = 500_000_000;
    private static final long OPEN_TIMEOUT_NS = 10_000_000_000L;
    private static final long DETACH_TIMEOUT_NS = 5_000_000_000L;
    private static final int DISCARD_BYTES = 16 << 20;
    private static final int ZEROED_SECTORS_MAX = 1 << 16;

    private final SpdkEngine engine;
    private final SpdkAddress address;
    private final SpdkConfig config;
    private final SpdkLink link;
    private final long sizeBytes;
    private final int blockBytes;
    private final int sectorShift;
    private final int readFlags;
    private final int writeFlags;
    private final @Nullable BounceBuffers bounces;
    private final boolean movesMetadata;

    private final List<SpdkAccess> accesses = new ArrayList<>();
    private final ArrayDeque<SpdkAccess> idle = new ArrayDeque<>();
    private final ArrayDeque<SpdkAccess> waiting = new ArrayDeque<>();
    private int inDevice;
    private int inFlight;
    private long tickNs;
    private long polledNs;
    private boolean closed;
    private boolean released;
    private boolean silent;

    /** Writes have ended that no flush has answered for yet: they may be in a volatile cache. */
    private boolean unflushed;

    /**
     * It was reset with such writes, and may have dropped them: no flush says anything any more.
     */
    private boolean cacheLost;

    private SpdkFile(
            SpdkEngine engine,
            SpdkAddress address,
            int blockBytes,
            SpdkConfig config,
            SpdkLink link) {
        SpdkNamespace namespace = link.namespace();
        this.engine = engine;
        this.address = address;
        this.config = config;
        this.link = link;
        this.blockBytes = blockBytes;
        long bytes = Math.multiplyExact(namespace.sectors(), (long) namespace.sectorBytes());
        this.sizeBytes = bytes - bytes % blockBytes;
        this.sectorShift = Integer.numberOfTrailingZeros(namespace.sectorBytes());
        boolean reachesUs = address.transport() == SpdkAddress.Transport.TCP;
        // Targets behind a fabric want the information itself, and whoever checks nothing may send
        // zeros.
        boolean strips = namespace.protection() && !reachesUs;
        int protection = strips ? SpdkQueue.PROTECTION_ACTION | SpdkQueue.PROTECTION_CHECK : 0;
        this.readFlags = protection;
        this.writeFlags = protection & SpdkQueue.PROTECTION_ACTION;
        int metadataBytes = namespace.movedMetadataBytes(strips);
        this.movesMetadata = metadataBytes > 0;
        this.bounces =
                config.bounces() || !reachesUs || movesMetadata
                        ? new BounceBuffers(namespace, metadataBytes)
                        : null;
    }

    /**
     * @param owner who alone is to write to it; null for a host like others
     * @throws IOException with one sentence that begins with the address
     */
    static SpdkFile open(
            SpdkEngine engine,
            SpdkAddress address,
            int blockBytes,
            SpdkConfig config,
            @Nullable SpdkOwner owner)
            throws IOException {
        SpdkLink link = SpdkLink.connect(address, config, engine.clock(), owner);
        SpdkFile file;
        try {
            SpdkNamespace namespace = link.namespace();
            int unit = blockBytes == 0 ? namespace.sectorBytes() : blockBytes;
            check(address, namespace, unit);
            file = new SpdkFile(engine, address, unit, config, link);
        } catch (IOException | OutOfMemoryError e) {
            link.close(DETACH_TIMEOUT_NS);
            throw new IOException(e.getMessage(), e);
        }
        try {
            file.checkAccess();
            return file;
        } catch (IOException e) {
            file.closeAtOnce();
            throw e;
        }
    }

    private static void check(SpdkAddress address, SpdkNamespace namespace, int blockBytes)
            throws IOException {
        int sector = namespace.sectorBytes();
        if (Integer.bitCount(sector) != 1 || sector < 512 || sector > 1 << 16) {
            throw new IOException(address + ": logical blocks of " + sector + " bytes");
        }
        if (blockBytes % sector != 0) {
            throw new IOException(
                    "%s: its blocks have %d bytes, not %d".formatted(address, sector, blockBytes));
        }
        if (namespace.sectors() < blockBytes / sector
                || namespace.sectors() > Long.MAX_VALUE / sector) {
            throw new IOException(
                    "%s: it has %d logical blocks".formatted(address, namespace.sectors()));
        }
    }

    /** Reads one block, so that a device that cannot be used shows now. */
    private void checkAccess() throws IOException {
        MemorySegment block = Memory.untilCollected(blockBytes);
        int[] result = {Integer.MIN_VALUE};
        read(0, block, 0, blockBytes, (token, answer) -> result[0] = answer, 0);
        long begunNs = engine.clock().nowNs();
        long nowNs = begunNs;
        while (result[0] == Integer.MIN_VALUE && nowNs - begunNs < OPEN_TIMEOUT_NS) {
            engine.below().poll();
            nowNs = engine.clock().nowNs();
            poll(nowNs);
            Thread.onSpinWait();
        }
        if (result[0] != blockBytes) {
            String why =
                    result[0] == Integer.MIN_VALUE
                            ? "it does not answer"
                            : Errno.describe(-result[0]);
            throw new IOException(address + ": cannot be read: " + why);
        }
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
        BlockAccess.checkRange(this, offset, length);
        BlockAccess.checkMemory(this, target, targetOffset, length);
        begin(SpdkAccess.Kind.READ, offset, target, targetOffset, length, completion, token);
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
        BlockAccess.checkRange(this, offset, length);
        BlockAccess.checkMemory(this, source, sourceOffset, length);
        SpdkAccess.Kind kind = durable ? SpdkAccess.Kind.DURABLE_WRITE : SpdkAccess.Kind.WRITE;
        begin(kind, offset, source, sourceOffset, length, completion, token);
    }

    @Override
    public void flush(Completion completion, long token) {
        begin(SpdkAccess.Kind.FLUSH, 0, MemorySegment.NULL, 0, 0, completion, token);
    }

    @Override
    public void discard(long offset, long length, Completion completion, long token) {
        BlockAccess.checkRange(this, offset, length);
        begin(SpdkAccess.Kind.DISCARD, offset, MemorySegment.NULL, 0, length, completion, token);
    }

    @Override
    public void close() {
        closed = true;
        closeIfDone();
    }

    /** Ends everything without telling anybody. */
    void closeAtOnce() {
        silent = true;
        closed = true;
        release();
    }

    /** Looks for what has ended, and does what is due. Returns how much was told. */
    int poll(long nowNs) {
        if (nowNs - polledNs > STOOD_STILL_NS) {
            restartTimeouts(nowNs);
        }
        polledNs = nowNs;
        if (inDevice > 0 || !link.isServing()) {
            link.poll(nowNs, inDevice);
            cacheLost |= unflushed && !link.isServing();
        }
        int told = link.deliver(this);
        if (nowNs - tickNs >= 0 && !released) {
            tickNs = nowNs + TICK_NS;
            tick(nowNs);
            told += link.deliver(this);
        }
        if (link.isGone()) {
            endWaiting();
        } else if (!waiting.isEmpty()) {
            submitWaiting();
        }
        return told;
    }

    /** Why {@link SpdkEngine#openOwned} would refuse it; empty if it would not. */
    String fenceRefusal() {
        return SpdkFence.refusal(address, link.namespace());
    }

    /** Whether something is expected of the device soon. */
    boolean isActive() {
        return inDevice > 0 || link.isRecovering();
    }

    /** How long nothing is due, unless it is active. */
    long untilPollNs(long nowNs) {
        return Math.max(1, tickNs - nowNs);
    }

    @Override
    public void onEnd(int tag, int status) {
        if (tag == SpdkFence.TAG) {
            link.onFenceEnd(status);
            return;
        }
        SpdkAccess access = accesses.get(tag);
        assert access.inDevice : "ended twice: " + tag;
        access.inDevice = false;
        inDevice--;
        if (status != NvmeStatus.SUCCESS) {
            if (NvmeStatus.isConflict(status)) {
                link.onConflict();
            }
            releaseBounce(access);
            if (access.kind == SpdkAccess.Kind.FLUSH) {
                unflushed = true;
            }
            if (access.kind == SpdkAccess.Kind.READ
                    && NvmeStatus.isAborted(status)
                    && !link.isGone()
                    && !released) {
                // It overtakes nothing, and its error would be taken for that of its blocks.
                waiting.addFirst(access);
                return;
            }
            end(
                    access,
                    access.kind == SpdkAccess.Kind.DISCARD && NvmeStatus.isUnknown(status)
                            ? 0
                            : NvmeStatus.errno(status));
            return;
        }
        if (access.bounce != null && access.kind == SpdkAccess.Kind.READ && bounces != null) {
            bounces.empty(
                    access.bounce,
                    access.memory,
                    access.memoryOffset + access.done,
                    access.stepBytes);
        }
        releaseBounce(access);
        unflushed |= access.kind == SpdkAccess.Kind.WRITE;
        access.done += access.stepBytes;
        if (access.left() > 0) {
            waiting.addFirst(access);
            submitWaiting();
        } else {
            end(access, access.success());
        }
    }

    private void begin(
            SpdkAccess.Kind kind,
            long offset,
            MemorySegment memory,
            long memoryOffset,
            long length,
            Completion completion,
            long token) {
        SpdkAccess access = take();
        access.begin(kind, offset, memory, memoryOffset, length, completion, token);
        inFlight++;
        engine.onBegin();
        if (closed) {
            engine.deliverLater(() -> end(access, -Errno.EBADF));
        } else if (link.isGone()) {
            engine.deliverLater(() -> end(access, -Errno.EIO));
        } else {
            waiting.addLast(access);
            submitWaiting();
        }
    }

    private SpdkAccess take() {
        SpdkAccess access = idle.pollLast();
        if (access == null) {
            access = new SpdkAccess(accesses.size());
            accesses.add(access);
        }
        return access;
    }

    private void submitWaiting() {
        while (link.isServing()) {
            SpdkAccess access = waiting.peekFirst();
            if (access == null || !submit(access)) {
                return;
            }
            waiting.removeFirst();
        }
    }

    /** Returns whether it does not wait any more. */
    private boolean submit(SpdkAccess access) {
        if (access.kind == SpdkAccess.Kind.FLUSH && cacheLost) {
            engine.deliverLater(() -> end(access, -Errno.EIO));
            return true;
        }
        if (inDevice == config.queueEntries() || !takeBounce(access)) {
            return false;
        }
        int result =
                switch (access.kind) {
                    case READ, WRITE, DURABLE_WRITE -> submitTransfer(access);
                    case FLUSH -> link.queue().flush(link.namespace(), access.tag);
                    case DISCARD -> submitDiscard(access);
                };
        if (result == 0) {
            access.begunNs = engine.nowNs();
            access.inDevice = true;
            inDevice++;
            unflushed &= access.kind != SpdkAccess.Kind.FLUSH;
            return true;
        }
        releaseBounce(access);
        if (result == -Errno.ENOMEM && inDevice > 0) {
            return false;
        }
        if (result == -SpdkLink.ENXIO) {
            link.lose("a command found it disconnected", engine.nowNs());
            return false;
        }
        engine.deliverLater(() -> end(access, result > 0 ? -Errno.EIO : result));
        return true;
    }

    private int submitTransfer(SpdkAccess access) {
        long lba = (access.offset + access.done) >>> sectorShift;
        long payload = access.address();
        long metadata = 0;
        access.stepBytes = (int) access.left();
        MemorySegment bounce = access.bounce;
        if (bounce != null && bounces != null) {
            access.stepBytes = Math.min(access.stepBytes, bounces.dataBytes());
            payload = bounce.address();
            metadata = bounces.metadata(bounce);
            if (access.kind != SpdkAccess.Kind.READ) {
                bounces.fill(
                        bounce, access.memory, access.memoryOffset + access.done, access.stepBytes);
            }
        }
        int count = access.stepBytes >>> sectorShift;
        if (access.kind == SpdkAccess.Kind.READ) {
            return link.queue()
                    .read(link.namespace(), payload, metadata, lba, count, readFlags, access.tag);
        }
        int durable =
                access.kind == SpdkAccess.Kind.DURABLE_WRITE ? SpdkQueue.FORCE_UNIT_ACCESS : 0;
        return link.queue()
                .write(
                        link.namespace(),
                        payload,
                        metadata,
                        lba,
                        count,
                        writeFlags | durable,
                        access.tag);
    }

    private int submitDiscard(SpdkAccess access) {
        SpdkNamespace namespace = link.namespace();
        long lba = (access.offset + access.done) >>> sectorShift;
        int most = namespace.deallocates() ? DISCARD_BYTES : ZEROED_SECTORS_MAX << 9;
        access.stepBytes = (int) Math.min(access.left(), most);
        int count = access.stepBytes >>> sectorShift;
        if (namespace.deallocates()) {
            return link.queue().deallocate(namespace, lba, count, access.tag);
        }
        if (namespace.zeroes()) {
            return link.queue().writeZeroes(namespace, lba, count, access.tag);
        }
        access.done = access.length; // it knows neither: nothing is given back
        access.stepBytes = 0;
        return link.queue().flush(namespace, access.tag);
    }

    private boolean takeBounce(SpdkAccess access) {
        if (bounces == null || !access.kind.movesData()) {
            return true;
        }
        if (!movesMetadata && engine.dma().reaches(access.address(), access.left())) {
            return true;
        }
        access.bounce = bounces.acquire();
        return access.bounce != null;
    }

    private void releaseBounce(SpdkAccess access) {
        MemorySegment bounce = access.bounce;
        if (bounce != null && bounces != null) {
            access.bounce = null;
            bounces.release(bounce);
        }
    }

    /** Tells it, from within a poll. */
    private void end(SpdkAccess access, int result) {
        Completion completion = access.takeCompletion();
        long token = access.token();
        access.end();
        idle.addLast(access);
        inFlight--;
        closeIfDone();
        if (completion != null && !silent) {
            completion.complete(token, result);
        }
    }

    private void endWaiting() {
        for (int left = waiting.size(); left > 0; left--) {
            end(waiting.removeFirst(), -Errno.EIO);
        }
    }

    /** A reactor that stood still cannot tell how long a device has taken. */
    private void restartTimeouts(long nowNs) {
        for (SpdkAccess access : accesses) {
            access.begunNs = nowNs;
        }
    }

    private void tick(long nowNs) {
        link.tick(nowNs);
        for (int i = 0; inDevice > 0 && i < accesses.size(); i++) {
            SpdkAccess access = accesses.get(i);
            if (access.inDevice && nowNs - access.begunNs > config.ioTimeoutNs()) {
                link.lose(access.kind + " has not ended in time", nowNs);
                return;
            }
        }
    }

    private void closeIfDone() {
        if (closed && inFlight == 0) {
            release();
        }
    }

    private void release() {
        if (released) {
            return;
        }
        released = true;
        engine.forget(this);
        if (inDevice == 0) {
            link.leave();
        }
        boolean quiet = link.close(DETACH_TIMEOUT_NS);
        if (bounces != null && quiet) {
            bounces.close();
        }
        if (!quiet) {
            LOG.log(Level.WARNING, "{0} has not shut down in time", address);
        }
    }
}
