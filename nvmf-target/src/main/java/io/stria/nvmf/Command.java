package io.stria.nvmf;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.nvme.StatusCode;
import io.stria.nvme.SubmissionEntry;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * One command of a host, from its capsule to its response. A connection makes as many as its queue
 * has entries, and reuses them. A {@link CommandExecutor} has it from {@code execute} until it
 * calls {@link #complete}, which it must, exactly once, also when the connection has gone
 * meanwhile.
 */
final class Command extends BufferWaiter implements IoRequest.Completion {
    /** Hears the end of an IO that a command had a device do. */
    interface IoHandler {
        void onIo(Command command, IoStatus status);
    }

    private static final IoHandler NO_IO = (command, status) -> {};

    final Connection connection;
    private final CommandSlots home;
    private final int slot;
    private final MemorySegment entries;
    private final IoRequest io = new IoRequest();
    private IoHandler ioHandler = NO_IO;

    // Owned by the transport.
    CommandState state = CommandState.FREE;
    int commandId;
    int opcode;
    boolean dataFromHost;
    boolean dataInCapsule;
    int received;

    /** When its capsule came, by the loop's time. */
    long beganNs;

    /** When all of its data must be there, by {@link PduIntake#listeningNs}; while it arrives. */
    long dueNs;

    /** Of the volume, when the command was admitted; see {@link VolumeSubsystem#setAnaState}. */
    long term;

    int status;
    long result;
    @Nullable Command nextToSend;
    private @Nullable BufferShare bufferOwner;
    private MemorySegment buffer = MemorySegment.NULL;
    private int dataBytes;

    /** How far the executor has come with a command that takes it several steps. */
    int step;

    long stepProgress;

    Command(Connection connection, CommandSlots home, int slot, MemorySegment entries) {
        this.connection = connection;
        this.home = home;
        this.slot = slot;
        this.entries = entries;
    }

    /** Which of its connection's commands this is: 0 up to queue entries, stable over its life. */
    int slot() {
        return slot;
    }

    /** Memory of the {@link SubmissionEntry}, which begins at {@link #entryOffset}. */
    MemorySegment entry() {
        return entries;
    }

    long entryOffset() {
        return (long) slot * SubmissionEntry.BYTES;
    }

    int opcode() {
        return opcode;
    }

    int nsid() {
        return SubmissionEntry.nsid(entries, entryOffset());
    }

    /** Bytes that the SGL announced; those that the host will get or has sent. */
    int dataBytes() {
        return dataBytes;
    }

    /** Memory of the data, and perhaps more than that; there from {@code execute} on. */
    MemorySegment data() {
        return buffer;
    }

    /**
     * Ends the command.
     *
     * @param status one of {@link StatusCode}, with its flags
     * @param result DW0 and DW1 of the completion
     */
    void complete(int status, long result) {
        assert state == CommandState.EXECUTING : "completed while " + state;
        this.status = status;
        this.result = result;
        connection.executed(this);
    }

    void complete(int status) {
        complete(status, 0);
    }

    /** Has a device do something with the data, or with part of the device. */
    void submitIo(
            BlockDevice device, LbaFormat format, IoOp op, long lba, int count, IoHandler handler) {
        submitIo(device, format, op, lba, count, buffer, handler);
    }

    /** Has a device do something with other memory than the host's data. */
    void submitIo(
            BlockDevice device,
            LbaFormat format,
            IoOp op,
            long lba,
            int count,
            MemorySegment memory,
            IoHandler handler) {
        ioHandler = handler;
        device.submit(format.set(io, op, lba, count, memory, this));
    }

    /** Its connection has gone: what its device has not begun of it need not be done. */
    void giveUp() {
        io.giveUp();
    }

    @Override
    public void complete(IoRequest request, IoStatus ioStatus) {
        ioHandler.onIo(this, ioStatus);
    }

    @Override
    boolean onBuffer(BufferShare from, MemorySegment given) {
        if (state != CommandState.AWAITING_BUFFER || !connection.isOpen()) {
            return false;
        }
        putBuffer(from, given);
        connection.advance(this);
        return true;
    }

    void begin(MemorySegment source, long offset) {
        MemorySegment.copy(source, offset, entries, entryOffset(), SubmissionEntry.BYTES);
        state = CommandState.RECEIVING;
        commandId = SubmissionEntry.commandId(entries, entryOffset());
        opcode = SubmissionEntry.opcode(entries, entryOffset());
        dataFromHost = false;
        dataInCapsule = false;
        dataBytes = 0;
        received = 0;
        status = StatusCode.SUCCESS;
        result = 0;
        step = 0;
        stepProgress = 0;
    }

    void expectData(int bytes, boolean fromHost, boolean inCapsule) {
        dataBytes = bytes;
        dataFromHost = fromHost;
        dataInCapsule = inCapsule;
    }

    boolean hasBuffer() {
        return buffer.byteSize() > 0;
    }

    /** Its data goes to memory that nobody else wants. */
    void useMemory(MemorySegment own) {
        assert !hasBuffer();
        buffer = own;
    }

    void putBuffer(BufferShare from, MemorySegment given) {
        assert !hasBuffer();
        bufferOwner = from;
        buffer = given;
    }

    void releaseBuffer() {
        BufferShare from = bufferOwner;
        MemorySegment given = buffer;
        bufferOwner = null;
        buffer = MemorySegment.NULL;
        if (from != null) {
            from.giveBack(given);
        }
    }

    /** Ends its use: the buffer and the slot can serve another command. */
    void free() {
        assert state != CommandState.FREE;
        leaveLine();
        releaseBuffer();
        home.giveBack(this);
    }

    /** True if the host gets data before the response. */
    boolean sendsData() {
        return !dataFromHost && dataBytes > 0 && status == StatusCode.SUCCESS;
    }
}
