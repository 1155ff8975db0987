package io.stria.runtime.sim;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A block device that outlives the processes of its host. What a write, a crash, a power cut and a
 * fault do to it stands in {@link FaultModel}. Owned by the simulation's thread.
 */
public final class SimulatedDisk {
    private static final byte SCRIBBLE = (byte) 0xa5;

    private final Simulation simulation;
    private final String name;
    private final DiskConfig config;
    private final DiskTiming timing;
    private final SimulatedRandom fates;
    private final DiskFaults faults = new DiskFaults();
    private final WriteCache cache;
    private final List<DiskRequest> inFlight = new ArrayList<>();
    private final List<DiskRequest> parked = new ArrayList<>();
    private final CRC32C checksum = new CRC32C();
    private SparseImage image = new SparseImage();
    private DiskCounters counters = DiskCounters.ZERO;
    private @Nullable DiskObserver observer;
    private @Nullable SimulatedFile lock;
    private long sequence;
    private int orphans;

    public SimulatedDisk(Simulation simulation, String name, DiskConfig config) {
        this.simulation = simulation;
        this.name = name;
        this.config = config;
        this.timing = new DiskTiming(simulation, config, simulation.random("disk latency " + name));
        this.fates = simulation.random("disk fate " + name);
        this.cache = new WriteCache(config.blockBytes(), config.cacheBytes());
    }

    public String name() {
        return name;
    }

    public DiskConfig config() {
        return config;
    }

    public DiskCounters counters() {
        return counters;
    }

    public DiskFaults faults() {
        return faults;
    }

    /** One observer at most; null removes it. */
    public void observe(@Nullable DiskObserver newObserver) {
        observer = newObserver;
    }

    /** Memory that the sparse content takes. */
    public long usedBytes() {
        return image.usedPages() * SparseImage.PAGE_BYTES;
    }

    /** Pages of 4 KiB of which a power cut could take something. */
    public int unflushedPages() {
        return cache.pageCount();
    }

    public int inFlight() {
        return inFlight.size();
    }

    /** Requests of processes that have ended, which are not through yet. */
    public int inFlightOfTheDead() {
        return orphans;
    }

    /** What a read would return now, past all faults. */
    public byte[] peek(long offset, int length) {
        byte[] result = new byte[length];
        copyOut(offset, MemorySegment.ofArray(result), 0, length);
        return result;
    }

