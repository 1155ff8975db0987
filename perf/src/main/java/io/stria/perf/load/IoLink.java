package io.stria.perf.load;

import io.stria.nvme.CapsuleCmd;
import io.stria.nvme.CompletionEntry;
import io.stria.nvme.DataPdu;
import io.stria.nvme.IoOpcode;
import io.stria.nvme.PduHeader;
import io.stria.nvme.PduType;
import io.stria.nvme.R2t;
import io.stria.nvme.SglDescriptor;
import io.stria.nvme.SubmissionEntry;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/**
 * An IO queue that keeps a number of IOs on their way. Nothing is allocated for one, and what is
 * read is looked at by nobody.
 */
final class IoLink extends HostLink {
    private static final int ENTRIES = 128;

    private final AdminLink admin;
    private final int nsid;
    private final MemorySegment data;
    private final LoadCounts counts;
    private final SplittableRandom random;
    private final long[] startedNs = new long[ENTRIES];
    private final boolean[] isUsed = new boolean[ENTRIES];
    private final boolean[] isWrite = new boolean[ENTRIES];
    private Workload work;
    private int inFlight;
    private int nextId;
    private int target;
    private long first;
    private long places;
    private long next;

    /** Whose data arrives now, and whether its last byte ends the command. */
    private int lastRead = -1;

    private boolean lastReadEnds;

    IoLink(
            Arena arena,
            TargetAddress address,
            int id,
            AdminLink admin,
            MemorySegment data,
            LoadCounts counts,
            Workload work) {
        super(arena, address.nqn(), id);
        this.admin = admin;
        this.nsid = address.nsid();
        this.data = data;
        this.counts = counts;
        this.work = work;
        this.random = new SplittableRandom(id);
    }

    /**
     * From now on.
     *
     * @param depth IOs on their way, 0 to let them end
     * @param firstByte of the part of the namespace that is used, of {@code spanBytes}
     */
    void run(Workload newWork, int depth, long firstByte, long spanBytes) {
        work = newWork;
        target = depth;
        first = firstByte / admin.blockBytes();
        places = spanBytes / work.bytes();
        next = 0;
        for (int id = 0; id < ENTRIES && inFlight < target; id++) {
            if (!isUsed[id]) {
                submit(id, System.nanoTime());
            }
        }
    }

    /**
     * Begins one more, which counts from the given time.
     *
     * @return false if the queue is full
     */
    boolean begin(long sinceNs) {
        if (inFlight == ENTRIES - 1) {
            return false;
        }
        int id = nextId;
        while (isUsed[id]) {
            id = (id + 1) % ENTRIES;
        }
        nextId = (id + 1) % ENTRIES;
        submit(id, sinceNs);
        return true;
    }

    boolean isIdle() {
        return inFlight == 0;
    }

    @Override
    int queueEntries() {
        return ENTRIES;
    }

    @Override
    int controllerId() {
        return admin.controllerId();
    }

    @Override
    void onQueue(MemorySegment cqe, long offset) {}

    @Override
    void onCompletion(MemorySegment cqe, long offset) {
        if (CompletionEntry.status(cqe, offset) != 0) {
            counts.failed++;
        }
        end(CompletionEntry.commandId(cqe, offset));
    }

    private void end(int id) {
        long nowNs = System.nanoTime();
        counts.onEnded(isWrite[id], nowNs - startedNs[id]);
        inFlight--;
        isUsed[id] = false;
        if (inFlight < target) {
            submit(id, nowNs);
        }
    }

    private void submit(int id, long sinceNs) {
        boolean write = work.readPercent() < 100 && random.nextInt(100) >= work.readPercent();
        int bytes = work.bytes();
        boolean inCapsule = write && bytes <= admin.capsuleDataBytes();
        SubmissionEntry.write(
                pdu, CapsuleCmd.SQE, write ? IoOpcode.WRITE : IoOpcode.READ, id, nsid);
        int lbas = bytes / admin.blockBytes();
        SubmissionEntry.putLbas(pdu, CapsuleCmd.SQE, first + place() * lbas, lbas);
        SglDescriptor.write(
                pdu,
                CapsuleCmd.SQE + SubmissionEntry.SGL,
                inCapsule ? SglDescriptor.ID_IN_CAPSULE : SglDescriptor.ID_TRANSPORT,
                bytes);
        inFlight++;
        isUsed[id] = true;
        isWrite[id] = write;
        startedNs[id] = sinceNs;
        sendCapsule(data, inCapsule ? bytes : 0);
    }

    private long place() {
        if (!work.sequential()) {
            return random.nextLong(places);
        }
        long place = next;
        next = place + 1 == places ? 0 : place + 1;
        return place;
    }

    @Override
    void onReadData(MemorySegment header, long offset) {
        lastReadEnds = DataPdu.isSuccess(header, offset);
        lastRead = DataPdu.commandId(header, offset);
    }

    @Override
    public void onEnd(boolean dataIntact) {
        if (lastReadEnds) {
            lastReadEnds = false;
            end(lastRead);
        }
    }

    @Override
    void onRequest(MemorySegment header, long offset) {
        int left = (int) R2t.dataBytes(header, offset);
        int at = (int) R2t.dataOffset(header, offset);
        int id = R2t.commandId(header, offset);
        int tag = R2t.transferTag(header, offset);
        while (left > 0) {
            int bytes = Math.min(left, maxHostDataBytes());
            int flags = bytes == left ? PduHeader.FLAG_LAST : 0;
            DataPdu.write(pdu, 0, PduType.H2C_DATA, flags, id, tag, at, bytes);
            PduHeader.frame(pdu, 0, bytes, 4, false, false);
            stream().send(pdu, 0, DataPdu.BYTES);
            stream().send(data, 0, bytes);
            at += bytes;
            left -= bytes;
        }
    }
}
