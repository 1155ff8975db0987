package io.stria.dataplane.peer;

import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoStatus;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * One command of a peer, from its capsule to its answer. Outlives its connection if the store is
 * still at it.
 */
final class PeerCommandSlot implements FragmentRequest.Completion {
    final FragmentRequest request = new FragmentRequest();
    private final PeerConnection connection;
    int commandId;
    IoStatus status = IoStatus.OK;
    long result;
    private @Nullable MemorySegment buffer;

    PeerCommandSlot(PeerConnection connection) {
        this.connection = connection;
        request.completion = this;
    }

    /**
     * False when no buffer of the size is free, or the connection or its device has its share of
     * them.
     */
    boolean takeBuffer(int bytes) {
        if (bytes == 0) {
            return true;
        }
        MemorySegment taken = connection.take(bytes);
        if (taken == null) {
            return false;
        }
        buffer = taken;
        request.buffer = taken;
        request.bufferOffset = 0;
        request.bufferBytes = bytes;
        return true;
    }

    void releaseBuffer() {
        MemorySegment held = buffer;
        if (held != null) {
            int bytes = request.bufferBytes;
            buffer = null;
            request.buffer = MemorySegment.NULL;
            request.bufferBytes = 0;
            connection.give(held, bytes);
        }
    }

    /** Bytes of data that the answer carries. */
    int answerBytes() {
        if (status != IoStatus.OK) {
            return 0;
        }
        return switch (request.op) {
            case READ, READ_AT -> request.bufferBytes;
            case LIST ->
                    (int) (result & ~FragmentFormat.LIST_MORE) * FragmentFormat.LIST_ENTRY_BYTES;
            default -> 0;
        };
    }

    static boolean carriesData(FragmentOp op) {
        return op == FragmentOp.WRITE || op == FragmentOp.REPLACE;
    }

    static boolean returnsData(FragmentOp op) {
        return op == FragmentOp.READ || op == FragmentOp.READ_AT || op == FragmentOp.LIST;
    }

    @Override
    public void complete(FragmentRequest completed, IoStatus ended, long value) {
        status = ended;
        result = value;
        connection.executed(this);
    }
}
