package io.stria.nvmf;

import io.stria.nvme.CapsuleCmd;
import io.stria.nvme.DataPdu;
import io.stria.nvme.FabricsType;
import io.stria.nvme.FatalErrorStatus;
import io.stria.nvme.IcReq;
import io.stria.nvme.IcResp;
import io.stria.nvme.PduError;
import io.stria.nvme.PduLimits;
import io.stria.nvme.PduReader;
import io.stria.nvme.PduType;
import io.stria.nvme.StatusCode;
import io.stria.nvme.TermReq;
import io.stria.runtime.StreamHandler;
import io.stria.runtime.TcpStream;
import io.stria.runtime.Timers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One TCP connection of a host: PDUs in, commands through their states, PDUs out. It becomes a
 * queue by its Connect command.
 *
 * <p>Whatever ends it, commands that a device works on keep their buffers until the device is done;
 * all others are dropped at once.
 */
final class Connection implements StreamHandler, PduReader.Handler, BufferQueue.Waiter {
    private final NvmfTarget target;
    private final TcpStream stream;
    private final Arena arena = Arena.ofConfined();
    private final long association;
    private final PduReader reader;
    private final SendQueue sends;
    private final Timers.Timer handshakeTimer;
    private final FabricsCommands fabrics;
    private CommandSlots slots;
    private ConnectionState state = ConnectionState.AWAITING_INITIALIZE;
    private @Nullable QueuePair queue;
    private @Nullable CommandExecutor executor;
    private @Nullable Authenticator authenticator;

    /** The command that the PDU now arriving belongs to. */
    private @Nullable Command current;

    /** Commands that were executing when the connection closed, and still are. */
    private int orphans;

    private boolean streamEnded;
    private int awaitingData;
    private long receivedBytes;
    private long progressSeen;
    private long progressNs;

    /** A command whose capsule waits outside for a buffer for its data. */
    private @Nullable Command heldUp;

    Connection(NvmfTarget target, TcpStream stream, long association) {
        TargetConfig config = target.config();
        this.target = target;
        this.stream = stream;
        this.association = association;
        this.reader = new PduReader(arena, limits(config), this);
        this.sends = new SendQueue(this, stream, arena);
        this.slots = new CommandSlots(this, arena, 1);
        this.fabrics = new FabricsCommands(target, this);
        this.handshakeTimer =
                target.timers()
                        .schedule(config.handshakeTimeoutNs(), () -> close("did not connect"));
    }

    private static PduLimits limits(TargetConfig config) {
        return new PduLimits(true, config.capsuleBytes(), config.buffers().largeBytes(), 4);
    }

    TcpStream stream() {
        return stream;
    }

    ConnectionState state() {
        return state;
    }

    boolean isOpen() {
        return state != ConnectionState.CLOSED;
    }

    @Nullable QueuePair queue() {
        return queue;
    }

    @Nullable Authenticator authenticator() {
        return authenticator;
    }

    boolean hasFlowControl() {
        return queue == null || queue.hasFlowControl();
    }

    int submissionHead() {
        return queue == null ? 0 : queue.head();
    }

    // The stream.

    @Override
    public void onConnected(TcpStream connected) {}

    @Override
    public int onData(TcpStream from, MemorySegment buffer, long offset, int length) {
        if (!isOpen()) {
            return length;
        }
        int consumed = reader.read(buffer, offset, length);
        receivedBytes += consumed;
        if (!isOpen()) {
            return length;
        }
        PduError error = reader.error();
        if (error != null) {
            terminate(error);
            return length;
        }
        return consumed;
    }

    @Override
    public void onSendSpace(TcpStream from) {
        if (isOpen()) {
            sends.send();
        }
    }

    @Override
    public void onClosed(TcpStream from, int errno) {
        close(errno == 0 ? "closed by the host" : "failed with errno " + errno);
        streamEnded = true;
        freeMemory();
    }

