package io.stria.dataplane.store;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.BlockFile;
import java.lang.foreign.Arena;

/**
 * Fills batches and writes them, one at a time: while one is on its way the next one gathers
 * whatever arrives. Records are built in the ring's image, right where they will stay.
 *
 * <p>Every batch records the tail, so space comes free with the next batch at the latest. A part of
 * the ring is kept back for those who make room: copies of pinned records, watermarks, of these
 * most for one that lets the oldest batch go, and last of all batches that do nothing but record
 * the tail.
 */
final class GroupCommit implements BlockFile.Completion {
    static final int NO_ROOM = -1;

    /** Who asks for space: the later ones may take what the earlier must leave. */
    enum Need {
        COMMAND,
        COPY,
        TAKE_OVER,
        /** One that makes no room. */
        OTHER_WATERMARK,
        WATERMARK,
        TAIL
    }

    private static final int HEAD = BatchHead.BYTES;

    private final BlockFile file;
    private final Layout layout;
    private final long formatId;
    private final JournalRing ring;
    private final Area image;
    private final PageAllocator allocator;
    private final Vuids vuids;
    private final RecordApplier applier;
    private final Completions completions;
    private final Deletions deletions;
    private final StoreHealth health;
    private final StoreCounters counters;
    private final int batchBytesMax;
    private final Area scratch;

    private OpQueue staged = new OpQueue();
    private OpQueue writing = new OpQueue();
    private long stagePosition;
    private int stageBytes;
    private int stageRecords;
    private boolean inFlight;
    private long writingPosition;
    private int writingBytes;
    private long writingTail;
    private boolean tailWanted;
    private boolean watermarkWanted;

    GroupCommit(
            Arena arena,
            BlockFile file,
            Layout layout,
            long formatId,
            JournalRing ring,
            PageAllocator allocator,
            Vuids vuids,
            RecordApplier applier,
            Completions completions,
            Deletions deletions,
            StoreHealth health,
            StoreCounters counters) {
        this.file = file;
        this.layout = layout;
        this.formatId = formatId;
        this.ring = ring;
        this.image = ring.image();
        this.allocator = allocator;
        this.vuids = vuids;
        this.applier = applier;
        this.completions = completions;
        this.deletions = deletions;
        this.health = health;
        this.counters = counters;
        this.batchBytesMax = layout.batchBytesMax();
        this.scratch = new Area(arena, 4096);
    }

    boolean isIdle() {
        return !inFlight && stageRecords == 0;
    }

    /**
     * Room in the image for a record of this size, or for several one after the other, or {@link
     * #NO_ROOM}. Nothing is taken before {@link #add}. What is larger than a batch may be never
     * finds room: the ring would keep it, since it fits in no shadow.
     */
    int room(int recordBytes, Need need) {
        if (stageRecords == 0) {
            beginBatch(recordBytes);
        }
        int offset = ring.offset(stagePosition);
        int end = stageBytes + recordBytes;
        if (offset + end > ring.ringBytes() || end > batchBytesMax) {
            return NO_ROOM;
        }
        long freeAfter = ring.freeBytesAt(stagePosition + Layout.roundUp(end, layout.blockBytes()));
        return freeAfter < keptBack(need) ? NO_ROOM : offset + stageBytes;
    }

    /** Bytes that commands leave free, for whoever makes room. */
    private long keptBack(Need need) {
        return switch (need) {
            case COMMAND -> ring.ringBytes() / 8;
            case COPY -> ring.ringBytes() / 16;
            case TAKE_OVER -> ring.ringBytes() / 32;
            case OTHER_WATERMARK ->
                    keptBack(Need.WATERMARK) + Math.max(ring.ringBytes() / 64, layout.blockBytes());
            case WATERMARK -> 4L * layout.blockBytes();
            case TAIL -> 0;
        };
    }

    private void beginBatch(int recordBytes) {
        long position = inFlight ? writingPosition + writingBytes : ring.headPosition();
        int left = ring.ringBytes() - ring.offset(position);
        if (left < HEAD + recordBytes) {
            position += left;
        }
        stagePosition = position;
        stageBytes = HEAD;
    }

