package io.stria.perf.load;

import io.stria.nvme.CapsuleCmd;
import io.stria.nvme.CapsuleResp;
import io.stria.nvme.CompletionEntry;
import io.stria.nvme.ConnectCommand;
import io.stria.nvme.ConnectData;
import io.stria.nvme.IcReq;
import io.stria.nvme.IcResp;
import io.stria.nvme.PduHeader;
import io.stria.nvme.PduLimits;
import io.stria.nvme.PduReader;
import io.stria.nvme.PduType;
import io.stria.nvme.SglDescriptor;
import io.stria.nvme.SubmissionEntry;
import io.stria.runtime.StreamHandler;
import io.stria.runtime.TcpStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One connection of a host, up to its Connect command. Data that arrives is not kept. */
abstract class HostLink implements StreamHandler, PduReader.Handler {
    static final String HOST_NQN =
            "nqn.2014-08.org.nvmexpress:uuid:6f1c41f5-93d3-4e4c-9c2f-000000000001";
    private static final int PDU_BYTES_MAX = 2 << 20;

    final MemorySegment pdu;
    private final MemorySegment connectData;
    private final PduReader reader;
    private final String nqn;
    private final int queueId;
    private @Nullable TcpStream stream;
    private int maxHostDataBytes = 1 << 20;
    private boolean connected;
    private @Nullable String failure;

    HostLink(Arena arena, String nqn, int queueId) {
        this.nqn = nqn;
        this.queueId = queueId;
        this.pdu = arena.allocate(CapsuleCmd.BYTES, 8);
        this.connectData = arena.allocate(ConnectData.BYTES, 8);
        this.reader = new PduReader(arena, new PduLimits(false, 0, PDU_BYTES_MAX, 4), this);
    }

    /** Its Connect command has succeeded. */
    abstract void onQueue(MemorySegment cqe, long offset);

    /** A completion after that of Connect. */
    abstract void onCompletion(MemorySegment cqe, long offset);

    /** A piece of a read's data is about to arrive; for the last one the target may say no more. */
    abstract void onReadData(MemorySegment header, long offset);

    /** The target asks for a write's data. */
    abstract void onRequest(MemorySegment header, long offset);

    /** Entries of its queue, and its controller. */
    abstract int queueEntries();

    abstract int controllerId();

    final @Nullable String failure() {
        return failure;
    }

    final boolean isConnected() {
        return connected;
    }

    final void fail(String why) {
        if (failure == null) {
            failure = "queue " + queueId + ": " + why;
        }
    }

    final TcpStream stream() {
        return Objects.requireNonNull(stream, "not connected");
    }

    final int maxHostDataBytes() {
        return maxHostDataBytes;
    }

    /** Sends the command in {@link #pdu}, with its data in the capsule if there is any. */
    final void sendCapsule(MemorySegment data, int capsuleBytes) {
        CapsuleCmd.writeHeader(pdu, 0);
        PduHeader.frame(pdu, 0, capsuleBytes, 4, false, false);
        stream().send(pdu, 0, CapsuleCmd.BYTES);
        if (capsuleBytes > 0) {
            stream().send(data, 0, capsuleBytes);
        }
    }

    final void putNoData() {
        SglDescriptor.write(
                pdu, CapsuleCmd.SQE + SubmissionEntry.SGL, SglDescriptor.ID_TRANSPORT, 0);
    }

    @Override
    public final void onConnected(TcpStream opened) {
        stream = opened;
        MemorySegment request = Arena.ofAuto().allocate(IcReq.BYTES, 8);
        IcReq.write(request, 0, 0, 0, 0);
        opened.send(request, 0, IcReq.BYTES);
    }

    @Override
    public final int onData(TcpStream from, MemorySegment buffer, long offset, int length) {
        int consumed = reader.read(buffer, offset, length);
        if (reader.error() != null) {
            fail(String.valueOf(reader.error()));
            return length;
        }
        return consumed;
    }

    @Override
    public void onSendSpace(TcpStream from) {}

    @Override
    public final void onClosed(TcpStream from, int errno) {
        fail("the target has closed the connection, errno " + errno);
    }

    @Override
    public final boolean onHeader(PduType type, MemorySegment header, long offset, int dataBytes) {
        switch (type) {
            case IC_RESP -> {
                maxHostDataBytes = IcResp.maxH2cData(header, offset);
                connectQueue();
            }
            case CAPSULE_RESP -> onResponse(header, offset + CapsuleResp.CQE);
            case R2T -> onRequest(header, offset);
            case C2H_DATA -> onReadData(header, offset);
            default -> fail("the target says " + type);
        }
        return true;
    }

    @Override
    public void onEnd(boolean dataIntact) {}

    @Override
    public void onData(MemorySegment source, long offset, int length) {}

    private void onResponse(MemorySegment header, long cqe) {
        if (connected) {
            onCompletion(header, cqe);
        } else {
            int status = CompletionEntry.status(header, cqe);
            if (status != 0) {
                fail("Connect fails with status %#x".formatted(status));
            } else {
                connected = true;
                onQueue(header, cqe);
            }
        }
    }

    private void connectQueue() {
        ConnectCommand.write(
                pdu,
                CapsuleCmd.SQE,
                0,
                queueId,
                queueEntries(),
                queueId == 0 ? 0 : ConnectCommand.CATTR_NO_SQ_FLOW_CONTROL,
                0);
        byte[] hostId = new byte[ConnectData.HOSTID_BYTES];
        hostId[0] = 0x6f;
        hostId[15] = 1;
        ConnectData.write(connectData, 0, hostId, controllerId(), nqn, HOST_NQN);
        sendCapsule(connectData, ConnectData.BYTES);
    }
}