    // PDUs.

    @Override
    public boolean onHeader(PduType type, MemorySegment pdu, long offset, int dataBytes) {
        current = null;
        if (state == ConnectionState.AWAITING_INITIALIZE && type != PduType.IC_REQ) {
            reader.fail(PduError.sequence(type + " before ICReq"));
            return true;
        }
        return switch (type) {
            case IC_REQ -> onInitialize(pdu, offset);
            case CAPSULE_CMD -> onCapsule(pdu, offset, dataBytes);
            case H2C_DATA -> onHostData(pdu, offset, dataBytes);
            case H2C_TERM_REQ -> onTerminated(pdu, offset);
            default -> throw new AssertionError("the reader let " + type + " pass");
        };
    }

    private boolean onInitialize(MemorySegment pdu, long offset) {
        if (state != ConnectionState.AWAITING_INITIALIZE) {
            reader.fail(PduError.sequence("a second ICReq"));
            return true;
        }
        if (IcReq.pfv(pdu, offset) != 0) {
            String reason = "PDU format version " + IcReq.pfv(pdu, offset);
            reader.fail(new PduError(FatalErrorStatus.UNSUPPORTED_PARAMETER, IcReq.PFV, reason));
            return true;
        }
        int hpda = IcReq.hpda(pdu, offset);
        if (hpda > IcReq.HPDA_MAX) {
            reader.fail(PduError.header(IcReq.HPDA, "data alignment " + hpda));
            return true;
        }
        int digests = IcReq.digests(pdu, offset) & (IcReq.DGST_HEADER | IcReq.DGST_DATA);
        boolean header = (digests & IcReq.DGST_HEADER) != 0;
        boolean data = (digests & IcReq.DGST_DATA) != 0;
        MemorySegment response = arena.allocate(IcResp.BYTES);
        IcResp.write(response, 0, 0, digests, target.config().buffers().largeBytes());
        stream.send(response, 0, IcResp.BYTES);
        reader.useDigests(header, data);
        sends.useFormat(4 * (hpda + 1), header, data);
        state = ConnectionState.AWAITING_CONNECT;
        return true;
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
            command.status = check(command, dataBytes);
        }
        if (!hasRoom(command, dataBytes)) {
            heldUp = command;
            stream.pauseReceive();
            return false;
        }
        heldUp = null;
        current = command;
        return true;
    }

    private int check(Command command, int capsuleBytes) {
        QueuePair connected = queue;
        int transferMax = target.config().capsuleBytes();
        if (connected != null) {
            connected.onCommand();
            connected.controller().onTraffic();
            transferMax = connected.controller().transferBytesMax(connected);
        }
        int status = CapsuleCheck.expectData(command, capsuleBytes, transferMax);
        if (status != StatusCode.SUCCESS) {
            return status;
        }
        if (command.opcode() == FabricsType.OPCODE) {
            return fabrics.admit(command);
        }
        return switch (state) {
            case AWAITING_INITIALIZE, AWAITING_CONNECT, CLOSED ->
                    StatusCode.COMMAND_SEQUENCE_ERROR | StatusCode.DNR;
            case AWAITING_AUTHENTICATION -> StatusCode.AUTHENTICATION_REQUIRED | StatusCode.DNR;
            case CONNECTED -> executor().admit(command);
        };
    }

    /** The data of a capsule arrives at once and needs a place; that of a refused one does not. */
    private boolean hasRoom(Command command, int dataBytes) {
        if (dataBytes == 0 || command.status != StatusCode.SUCCESS || command.hasBuffer()) {
            return true;
        }
        BufferQueue owner = target.buffers().forCapsule();
        MemorySegment buffer = owner.take(this);
        if (buffer == null) {
            return false;
        }
        command.putBuffer(owner, buffer);
        return true;
    }

    /** The buffer that the capsule outside waits for. */
    @Override
    public boolean onBuffer(BufferQueue from, MemorySegment buffer) {
        Command command = heldUp;
        if (!isOpen() || command == null) {
            return false;
        }
        command.putBuffer(from, buffer);
        stream.resumeReceive();
        return true;
    }

    private boolean onHostData(MemorySegment pdu, long offset, int dataBytes) {
        Command command = slots.at(DataPdu.transferTag(pdu, offset));
        if (command == null
                || command.state != CommandState.AWAITING_DATA
                || command.commandId != DataPdu.commandId(pdu, offset)) {
            reader.fail(
                    PduError.header(
                            DataPdu.TTAG, "nobody asked for " + DataPdu.describe(pdu, offset)));
            return true;
        }
        long from = DataPdu.dataOffset(pdu, offset);
        if (from != command.received || dataBytes > command.dataBytes() - command.received) {
            String reason = "data out of order or range: " + DataPdu.describe(pdu, offset);
            reader.fail(new PduError(FatalErrorStatus.DATA_OUT_OF_RANGE, DataPdu.DATAO, reason));
            return true;
        }
        current = command;
        return true;
    }

    private boolean onTerminated(MemorySegment pdu, long offset) {
        close(
                "terminated by the host: status %d, information %#x"
                        .formatted(TermReq.fes(pdu, offset), TermReq.fei(pdu, offset)));
        return true;
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
        if (command == null) {
            return;
        }
        if (!dataIntact && command.status == StatusCode.SUCCESS) {
            command.status = StatusCode.TRANSIENT_TRANSPORT_ERROR;
        }
        if (command.state == CommandState.RECEIVING || hasAllData(command)) {
            advance(command);
        }
    }

    private static boolean hasAllData(Command command) {
        return command.received == command.dataBytes();
    }

    // Commands.

    /** Moves a command to its next state; the only place that does. */
    void advance(Command command) {
        switch (command.state) {
            case RECEIVING -> onReceived(command);
            case AWAITING_BUFFER -> onRoom(command);
            case REQUESTING -> {
                command.state = CommandState.AWAITING_DATA;
                awaitingData++;
            }
            case AWAITING_DATA -> {
                awaitingData--;
                executeOrRefuse(command);
            }
            case EXECUTING -> respond(command);
            case RESPONDING -> command.free();
            case FREE -> throw new AssertionError("a free command advances");
        }
    }

    private void onReceived(Command command) {
        boolean waits = command.dataBytes() > 0 && !command.hasBuffer();
        if (command.status != StatusCode.SUCCESS || !waits) {
            executeOrRefuse(command);
            return;
        }
        command.state = CommandState.AWAITING_BUFFER;
        BufferQueue owner =
                command.dataFromHost
                        ? target.buffers().forTransfer(command.dataBytes())
                        : target.buffers().forRead(command.dataBytes());
        MemorySegment buffer = owner.take(command);
        if (buffer != null) {
            command.putBuffer(owner, buffer);
            advance(command);
        }
    }

    private void onRoom(Command command) {
        if (command.dataFromHost) {
            command.state = CommandState.REQUESTING;
            sends.add(command);
        } else {
            executeOrRefuse(command);
        }
    }

    private void executeOrRefuse(Command command) {
        if (command.status != StatusCode.SUCCESS) {
            respond(command);
            return;
        }
        command.state = CommandState.EXECUTING;
        if (command.opcode() == FabricsType.OPCODE) {
            fabrics.execute(command);
        } else {
            executor().execute(command);
        }
    }

    private void respond(Command command) {
        command.state = CommandState.RESPONDING;
        sends.add(command);
    }

    /** A command's executor is done with it. */
    void executed(Command command) {
        if (isOpen()) {
            advance(command);
            return;
        }
        command.free();
        orphans--;
        freeMemory();
        target.onBufferBack();
        QueuePair connected = queue;
        if (connected != null && connected.id() > 0) {
            connected.controller().associations().ended(connected.controller().host());
        }
    }

    /** A command that nobody will answer any more, and that no device works on. */
    static void abandon(Command command) {
        command.free();
    }

    private CommandExecutor executor() {
        return Objects.requireNonNull(executor, "not connected");
    }

    // Becoming a queue.

    QueuePair becomeQueue(Controller controller, int id, int entries, boolean flowControl) {
        assert state == ConnectionState.AWAITING_CONNECT;
        QueuePair connected = new QueuePair(controller, id, entries, flowControl, association);
        connected.onCommand();
        queue = connected;
        slots = new CommandSlots(this, arena, entries);
        Authenticator.Factory factory = controller.subsystem().authentication();
        if (factory == null) {
            onAuthenticated();
        } else {
            state = ConnectionState.AWAITING_AUTHENTICATION;
            authenticator = factory.create(controller.host(), controller.subsystem().nqn(), id);
        }
        return connected;
    }

    void onAuthenticated() {
        QueuePair connected = Objects.requireNonNull(queue, "not connected");
        handshakeTimer.cancel();
        state = ConnectionState.CONNECTED;
        executor =
                connected.id() == 0
                        ? new AdminCommands(connected.controller())
                        : connected.controller().subsystem().ioQueues().onConnected(connected);
    }

    // The end.

    /** Called from time to time: ends a connection whose host keeps buffers and does nothing. */
    void checkStall(long nowNs) {
        long progress = receivedBytes + sends.sentBytes();
        boolean hostOwes = awaitingData > 0 || current != null || !sends.isEmpty();
        if (!hostOwes || progress != progressSeen) {
            progressSeen = progress;
            progressNs = nowNs;
        } else if (nowNs - progressNs >= target.config().stallTimeoutNs()) {
            close("stalled");
        }
    }

    private void terminate(PduError error) {
        if (stream.sendSpace() >= TermReq.BYTES + TermReq.DATA_BYTES_MAX) {
            MemorySegment pdu = arena.allocate(TermReq.BYTES + TermReq.DATA_BYTES_MAX);
            MemorySegment faulty = reader.faultyHeader();
            int bytes =
                    TermReq.write(
                            pdu,
                            0,
                            PduType.C2H_TERM_REQ,
                            error,
                            faulty,
                            0,
                            (int) faulty.byteSize());
            stream.send(pdu, 0, bytes);
        }
        close(error.status() + ": " + error.reason());
    }

    void close(String reason) {
        if (!isOpen()) {
            return;
        }
        state = ConnectionState.CLOSED;
        reader.fail(PduError.sequence("closed"));
        handshakeTimer.cancel();
        target.log().info("connection of %s: %s".formatted(peer(), reason));
        sends.clear();
        heldUp = null;
        QueuePair connected = queue;
        if (connected != null) {
            connected.controller().onConnectionClosed(this, connected, reason);
        }
        orphans = dropCommands();
        if (connected != null && connected.id() > 0) {
            connected.controller().associations().orphaned(connected.controller().host(), orphans);
        }
        if (executor != null) {
            executor.onClosed();
        }
        target.onConnectionClosed(this);
        stream.close();
    }

    /** When neither the stream nor a command needs it any more. */
    private void freeMemory() {
        if (streamEnded && orphans == 0) {
            arena.close();
        }
    }

    /** Drops all commands but those that a device works on; returns how many those are. */
    private int dropCommands() {
        int[] executing = new int[1];
        slots.forEachInUse(command -> {
            if (command.state == CommandState.EXECUTING) {
                executing[0]++;
            } else {
                command.nextToSend = null;
                command.free();
            }
        });
        return executing[0];
    }

    private String peer() {
        QueuePair connected = queue;
        return connected == null
                ? String.valueOf(stream.remoteAddress())
                : "%s, controller %d, queue %d"
                        .formatted(
                                connected.controller().host(),
                                connected.controller().id(),
                                connected.id());
    }
}
