package io.stria.nvmf;

import io.stria.nvme.ConnectData;
import io.stria.nvme.FabricsType;
import io.stria.nvme.FatalErrorStatus;
import io.stria.nvme.IcReq;
import io.stria.nvme.IcResp;
import io.stria.nvme.PduError;
import io.stria.nvme.PduType;
import io.stria.nvme.StatusCode;
import io.stria.nvme.TermReq;
import io.stria.runtime.StreamHandler;
import io.stria.runtime.TcpStream;
import io.stria.runtime.Timers;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One TCP connection of a host, which becomes a queue by its Connect command.
 *
 * <p>Whatever ends it, commands that a device works on keep their buffers until the device is done;
 * all others are dropped at once.
 */
final class Connection implements StreamHandler {
    /** As slowly as an honest host may send: 64 KiB a second. */
    private static final long NS_PER_BYTE_MAX = 1_000_000_000L / (64 * 1024);

    /** Linux waits as long for the answer to a Connect. */
    private static final long CONNECT_WAIT_NS = 60_000_000_000L;

    private final NvmfTarget target;
    private final TcpStream stream;
    private final Arena arena = Arena.ofConfined();
    private final CommandSlots slots;
    private final SendQueue sends;
    private final CommandFlow flow;
    private final PduIntake intake;
    private final FabricsCommands fabrics;
    private Buffers.@Nullable Shares shares;
    private MemorySegment connectData = MemorySegment.NULL;
    private Timers.Timer handshakeTimer;
    private boolean hasWaited;
    private Timers.@Nullable Timer lingerTimer;
    private ConnectionState state = ConnectionState.AWAITING_INITIALIZE;
    private @Nullable QueuePair queue;
    private @Nullable CommandExecutor executor;
    private @Nullable Authenticator authenticator;
    private long progressSeen;
    private long progressNs;

    /** Commands that were executing when the connection closed, and still are. */
    private int orphans;

    private @Nullable Leftovers leftovers;
    private boolean streamEnded;