    /** Puts bytes on the medium behind everybody's back: a forged or a foreign block. */
    public void poke(long offset, byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            long index = (offset + i) / SparseImage.PAGE_BYTES;
            int byteInPage = (int) ((offset + i) % SparseImage.PAGE_BYTES);
            byte[] page = image.page(index);
            byte difference = (byte) (bytes[i] ^ (page == null ? 0 : page[byteInPage]));
            for (int bit = 0; bit < 8; bit++) {
                if ((difference & (1 << bit)) != 0) {
                    flipBit(index, byteInPage, bit);
                }
            }
        }
    }

    /** Bit rot: one bit of this byte is turned over, for good. */
    public void corrupt(long offset) {
        trace("bit rot at " + offset);
        faults.rots(offset);
        flipBit(
                offset / SparseImage.PAGE_BYTES,
                (int) (offset % SparseImage.PAGE_BYTES),
                fates.nextInt(8));
    }

    private void flipBit(long index, int byteInPage, int bit) {
        faults.spoil();
        image.put(index, WriteCache.flipped(image.page(index), byteInPage, bit));
        cache.flipBit(index, byteInPage, bit);
    }

    /** Nothing completes until {@link #resume}. */
    public void hang() {
        trace("hangs");
        faults.hung(true);
    }

    public void resume() {
        trace("resumes");
        faults.hung(false);
        for (DiskRequest request : List.copyOf(parked)) {
            simulation.schedule(request, faults.slowed(timing.delayNs(DiskObserver.Kind.FLUSH, 0)));
        }
        parked.clear();
    }

    /** All that it held is gone: a new device in the place of this one. */
    public void erase() {
        trace("is erased");
        faults.spoil();
        forgetWritesOfTheDead();
        faults.overwritten(0, config.sizeBytes());
        image = new SparseImage();
        cache.clear();
    }

    /**
     * A page of 4 KiB in which something was written, drawn by the caller, or -1 if there is none.
     */
    public long usedOffset(long drawn) {
        long from = Math.floorMod(drawn, config.sizeBytes() / SparseImage.PAGE_BYTES);
        long page = image.nextUsed(from);
        page = page < 0 ? image.nextUsed(0) : page;
        return page < 0 ? -1 : page * SparseImage.PAGE_BYTES;
    }

    public DiskImage snapshot() {
        return new DiskImage(image);
    }

    /** The disk is again what it was then, all of it flushed: rolled back to an older image. */
    public void restore(DiskImage older) {
        trace("is rolled back");
        faults.spoil();
        forgetWritesOfTheDead();
        image = older.copy();
        cache.clear();
    }

    /** What a dead process had in flight belongs to the medium that was there before. */
    private void forgetWritesOfTheDead() {
        for (DiskRequest request : inFlight) {
            request.lost |= request.orphaned && request.isWrite();
        }
    }

    /**
     * Power is lost: how much of the unflushed data survives is drawn, nothing and all included.
     */
    public void powerCut() {
        powerCut(
                switch (fates.nextInt(4)) {
                    case 0 -> 0;
                    case 1 -> 1;
                    default -> fates.nextDouble();
                });
    }

    /**
     * Power is lost: each unflushed device block survives with this chance, each on its own.
     * Requests of a process that still lives fail with EIO.
     */
    public void powerCut(double survival) {
        trace("power cut, chance to survive %.2f".formatted(survival));
        for (DiskRequest request : inFlight) {
            simulation.unschedule(request);
            if (request.isWrite() && !request.lost) {
                landSome(request, survival);
            }
        }
        cache.powerCut(image, fates, survival);
        List<DiskRequest> unanswered = List.copyOf(inFlight);
        inFlight.clear();
        parked.clear();
        orphans = 0;
        for (DiskRequest request : unanswered) {
            finish(request, -Errno.EIO);
        }
    }

    void lockFor(SimulatedFile file) {
        settleOrphans();
        assert lock == null;
        lock = file;
    }

    boolean isLocked() {
        return lock != null;
    }

    void unlock(SimulatedFile file) {
        if (lock == file) {
            lock = null;
        }
    }

    /**
     * The kernel releases a dead process's lock only when its requests are through: whoever takes
     * the lock next finds them settled.
     */
    private void settleOrphans() {
        for (DiskRequest request : List.copyOf(inFlight)) {
            if (request.orphaned) {
                simulation.unschedule(request);
                parked.remove(request);
                execute(request);
            }
        }
    }

    /** Each request of the dead process takes effect later, in part, or never. */
    void processDied(SimulatedEngine engine) {
        for (DiskRequest request : inFlight) {
            if (request.file.engine() == engine) {
                request.orphaned = true;
                orphans++;
                if (request.isWrite()) {
                    switch (fates.nextInt(3)) {
                        case 0 -> request.lost = true;
                        case 1 -> {
                            landSome(request, fates.nextDouble());
                            request.lost = true;
                        }
                        default -> {}
                    }
                }
            }
        }
    }

    void submit(DiskRequest request) {
        counters = counters.plus(request.kind, request.length);
        if (request.isWrite()) {
            request.offset = faults.takeOffset(request.offset);
            request.copyFromMemory();
            request.lost = faults.takeLoss();
        } else if (request.kind == DiskObserver.Kind.READ) {
            request.memory.asSlice(request.memoryOffset, request.length).fill(SCRIBBLE);
        }
        request.flushSequence = sequence;
        digest(request);
        inFlight.add(request);
        simulation.schedule(request, faults.slowed(timing.delayNs(request.kind, request.length)));
        if (observer != null) {
            observer.onRequest(request.kind, request.offset, request.length);
        }
    }

    private void digest(DiskRequest request) {
        checksum.reset();
        for (byte[] page : request.pages) {
            checksum.update(page);
        }
        simulation.digest(request.offset);
        simulation.digest(request.length << 3 | request.kind.ordinal());
        simulation.digest(checksum.getValue());
        if (simulation.isTracing()) {
            trace(request + " crc " + Long.toHexString(checksum.getValue()));
        }
    }

    void perform(DiskRequest request) {
        if (faults.isHung()) {
            faults.hit(DiskFaults.Kind.HUNG);
            parked.add(request);
        } else {
            execute(request);
        }
    }

    private void execute(DiskRequest request) {
        inFlight.remove(request);
        orphans -= request.orphaned ? 1 : 0;
        finish(
                request,
                switch (request.kind) {
                    case READ -> read(request);
                    case WRITE, DURABLE_WRITE -> write(request);
                    case FLUSH -> flush(request);
                    case DISCARD -> discard(request);
                });
    }

    private static void finish(DiskRequest request, int result) {
        request.result = result;
        if (!request.orphaned) {
            request.file.engine().deliverSoon(request);
        }
    }

    private int read(DiskRequest request) {
        if (request.orphaned) {
            return 0;
        }
        if (faults.failsRead(request.offset, request.length)) {
            return -Errno.EIO;
        }
        for (DiskRequest other : inFlight) {
            if (other.isWrite() && !other.lost && other.meets(request)) {
                landSome(other, 0.5);
            }
        }
        copyOut(request.offset, request.memory, request.memoryOffset, request.length);
        faults.given(request.offset, request.length);
        return (int) request.length;
    }

    private void copyOut(long offset, MemorySegment target, long targetOffset, long length) {
        for (long done = 0; done < length; ) {
            long index = (offset + done) / SparseImage.PAGE_BYTES;
            int from = (int) ((offset + done) % SparseImage.PAGE_BYTES);
            int count = (int) Math.min(SparseImage.PAGE_BYTES - from, length - done);
            byte[] page = image.page(index);
            if (page == null) {
                target.asSlice(targetOffset + done, count).fill((byte) 0);
            } else {
                MemorySegment.copy(
                        page, from, target, ValueLayout.JAVA_BYTE, targetOffset + done, count);
            }
            done += count;
        }
    }

    private int write(DiskRequest request) {
        assert request.orphaned || request.memoryIsUntouched()
                : "memory was changed while in flight: " + request;
        if (request.lost) {
            return (int) request.length;
        }
        if (faults.failsWrite(request.offset, request.length)) {
            landSome(request, fates.nextDouble());
            return -Errno.EIO;
        }
        boolean durable = request.kind == DiskObserver.Kind.DURABLE_WRITE;
        for (int i = 0; i < request.pages.length; i++) {
            long index = request.firstPage() + i;
            int mask = request.mask(index, config.blockBytes());
            int early = request.landed == null ? 0 : request.landed[i];
            land(index, mask & ~early, request.pages[i], durable);
            if (durable && early != 0) {
                cache.settle(index, early, image.page(index));
            }
        }
        return (int) request.length;
    }

    /** Lets blocks of a write in flight reach the device, each with this chance. */
    private void landSome(DiskRequest request, double chance) {
        int[] landed = request.landed == null ? new int[request.pages.length] : request.landed;
        request.landed = landed;
        for (int i = 0; i < landed.length; i++) {
            long index = request.firstPage() + i;
            int waiting = request.mask(index, config.blockBytes()) & ~landed[i];
            int now = 0;
            for (int rest = waiting; rest != 0; rest &= rest - 1) {
                if (fates.chance(chance)) {
                    now |= Integer.lowestOneBit(rest);
                }
            }
            landed[i] |= now;
            land(index, now, request.pages[i], false);
        }
    }

    private void land(long index, int mask, byte @Nullable [] blocks, boolean durable) {
        if (mask == 0) {
            return;
        }
        byte[] before = image.page(index);
        boolean whole = mask == (1 << (SparseImage.PAGE_BYTES / config.blockBytes())) - 1;
        byte[] after =
                whole ? blocks : SparseImage.merge(before, blocks, mask, config.blockBytes());
        image.put(index, after);
        for (int rest = faults.isAllWell() ? 0 : mask; rest != 0; rest &= rest - 1) {
            long block = Integer.numberOfTrailingZeros(rest);
            faults.overwritten(
                    index * SparseImage.PAGE_BYTES + block * config.blockBytes(),
                    config.blockBytes());
        }
        if (durable) {
            cache.settle(index, mask, after);
        } else if (config.volatileCache()) {
            cache.wrote(index, mask, before, after, ++sequence);
        }
    }

    private int flush(DiskRequest request) {
        if (faults.takeFlushFailure()) {
            return -Errno.EIO;
        }
        cache.flush(request.flushSequence);
        return 0;
    }

    /** Page by page the range reads as zeros or as before. */
    private int discard(DiskRequest request) {
        long end = request.offset + request.length;
        long first = request.offset / SparseImage.PAGE_BYTES;
        for (long page = image.nextUsed(first);
                page >= 0 && page * SparseImage.PAGE_BYTES < end;
                page = image.nextUsed(page + 1)) {
            if (fates.nextBoolean()) {
                land(page, request.mask(page, config.blockBytes()), null, false);
            }
        }
        return 0;
    }

    private void trace(String what) {
        if (simulation.isTracing()) {
            simulation.trace(name + ": " + what);
        }
    }

    @Override
    public String toString() {
        return name + Arrays.toString(new long[] {config.sizeBytes(), config.blockBytes()});
    }
}
