package io.stria.nvmf;

import io.stria.nvme.CapsuleCmd;
import io.stria.nvme.DataPdu;
import io.stria.nvme.FatalErrorStatus;
import io.stria.nvme.IcReq;
import io.stria.nvme.PduError;
import io.stria.nvme.PduLimits;
import io.stria.nvme.PduReader;
import io.stria.nvme.PduType;
import io.stria.nvme.StatusCode;
import io.stria.nvme.TermReq;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What arrives on a connection: PDUs become commands, and data goes to where its command has it.
 * While there is no buffer for the data of a capsule, the connection does not read on.
 */
final class PduIntake extends BufferWaiter implements PduReader.Handler {
    private final Connection connection;
    private final CommandFlow flow;
    private final CommandSlots slots;
    private final PduReader reader;

    /** The command that the PDU now arriving belongs to. */
    private @Nullable Command current;

    /** A command whose capsule waits outside for a buffer for its data. */
    private @Nullable Command heldUp;

    /** Since when, while there is one. */
    private long heldUpSinceNs;

    /** How long capsules have waited outside, this one left out. */
    private long heldUpNs;

    private long receivedBytes;

    PduIntake(
            Connection connection,
            Arena arena,
            TargetConfig config,
            CommandSlots slots,
            CommandFlow flow) {
        this.connection = connection;
        this.flow = flow;
        this.slots = slots;
        this.reader = new PduReader(arena, limits(config), this);
    }

    private static PduLimits limits(TargetConfig config) {
        return new PduLimits(true, config.capsuleBytes(), config.buffers().hugeBytes(), 4);
    }

    /** See {@link PduReader#read}. */
    int read(MemorySegment buffer, long offset, int length) {
        int consumed = reader.read(buffer, offset, length);
        receivedBytes += consumed;
        return consumed;
    }

    /** What the host has done wrong, or null. */
    @Nullable PduError error() {
        return reader.error();
    }

    MemorySegment faultyHeader() {
        return reader.faultyHeader();
    }

    /** Takes nothing more. */
    void stop() {
        reader.fail(PduError.sequence("closed"));
        heldUp = null;
        leaveLine();
    }

    void useDigests(boolean header, boolean data) {
        reader.useDigests(header, data);
    }

    /** The host is in the middle of a PDU. */
    boolean isInside() {
        return current != null;
    }

    /** Nothing is read because there is no buffer. */
    boolean isHeldUp() {
        return heldUp != null;
    }

    long receivedBytes() {
        return receivedBytes;
    }

    /**
     * A clock that stands while nothing is read because there is no buffer: a host owes nothing for
     * that time.
     */
    long listeningNs(long nowNs) {
        return (heldUp == null ? nowNs : heldUpSinceNs) - heldUpNs;
    }

    /** Data that the host has to send now is not there, though it was due. */
    boolean isOverdue(long nowNs) {
        long listeningNs = listeningNs(nowNs);
        Command arriving = current;
        boolean capsuleIs =
                arriving != null
                        && arriving.state == CommandState.RECEIVING
                        && arriving.dueNs <= listeningNs;
        return capsuleIs || (flow.awaitingData() > 0 && slots.isOverdue(listeningNs));
    }

    @Override
    public boolean onHeader(PduType type, MemorySegment pdu, long offset, int dataBytes) {
        current = null;
        if (connection.state() == ConnectionState.AWAITING_INITIALIZE && type != PduType.IC_REQ) {
            reader.fail(PduError.sequence(type + " before ICReq"));
            return true;
        }
        switch (type) {
            case IC_REQ -> onInitialize(pdu, offset);
            case CAPSULE_CMD -> {
                return onCapsule(pdu, offset, dataBytes);
            }
            case H2C_DATA -> onHostData(pdu, offset, dataBytes);
            case H2C_TERM_REQ ->
                    connection.close(
                            "terminated by the host: status %d, information %#x"
                                    .formatted(TermReq.fes(pdu, offset), TermReq.fei(pdu, offset)));
            default -> throw new AssertionError("the reader let " + type + " pass");
        }
        return true;
    }