    /** The record built at the offset that {@link #room} gave is whole. */
    void add(int offset) {
        JournalRecord.seal(image, offset);
        int bytes = JournalRecord.bytes(image, offset);
        assert offset == ring.offset(stagePosition) + stageBytes;
        stageBytes += bytes;
        stageRecords++;
    }

    /** Answered when the batch is durable. */
    void add(int offset, StoreOp op) {
        add(offset);
        op.state = StoreOp.State.STAGED;
        staged.add(op);
    }

    /** Somebody needs the space behind the tail. */
    void wantTail() {
        tailWanted = true;
    }

    /** Somebody needs the committed watermarks to be durable. */
    void wantWatermark() {
        watermarkWanted = true;
    }

    int poll() {
        if (health.hasFailed()) {
            return refuseAll();
        }
        if (inFlight) {
            return 0;
        }
        boolean tailMoved = ring.tailSequence() > ring.recordedTailSequence();
        boolean empty = stageRecords == 0;
        boolean record = (tailWanted && tailMoved) || allocator.wantsRecord();
        if (empty && !record && !(watermarkWanted && watermarksWait())) {
            tailWanted = false;
            watermarkWanted = false;
            return 0;
        }
        if (empty && !(record ? hasRoomForRecord() : hasRoomForWatermarks())) {
            return 0;
        }
        tailWanted = false;
        watermarkWanted = false;
        seal();
        return 1;
    }

    /** For a batch without commands, that tells of the tail or the high water mark. */
    private boolean hasRoomForRecord() {
        boolean frees = tailWanted && ring.tailSequence() > ring.ringTailSequence();
        return room(0, frees ? Need.TAIL : Need.WATERMARK) != NO_ROOM;
    }

    private boolean hasRoomForWatermarks() {
        return room(0, Need.OTHER_WATERMARK) != NO_ROOM
                || (doWatermarksFreeTail() && room(0, Need.WATERMARK) != NO_ROOM);
    }

