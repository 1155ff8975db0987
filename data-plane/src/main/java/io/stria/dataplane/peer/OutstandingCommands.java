package io.stria.dataplane.peer;

import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The commands of a connection to a peer's store, from their capsules to their answers, by command
 * identifier: as many as its queue is deep.
 */
final class OutstandingCommands {
    static final int QUEUE_DEPTH = 256;
    static final long COMMAND_TIMEOUT_NS = 5_000_000_000L;

    private final @Nullable FragmentRequest[] inFlight = new FragmentRequest[QUEUE_DEPTH];
    private final int[] received = new int[QUEUE_DEPTH];
    private final long[] sentNs = new long[QUEUE_DEPTH];
    private final int[] freeIds = new int[QUEUE_DEPTH];
    private int freeCount;

    OutstandingCommands() {
        freeAllIds();
    }

    int count() {
        return QUEUE_DEPTH - freeCount;
    }

    boolean isFull() {
        return freeCount == 0;
    }

    /** Its identifier, until it ends. There must be room for it. */
    int begin(FragmentRequest request, long nowNs) {
        int id = freeIds[--freeCount];
        inFlight[id] = request;
        sentNs[id] = nowNs;
        received[id] = 0;
        return id;
    }

    boolean isOutstanding(int id) {
        return id < QUEUE_DEPTH && inFlight[id] != null;
    }

    /**
     * Data for a command begins to arrive: all of it counts as received.
     *
     * @param at offset in the command's data
     * @return the command, or null if none has asked for this
     */
    @Nullable FragmentRequest receive(int id, long at, int bytes) {
        FragmentRequest request = id < QUEUE_DEPTH ? inFlight[id] : null;
        if (request == null
                || !reads(request.op)
                || at + bytes > request.bufferBytes
                || at != received[id]) {
            return null;
        }
        received[id] += bytes;
        return request;
    }

    /** The command is answered; with less than was asked for that is no answer. */
    void answered(int id, IoStatus status, long result) {
        FragmentRequest request = inFlight[id];
        if (request == null) {
            return;
        }
        boolean lacks = status == IoStatus.OK && received[id] != expectedBytes(request, result);
        inFlight[id] = null;
        freeIds[freeCount++] = id;
        request.complete(lacks ? IoStatus.MEDIA_ERROR : status, result);
    }

    private static long expectedBytes(FragmentRequest request, long result) {
        return switch (request.op) {
            case READ, READ_AT -> request.bufferBytes;
            case LIST -> (result & ~FragmentFormat.LIST_MORE) * FragmentFormat.LIST_ENTRY_BYTES;
            default -> 0;
        };
    }

    private static boolean reads(FragmentOp op) {
        return op == FragmentOp.READ || op == FragmentOp.READ_AT || op == FragmentOp.LIST;
    }

    /** One command without an answer is enough, whatever else is answered meanwhile. */
    boolean isStuck(long nowNs) {
        for (int id = 0; id < QUEUE_DEPTH; id++) {
            if (inFlight[id] != null && nowNs - sentNs[id] > COMMAND_TIMEOUT_NS) {
                return true;
            }
        }
        return false;
    }

    /** None of them is answered any more: they go to the end of that line. */
    void moveTo(ArrayDeque<FragmentRequest> line) {
        for (int id = 0; id < QUEUE_DEPTH; id++) {
            FragmentRequest request = inFlight[id];
            if (request != null) {
                inFlight[id] = null;
                line.add(request);
            }
        }
        freeAllIds();
    }

    private void freeAllIds() {
        for (int id = 0; id < QUEUE_DEPTH; id++) {
            freeIds[id] = id;
        }
        freeCount = QUEUE_DEPTH;
    }
}