    Connection(NvmfTarget target, TcpStream stream) {
        TargetConfig config = target.config();
        this.target = target;
        this.stream = stream;
        this.slots = new CommandSlots(this, arena);
        this.sends = new SendQueue(this, stream, arena);
        this.flow = new CommandFlow(this, sends);
        this.intake = new PduIntake(this, arena, config, slots, flow);
        this.fabrics = new FabricsCommands(target, this);
        target.onMemoryTaken();
        this.handshakeTimer = target.timers().schedule(config.handshakeTimeoutNs(), this::onLate);
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

    /** It is an IO queue. */
    boolean isIo() {
        QueuePair connected = queue;
        return connected != null && connected.id() > 0;
    }

    /** Where the data of its commands goes, once it is a queue. */
    Buffers.Shares shares() {
        return Objects.requireNonNull(shares, "not connected");
    }

    /**
     * Memory for the data of a Connect, its own: whoever begins one and does not end it keeps
     * nothing that another host waits for.
     */
    MemorySegment connectData() {
        if (connectData.byteSize() == 0) {
            connectData = arena.allocate(ConnectData.BYTES);
        }
        return connectData;
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

    /** The loop's time: one reading of the clock serves every command of a loop. */
    long nowNs() {
        return target.timers().nowNs();
    }

    /** When so much data of the host must be there, by {@link PduIntake#listeningNs}. */
    long dueNs(long bytes) {
        return intake.listeningNs(nowNs())
                + target.config().stallTimeoutNs()
                + bytes * NS_PER_BYTE_MAX;
    }

    void onDataDigestError() {
        target.counters().onDataDigest();
    }

    // The stream.

    @Override
    public void onConnected(TcpStream connected) {}

    @Override
    public int onData(TcpStream from, MemorySegment buffer, long offset, int length) {
        if (!isOpen()) {
            return length;
        }
        int consumed = intake.read(buffer, offset, length);
        PduError error = intake.error();
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
        if (lingerTimer != null) {
            lingerTimer.cancel();
        }
        target.onStreamClosed(this);
        streamEnded = true;
        freeMemory();
    }

    // Becoming a queue.

    /** The host's ICReq was good. */
    void initialize(int hpda, int digestsAskedFor) {
        int digests = digestsAskedFor & (IcReq.DGST_HEADER | IcReq.DGST_DATA);
        boolean header = (digests & IcReq.DGST_HEADER) != 0;
        boolean data = (digests & IcReq.DGST_DATA) != 0;
        MemorySegment response = arena.allocate(IcResp.BYTES);
        IcResp.write(response, 0, 0, digests, target.config().buffers().hugeBytes());
        stream.send(response, 0, IcResp.BYTES);
        intake.useDigests(header, data);
        sends.useFormat(4 * (hpda + 1), header, data);
        state = ConnectionState.AWAITING_CONNECT;
    }

    void becomeQueue(Controller controller, int id, int entries, boolean flowControl) {
        assert state == ConnectionState.AWAITING_CONNECT;
        queue = new QueuePair(controller, id, entries, flowControl);
        slots.grow(entries);
        target.onEntries(entries);
        Subsystem subsystem = controller.subsystem();
        shares =
                id == 0
                        ? target.buffers().ofAdminQueue(subsystem)
                        : target.buffers().ofIoQueue(subsystem);
        Authenticator.Factory factory = controller.subsystem().authentication();
        if (factory == null) {
            onAuthenticated();
        } else {
            state = ConnectionState.AWAITING_AUTHENTICATION;
            authenticator = factory.create(controller.host(), controller.subsystem().nqn(), id);
        }
    }

    void onAuthenticated() {
        QueuePair connected = connected();
        handshakeTimer.cancel();
        state = ConnectionState.CONNECTED;
        target.onQueue(this);
        executor =
                connected.id() == 0
                        ? new AdminCommands(connected.controller())
                        : connected.controller().subsystem().ioCommands(connected);
    }

    /**
     * Its Connect waits until its host's old commands have ended, which may take longer than a
     * host's own part of a handshake. It is not among those that have to make room meanwhile. A
     * host that is refused then and asks again gets no more time.
     */
    void onConnectWaits() {
        target.onConnectWaits(this);
        if (!hasWaited) {
            hasWaited = true;
            handshakeTimer.cancel();
            handshakeTimer = target.timers().schedule(CONNECT_WAIT_NS, this::onLate);
        }
    }

    /** It becomes a queue now, or stays what it was. */
    void onConnectWaitEnds() {
        target.onConnectWaitEnds(this);
    }

    private void onLate() {
        target.counters().onLate();
        close("did not become a queue in time");
    }

    // Commands.

    /**
     * Decides about a command whose capsule has arrived, before its data moves.
     *
     * @return {@link StatusCode#SUCCESS}, or what the host is told
     */
    int admit(Command command, int capsuleBytes) {
        command.beganNs = nowNs();
        QueuePair connected = queue;
        int transferMax = target.config().capsuleBytes();
        if (connected != null) {
            connected.onCommand();
            connected.controller().onTraffic(command.beganNs);
            transferMax = connected.controller().transferBytesMax();
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
            case CONNECTED -> admitConnected(command);
        };
    }

    /** A command ends with an error: what the host finds in its error log. */
    void onError(Command command) {
        QueuePair connected = queue;
        if (connected != null && !StatusCode.isPathRelated(command.status)) {
            command.status |= StatusCode.MORE;
            connected.controller().errors().add(connected.id(), command);
        }
    }

    boolean abort(int commandId) {
        return flow.abort(slots.find(commandId));
    }

    void execute(Command command) {
        if (command.opcode() == FabricsType.OPCODE) {
            fabrics.execute(command);
        } else {
            executor().execute(command);
        }
    }

    private CommandExecutor executor() {
        return Objects.requireNonNull(executor, "not connected");
    }

    private int admitConnected(Command command) {
        boolean enabled = connected().controller().isEnabled();
        return enabled
                ? executor().admit(command)
                : StatusCode.COMMAND_SEQUENCE_ERROR | StatusCode.DNR;
    }

    private QueuePair connected() {
        return Objects.requireNonNull(queue, "not connected");
    }

    void advance(Command command) {
        flow.advance(command);
    }

    /** A command's executor is done with it. */
    void executed(Command command) {
        if (isOpen()) {
            flow.advance(command);
            return;
        }
        command.free();
        orphans--;
        if (queue != null) {
            target.onEntries(-1);
        }
        freeMemory();
        target.onBufferBack();
        Leftovers left = leftovers;
        if (left != null) {
            Controller controller = connected().controller();
            controller.associations().ended(controller.host(), left);
        }
    }

    /** A command that nobody will answer any more, and that no device works on. */
    static void abandon(Command command) {
        command.free();
    }

    // The end.

    /**
     * Called from time to time: ends a connection whose host keeps buffers and does nothing, or too
     * little for a command that it owes data of.
     */
    void checkStall(long nowNs) {
        if (!isOpen()) {
            return; // another one's end was its end too
        }
        if (intake.isOverdue(nowNs)) {
            target.counters().onStalled();
            close("stalled: it sends data that it owes too slowly");
            return;
        }
        long progress = intake.receivedBytes() + sends.sentBytes();
        boolean receives = flow.awaitingData() > 0 || intake.isInside();
        boolean hostOwes = !sends.isEmpty() || (receives && !intake.isHeldUp());
        if (!hostOwes || progress != progressSeen) {
            progressSeen = progress;
            progressNs = nowNs;
        } else if (nowNs - progressNs >= target.config().stallTimeoutNs()) {
            target.counters().onStalled();
            close("stalled: it owes data, or leaves its answers unread");
        }
    }

    private void terminate(PduError error) {
        if (!isOpen()) {
            return;
        }
        target.counters().onViolation();
        if (error.status() == FatalErrorStatus.HEADER_DIGEST_ERROR) {
            target.counters().onHeaderDigest();
        }
        boolean hasRoom = stream.sendSpace() >= TermReq.BYTES + TermReq.DATA_BYTES_MAX;
        if (hasRoom && sends.isBetweenPdus()) {
            MemorySegment pdu = arena.allocate(TermReq.BYTES + TermReq.DATA_BYTES_MAX);
            MemorySegment faulty = intake.faultyHeader();
            PduType type = PduType.C2H_TERM_REQ;
            int faultyBytes = (int) faulty.byteSize();
            int bytes = TermReq.write(pdu, 0, type, error, faulty, 0, faultyBytes);
            stream.send(pdu, 0, bytes);
        }
        end(error.status() + ": " + error.reason());
        target.linger(this);
    }

    /**
     * The volume is not served here any more. While capsules stand outside for want of a buffer,
     * nobody can tell what has been in the socket since then from what comes later: the host has to
     * send it anew.
     */
    void onTermEnded() {
        if (intake.isHeldUp()) {
            close("it was held up when its volume went elsewhere");
        }
    }

    void close(String reason) {
        if (isOpen()) {
            end(reason);
            stream.close();
        }
    }

    private void end(String reason) {
        target.log().log(
                Level.INFO,
                "connections of hosts ended",
                "connection of %s: %s".formatted(peer(), reason));
        state = ConnectionState.CLOSED;
        handshakeTimer.cancel();
        intake.stop();
        sends.clear();
        fabrics.onClosed();
        QueuePair connected = queue;
        if (connected != null && connected.id() == 0) {
            connected.controller().forgetEvents(); // no device works on these
        }
        leaveOrphans(); // first: what is freed below lets other commands begin, and these may end
        if (connected != null) {
            target.onEntries(orphans - connected.entries()); // those cost what they did
            connected.controller().onConnectionClosed(this, connected, reason);
        }
        slots.dropAllButExecuting();
        if (executor != null) {
            executor.onConnectionEnded(this);
        }
        target.onConnectionClosed(this);
    }

    private void leaveOrphans() {
        orphans = slots.giveUpExecuting();
        if (isIo() && orphans > 0) {
            Controller controller = connected().controller();
            leftovers = controller.associations().orphaned(controller.host(), orphans);
        }
    }

    /**
     * What the host sends after its connection was terminated is heard out for a while: a stream
     * that is closed with bytes unread is reset, and the host would not hear the reason.
     */
    void linger(long durationNs) {
        stream.resumeReceive();
        lingerTimer = target.timers().schedule(durationNs, stream::close);
    }

    /** When neither the stream nor a command needs it any more. */
    private void freeMemory() {
        if (streamEnded && orphans == 0) {
            arena.close();
            target.onMemoryFreed();
        }
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
