package io.stria.dataplane.volume;

import io.stria.runtime.WaitingLine;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes of stripes, so many of each kind at a time; hosts' IO that finds none free waits
 * here for its turn. On the owner's thread.
 */
final class OpPools {
    private static final int SPARES_MAX = 32;

    private final VolumeOwner owner;
    private final int opsMax;
    private final ArrayDeque<WriteOp> idleWrites = new ArrayDeque<>();
    private final ArrayDeque<ReadOp> idleReads = new ArrayDeque<>();

    /** Reads that came back when others had taken their places, kept for the next of these. */
    private final ArrayDeque<ReadOp> spareReads = new ArrayDeque<>();

    private final WaitingLine<HostIo> starvedReads = new WaitingLine<>();
    private final WaitingLine<HostIo> starvedWrites = new WaitingLine<>();
    private int writesMade;
    private int readsMade;

    OpPools(VolumeOwner owner, int opsMax) {
        this.owner = owner;
        this.opsMax = opsMax;
    }

    @Nullable WriteOp writeOrNull(long block, int count) {
        return idleWrites.isEmpty() && writesMade >= opsMax ? null : write(block, count);
    }

    /** A write that must not wait for others. */
    WriteOp write(long block, int count) {
        WriteOp op = idleWrites.pollLast();
        if (op == null) {
            op = new WriteOp(owner);
            writesMade++;
        }
        owner.pages().range(op, block, count);
        return op;
    }

    @Nullable ReadOp readOrNull(long block, int count) {
        ReadOp op = idleReads.pollLast();
        if (op == null) {
            if (readsMade >= opsMax) {
                return null;
            }
            op = spareReads.isEmpty() ? new ReadOp(owner) : spareReads.removeLast();
            readsMade++;
        }
        owner.pages().range(op, block, count);
        return op;
    }

    void recycle(WriteOp op) {
        if (op.isParted()) {
            op.rejoin();
            if (writesMade >= opsMax) {
                return;
            }
            writesMade++;
        }
        idleWrites.add(op);
        pumpStarved(starvedWrites);
    }

    void recycle(ReadOp op) {
        if (op.isParted()) {
            op.rejoin();
            if (readsMade >= opsMax) {
                if (spareReads.size() < SPARES_MAX) {
                    spareReads.add(op);
                }
                return;
            }
            readsMade++;
        }
        idleReads.add(op);
        pumpStarved(starvedReads);
    }

    /**
     * The operation has ended, but a command of it is stuck on a store that nobody waits for any
     * more. Another one takes its place: commands on that store were bounded when it got stuck, and
     * it gets no new ones before these have ended. The same holds for a store whose reads are
     * overdue, see {@link ReadTimes#passOver}, but for those that had been sent by then.
     */
    void part(WriteOp op) {
        writesMade--;
        op.part();
        pumpStarved(starvedWrites);
    }

    void part(ReadOp op) {
        readsMade--;
        op.part();
        pumpStarved(starvedReads);
    }

    /** It has its turn when an operation of its kind is free. */
    void starved(HostIo io) {
        if (!io.isInLine()) {
            (io.isRead() ? starvedReads : starvedWrites).add(io);
        }
    }

    /** An operation is free for the first that waits for one of its kind. */
    private static void pumpStarved(WaitingLine<HostIo> line) {
        boolean taken = false;
        while (!taken && !line.isEmpty()) {
            taken = line.remove().takeTurn();
        }
    }
}