    private void onInitialize(MemorySegment pdu, long offset) {
        if (connection.state() != ConnectionState.AWAITING_INITIALIZE) {
            reader.fail(PduError.sequence("a second ICReq"));
        } else if (IcReq.pfv(pdu, offset) != 0) {
            String reason = "PDU format version " + IcReq.pfv(pdu, offset);
            reader.fail(new PduError(FatalErrorStatus.UNSUPPORTED_PARAMETER, IcReq.PFV, reason));
        } else if (IcReq.hpda(pdu, offset) > IcReq.HPDA_MAX) {
            String reason = "data alignment " + IcReq.hpda(pdu, offset);
            reader.fail(PduError.header(IcReq.HPDA, reason));
        } else {
            connection.initialize(IcReq.hpda(pdu, offset), IcReq.digests(pdu, offset));
        }
    }

    private boolean onCapsule(MemorySegment pdu, long offset, int dataBytes) {
        Command command = heldUp;
        if (command == null) {
            command = slots.take();
            if (command == null) {
                reader.fail(PduError.sequence("more commands than the queue has entries"));
                return true;
            }
            command.begin(pdu, offset + CapsuleCmd.SQE);
            command.status = connection.admit(command, dataBytes);
        }
        if (!hasRoom(command, dataBytes)) {
            if (heldUp == null) {
                heldUpSinceNs = connection.nowNs();
                heldUp = command;
            }
            connection.stream().pauseReceive();
            return false;
        }
        if (heldUp != null) {
            heldUpNs += connection.nowNs() - heldUpSinceNs;
            heldUp = null;
        }
        command.dueNs = connection.dueNs(dataBytes);
        current = command;
        return true;
    }

    /** The data of a capsule arrives at once and needs a place; that of a refused one does not. */
    private boolean hasRoom(Command command, int dataBytes) {
        if (dataBytes == 0 || command.status != StatusCode.SUCCESS || command.hasBuffer()) {
            return true;
        }
        BufferShare owner = connection.shares().forCapsule();
        MemorySegment buffer = isInLine() ? null : owner.take(this);
        if (buffer == null) {
            return false;
        }
        command.putBuffer(owner, buffer);
        return true;
    }

    /** The buffer that the capsule outside waits for. */
    @Override
    boolean onBuffer(BufferShare from, MemorySegment buffer) {
        Command command = heldUp;
        if (command == null) {
            return false;
        }
        command.putBuffer(from, buffer);
        connection.stream().resumeReceive();
        return true;
    }

    private void onHostData(MemorySegment pdu, long offset, int dataBytes) {
        Command command = slots.at(DataPdu.transferTag(pdu, offset));
        if (command == null
                || command.state != CommandState.AWAITING_DATA
                || command.commandId != DataPdu.commandId(pdu, offset)) {
            String reason = "nobody asked for " + DataPdu.describe(pdu, offset);
            reader.fail(PduError.header(DataPdu.TTAG, reason));
            return;
        }
        long from = DataPdu.dataOffset(pdu, offset);
        if (from != command.received || dataBytes > command.dataBytes() - command.received) {
            String reason = "data out of order or range: " + DataPdu.describe(pdu, offset);
            reader.fail(new PduError(FatalErrorStatus.DATA_OUT_OF_RANGE, DataPdu.DATAO, reason));
            return;
        }
        current = command;
    }

    @Override
    public void onData(MemorySegment source, long offset, int length) {
        Command command = current;
        if (command != null && command.hasBuffer()) {
            MemorySegment.copy(source, offset, command.data(), command.received, length);
            command.received += length;
        }
    }

    @Override
    public void onEnd(boolean dataIntact) {
        Command command = current;
        current = null;
        if (!dataIntact) {
            connection.onDataDigestError();
        }
        if (command == null) {
            return;
        }
        if (!dataIntact && command.status == StatusCode.SUCCESS) {
            command.status = StatusCode.TRANSIENT_TRANSPORT_ERROR;
        }
        if (command.state == CommandState.RECEIVING || command.received == command.dataBytes()) {
            flow.advance(command);
        }
    }
}