    private boolean watermarksWait() {
        for (int i = 0; i < vuids.count(); i++) {
            if (vuids.at(i).watermarkWaits()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether one that waits reaches a version in the oldest batch, which may go home then. Looked
     * at only where there is next to no room.
     */
    private boolean doWatermarksFreeTail() {
        long tail = ring.tailSequence();
        if (tail > ring.headSequence()) {
            return false;
        }
        Area area = ring.areaOf(tail);
        int offset = ring.offsetOf(tail);
        int at = offset + HEAD;
        for (int i = BatchHead.records(area, offset); i > 0; i--) {
            VuidState vuid =
                    vuids.get((int) (JournalRecord.key(area, at) >>> DeviceAddress.VUID_SHIFT));
            long version = JournalRecord.version(area, at);
            if (JournalRecord.type(area, at) != JournalRecord.WATERMARK
                    && Long.compareUnsigned(version, vuid.durable) > 0
                    && Long.compareUnsigned(version, vuid.committed) <= 0
                    && vuid.watermarkWaits()) {
                return true;
            }
            at += JournalRecord.bytes(area, at);
        }
        return false;
    }

    private void seal() {
        long sequence = ring.headSequence() + 1;
        long tail = addWatermarks(Math.min(ring.tailSequence(), sequence));
        int bytes = (int) Layout.roundUp(stageBytes, layout.blockBytes());
        assert bytes <= batchBytesMax : "a batch of " + bytes + " bytes fits in no shadow";
        int offset = ring.offset(stagePosition);
        image.zero(offset + stageBytes, bytes - stageBytes);
        BatchHead.put(
                image,
                offset,
                formatId,
                sequence,
                tail,
                stagePosition,
                bytes,
                stageRecords,
                allocator.highWater(),
                scratch);
        inFlight = true;
        writingPosition = stagePosition;
        writingBytes = bytes;
        writingTail = tail;
        stageRecords = 0;
        stageBytes = 0;
        OpQueue empty = writing;
        writing = staged;
        staged = empty;
        counters.batches++;
        counters.journalBytesWritten += bytes;
        file.write(
                layout.ringOffset() + offset, image.segment(), offset, bytes, true, this, sequence);
    }

    /**
     * Watermarks that have risen, and those whose newest record lies before the new tail. Returns
     * the tail, which stays before a watermark that found no room.
     */
    private long addWatermarks(long tail) {
        long newTail = tail;
        for (int i = 0; i < vuids.count(); i++) {
            VuidState vuid = vuids.at(i);
            boolean rises = vuid.watermarkWaits();
            boolean leaves =
                    vuid.watermarkBatch != 0 && vuid.watermarkBatch < tail && !vuid.deleting;
            if (rises || leaves) {
                boolean added = addWatermark(vuid, rises ? vuid.committed : vuid.durable);
                if (!added && leaves) {
                    newTail = Math.min(newTail, vuid.watermarkBatch);
                }
            }
        }
        return newTail;
    }

    private boolean addWatermark(VuidState vuid, long watermark) {
        int end = stageBytes + JournalRecord.HEAD_BYTES;
        int offset = ring.offset(stagePosition);
        long position = stagePosition + Layout.roundUp(end, layout.blockBytes());
        boolean growsBatch =
                Layout.roundUp(end, layout.blockBytes())
                        != Layout.roundUp(stageBytes, layout.blockBytes());
        if (offset + end > ring.ringBytes()
                || end > batchBytesMax
                || (growsBatch && ring.freeBytesAt(position) < keptBack(Need.WATERMARK))) {
            return false;
        }
        JournalRecord.putHead(
                image,
                offset + stageBytes,
                JournalRecord.WATERMARK,
                0,
                Long.compareUnsigned(vuid.forgettable, watermark) >= 0
                        ? JournalRecord.ALL_IN_SYNC
                        : 0,
                (long) vuid.vuid << DeviceAddress.VUID_SHIFT,
                watermark,
                vuid.epoch,
                0,
                0);
        add(offset + stageBytes);
        return true;
    }

    @Override
    public void complete(long sequence, int result) {
        inFlight = false;
        if (result != writingBytes) {
            counters.writeErrors++;
            health.fail();
        }
        if (health.hasFailed()) {
            refuseAll();
            return;
        }
        ring.append(sequence, writingPosition, writingBytes, writingTail);
        applyAll(sequence);
        ring.unpin((int) sequence);
        ring.advancedTail();
        allocator.recorded(BatchHead.highWater(image, ring.offset(writingPosition)));
        allocator.release(ring.recordedTailSequence(), ring.headSequence());
        finishAll(writing, IoStatus.OK);
    }

    private void applyAll(long sequence) {
        int offset = ring.offset(writingPosition);
        int records = BatchHead.records(image, offset);
        int at = offset + HEAD;
        applier.open(sequence);
        for (int i = 0; i < records; i++) {
            applier.apply(sequence, at);
            if (JournalRecord.type(image, at) == JournalRecord.DELETE) {
                deletions.begin(JournalRecord.key(image, at), sequence);
            }
            at += JournalRecord.bytes(image, at);
        }
    }

    /** Also what is on its way to a device that hangs: whether it takes effect is left open. */
    private int refuseAll() {
        stageRecords = 0; // nobody waits for what is never written: the store may be closed
        stageBytes = 0;
        return finishAll(writing, IoStatus.MEDIA_ERROR)
                + finishAll(staged, IoStatus.MEDIA_ERROR)
                + deletions.refuseAll();
    }

    private int finishAll(OpQueue queue, IoStatus status) {
        int ended = 0;
        for (StoreOp op = queue.poll(); op != null; op = queue.poll()) {
            ended++;
            if (op.request.op == FragmentOp.DELETE && status == IoStatus.OK) {
                deletions.answerAtEnd(op);
            } else {
                completions.finish(op, status, 0);
            }
        }
        return ended;
    }
}
