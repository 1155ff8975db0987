package io.stria.dataplane.peer;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.FragmentStore;
import io.stria.dataplane.device.IoStatus;
import io.stria.nvme.CapsuleCmd;
import io.stria.nvme.CapsuleResp;
import io.stria.nvme.CompletionEntry;
import io.stria.nvme.ConnectCommand;
import io.stria.nvme.ConnectData;
import io.stria.nvme.DataPdu;
import io.stria.nvme.FabricsType;
import io.stria.nvme.IcReq;
import io.stria.nvme.IcResp;
import io.stria.nvme.IoOpcode;
import io.stria.nvme.PduError;
import io.stria.nvme.PduHeader;
import io.stria.nvme.PduLimits;
import io.stria.nvme.PduReader;
import io.stria.nvme.PduType;
import io.stria.nvme.PeerCommand;
import io.stria.nvme.SglDescriptor;
import io.stria.nvme.StatusCode;
import io.stria.nvme.SubmissionEntry;
import io.stria.runtime.Engine;
import io.stria.runtime.Poller;
import io.stria.runtime.StreamHandler;
import io.stria.runtime.TcpStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The chunk store of a device on another node, over one NVMe/TCP connection that is made again
 * whenever it is lost. Commands beyond the queue's depth or the send ring's room wait in order.
 * Owned by one reactor, polled by it.
 */
public final class RemoteStore implements FragmentStore, Poller {
    /** Where a connection stands. */
    private enum State {
        IDLE,
        CONNECTING,
        INITIALIZING,
        JOINING,
        CHALLENGING,
        PROVING,
        READY
    }

    private static final System.Logger LOG = System.getLogger(RemoteStore.class.getName());

    static final int QUEUE_DEPTH = 256;
    static final int DATA_BYTES_MAX = 1 << 20;
    private static final long RETRY_NS = 100_000_000L;

    /**
     * For the handshake of TCP alone, which the peer's kernel answers in less than a millisecond,
     * however busy its process is. The own kernel would send a SYN that was lost again after 1, 3,
     * 7 seconds: so a way that was cut is found soon after it is healed.
     */
    private static final long CONNECT_TIMEOUT_NS = 500_000_000L;

    private static final long LOGIN_TIMEOUT_NS = 3_000_000_000L;
    static final long COMMAND_TIMEOUT_NS = 5_000_000_000L;
    private static final long CHECK_NS = 100_000_000L;

    /** Where nothing else is asked, a store takes no time to refuse something. */
    private static final long ANSWER_NS = 1_000_000_000L;

    private static final int LOGIN_COMMAND = QUEUE_DEPTH;

    private final Engine engine;
    private InetSocketAddress address;
    private final int ownNodeId;
    private final String device;
    private final PeerAuth auth;
    private final Arena arena = Arena.ofAuto();

    /**
     * For the reader of the current connection: all connections have the same, one after another.
     */
    private final SegmentAllocator readers =
            SegmentAllocator.prefixAllocator(arena.allocate(PduReader.HELD_BYTES_MAX, 8));

    private final MemorySegment header = arena.allocate(CapsuleCmd.BYTES + ConnectData.BYTES, 8);
    private final MemorySegment loginData =
            arena.allocate(PeerAuth.NONCE_BYTES + PeerAuth.PROOF_BYTES, 8);
    private final @Nullable FragmentRequest[] inFlight = new FragmentRequest[QUEUE_DEPTH];
    private final int[] received = new int[QUEUE_DEPTH];
    private final long[] sentNs = new long[QUEUE_DEPTH];
    private final int[] freeIds = new int[QUEUE_DEPTH];
    private final ArrayDeque<FragmentRequest> waiting = new ArrayDeque<>();
    private final ArrayDeque<FragmentRequest> disconnected = new ArrayDeque<>();
    private int freeCount;
    private State state = State.IDLE;
    private @Nullable Link link;
    private long connections;
    private boolean wanted = true;
    private long retryAtNs;
    private long loginBeganNs;
    private long nextCheckNs;

    /** Something has come since the last poll, which says when. */
    private boolean heard;

    private long heardNs;

    /** Whether {@link #answersWithin} has asked and not been answered. */
    private boolean isAsked;

    private final FragmentRequest question = new FragmentRequest();
    private int challengeAnswers;
    private byte[] ownNonce = new byte[0];

    public RemoteStore(
            Engine engine, InetSocketAddress address, int ownNodeId, UUID deviceId, PeerAuth auth) {
        this.engine = engine;
        this.address = address;
        this.ownNodeId = ownNodeId;
        this.device = PeerNames.device(deviceId);
        this.auth = auth;
        freeAllIds();
    }

    /** Whether there should be a connection; without one, commands end with DISCONNECTED. */
    public void want(boolean connection) {
        boolean ends = wanted && !connection;
        wanted = connection;
        if (ends) {
            drop();
        }
    }

    /** The peer has another address from now on. */
    public void moveTo(InetSocketAddress moved) {
        if (!moved.equals(address)) {
            address = moved;
            drop();
        }
    }

    @Override
    public long connection() {
        return state == State.READY ? connections : 0;
    }

    /**
     * Whether the other side has said something in the last so many nanoseconds. Over a connection
     * on which there was nothing to say it is asked for something now, and the connection made anew
     * when that finds no answer: asked once more, a little later, this tells a way from one that
     * was cut without anybody's notice. Those that use the connection notice nothing of that.
     *
     * @param vuid some volume that the store knows
     */
    public boolean answersWithin(long ns, int vuid) {
        if (state != State.READY) {
            return false;
        }
        long nowNs = engine.clock().nowNs();
        boolean answers = heard || nowNs - heardNs <= ns;
        if (!answers && !isAsked && freeCount == QUEUE_DEPTH) {
            askFor(vuid, nowNs);
        } else if (!answers && isOnlyAsked() && nowNs - question.sentNs > ANSWER_NS) {
            drop();
        }
        return answers;
    }

    /** Of an epoch at which nobody attaches: it is refused at once, and changes nothing. */
    private void askFor(int vuid, long nowNs) {
        question.op = FragmentOp.COMMIT;
        question.address = DeviceAddress.of(vuid, 0);
        question.fragmentBytes = BlockDevice.BLOCK_BYTES;
        question.sentNs = nowNs;
        question.completion = (_, _, _) -> isAsked = false;
        isAsked = true;
        submit(question);
    }

    private boolean isOnlyAsked() {
        return isAsked && freeCount == QUEUE_DEPTH - 1;
    }

    @Override
    public void submit(FragmentRequest request) {
        if (state != State.READY) {
            disconnected.add(request); // never complete from within submit
        } else if (!waiting.isEmpty() || !send(request)) {
            waiting.add(request);
        }
    }

    @Override
    public int poll(long nowNs) {
        if (heard) {
            heard = false;
            heardNs = nowNs;
        }
        int work = disconnected.size();
        for (int i = 0; i < work; i++) {
            disconnected.remove().complete(IoStatus.DISCONNECTED, 0);
        }
        switch (state) {
            case IDLE -> {
                if (wanted && nowNs - retryAtNs >= 0) {
                    connect(nowNs);
                    work++;
                }
            }
            case CONNECTING, INITIALIZING, JOINING, CHALLENGING, PROVING -> {
                if (nowNs - loginBeganNs > loginTimeoutNs()) {
                    drop();
                }
            }
            case READY -> {
                if (nowNs - nextCheckNs >= 0) {
                    nextCheckNs = nowNs + CHECK_NS;
                    if (isStuck(nowNs)) {
                        drop();
                    }
                }
            }
        }
        return work;
    }

    /** When {@link #poll} has something to do next, unless something arrives earlier. */
    public long nextDeadlineNs() {
        if (!disconnected.isEmpty()) {
            return Long.MIN_VALUE;
        }
        return switch (state) {
            case IDLE -> wanted ? retryAtNs : Long.MAX_VALUE;
            case CONNECTING, INITIALIZING, JOINING, CHALLENGING, PROVING ->
                    loginBeganNs + loginTimeoutNs();
            case READY -> freeCount < QUEUE_DEPTH ? nextCheckNs : Long.MAX_VALUE;
        };
    }

    private long loginTimeoutNs() {
        return state == State.CONNECTING ? CONNECT_TIMEOUT_NS : LOGIN_TIMEOUT_NS;
    }

    private void connect(long nowNs) {
        state = State.CONNECTING;
        loginBeganNs = nowNs;
        retryAtNs = nowNs + RETRY_NS;
        Link opened = new Link();
        link = opened;
        opened.stream = engine.connect(address, opened);
    }

    /** Ends the connection: everything on its way ends with DISCONNECTED, from a later poll. */
    private void drop() {
        Link open = link;
        link = null;
        state = State.IDLE;
        retryAtNs = engine.clock().nowNs() + RETRY_NS;
        for (int id = 0; id < QUEUE_DEPTH; id++) {
            FragmentRequest request = inFlight[id];
            if (request != null) {
                inFlight[id] = null;
                disconnected.add(request);
            }
        }
        disconnected.addAll(waiting);
        waiting.clear();
        freeAllIds();
        if (open != null && open.stream != null) {
            open.stream.close();
        }
    }

    /** One command without an answer is enough, whatever else is answered meanwhile. */
    private boolean isStuck(long nowNs) {
        for (int id = 0; id < QUEUE_DEPTH; id++) {
            if (inFlight[id] != null && nowNs - sentNs[id] > COMMAND_TIMEOUT_NS) {
                return true;
            }
        }
        return false;
    }

    private void freeAllIds() {
        for (int id = 0; id < QUEUE_DEPTH; id++) {
            freeIds[id] = id;
        }
        freeCount = QUEUE_DEPTH;
    }

    private boolean send(FragmentRequest request) {
        TcpStream stream = stream();
        int opcode = PeerOpcodes.opcode(request.op);
        boolean fromOwner = IoOpcode.dataFromHost(opcode);
        int capsuleBytes = fromOwner ? request.bufferBytes : 0;
        if (freeCount == 0 || stream.sendSpace() < CapsuleCmd.BYTES + capsuleBytes) {
            return false;
        }
        int id = freeIds[--freeCount];
        inFlight[id] = request;
        sentNs[id] = engine.clock().nowNs();
        received[id] = 0;
        PeerCommand.write(
                header,
                CapsuleCmd.SQE,
                opcode,
                id,
                request.groups,
                request.address,
                request.count,
                Integer.numberOfTrailingZeros(request.fragmentBytes),
                request.epoch,
                request.watermark,
                request.allInSync,
                request.dropsOthers,
                request.version);
        int sgl =
                IoOpcode.dataToHost(opcode)
                        ? SglDescriptor.ID_TRANSPORT
                        : SglDescriptor.ID_IN_CAPSULE;
        boolean data = fromOwner || IoOpcode.dataToHost(opcode);
        SglDescriptor.write(
                header, CapsuleCmd.SQE + SubmissionEntry.SGL, sgl, data ? request.bufferBytes : 0);
        sendCapsule(stream, request.buffer, request.bufferOffset, capsuleBytes);
        return true;
    }

    private void sendCapsule(TcpStream stream, MemorySegment data, long offset, int bytes) {
        CapsuleCmd.writeHeader(header, 0);
        PduHeader.frame(header, 0, bytes, 4, false, false);
        stream.send(header, 0, CapsuleCmd.BYTES);
        if (bytes > 0) {
            stream.send(data, offset, bytes);
        }
    }

    private TcpStream stream() {
        Link open = link;
        if (open == null || open.stream == null) {
            throw new IllegalStateException("no stream in state " + state);
        }
        return open.stream;
    }

    private void sendWaiting() {
        while (state == State.READY && !waiting.isEmpty() && send(waiting.element())) {
            waiting.remove();
        }
    }

    private void end(int id, IoStatus status, long result) {
        FragmentRequest request = inFlight[id];
        if (request == null) {
            return;
        }
        inFlight[id] = null;
        freeIds[freeCount++] = id;
        request.complete(status, result);
    }

    // --- the steps of a login

    private void initialize() {
        state = State.INITIALIZING;
        IcReq.write(header, 0, 0, 0, 0);
        stream().send(header, 0, IcReq.BYTES);
    }

    private void join() {
        state = State.JOINING;
        ConnectCommand.write(
                header,
                CapsuleCmd.SQE,
                LOGIN_COMMAND,
                1,
                QUEUE_DEPTH,
                ConnectCommand.CATTR_NO_SQ_FLOW_CONTROL,
                0);
        byte[] hostId = new byte[ConnectData.HOSTID_BYTES];
        hostId[0] = (byte) ownNodeId;
        hostId[1] = (byte) (ownNodeId >>> 8);
        ConnectData.write(
                header,
                CapsuleCmd.BYTES,
                hostId,
                ConnectData.ANY_CONTROLLER,
                device,
                PeerNames.node(ownNodeId));
        sendCapsule(stream(), header, CapsuleCmd.BYTES, ConnectData.BYTES);
    }

    private void challenge() {
        state = State.CHALLENGING;
        ownNonce = auth.nonce();
        sendLogin(FabricsType.AUTHENTICATION_SEND, ownNonce);
        sendLogin(FabricsType.AUTHENTICATION_RECEIVE, new byte[0]);
    }

    private void prove() {
        byte[] storeNonce = loginBytes(0, PeerAuth.NONCE_BYTES);
        byte[] proof = loginBytes(PeerAuth.NONCE_BYTES, PeerAuth.PROOF_BYTES);
        if (!PeerAuth.matches(auth.storeProof(ownNonce, storeNonce, device), proof)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} at {1} does not know this cluster''s secret",
                    device,
                    address);
            drop();
            retryAtNs += 10 * RETRY_NS;
            return;
        }
        state = State.PROVING;
        sendLogin(FabricsType.AUTHENTICATION_SEND, auth.ownerProof(ownNonce, storeNonce, device));
    }

    private void sendLogin(int type, byte[] data) {
        SubmissionEntry.writeFabrics(header, CapsuleCmd.SQE, type, LOGIN_COMMAND);
        boolean receive = type == FabricsType.AUTHENTICATION_RECEIVE;
        SglDescriptor.write(
                header,
                CapsuleCmd.SQE + SubmissionEntry.SGL,
                receive ? SglDescriptor.ID_TRANSPORT : SglDescriptor.ID_IN_CAPSULE,
                receive ? PeerAuth.NONCE_BYTES + PeerAuth.PROOF_BYTES : data.length);
        MemorySegment.copy(MemorySegment.ofArray(data), 0, loginData, 0, data.length);
        sendCapsule(stream(), loginData, 0, data.length);
    }

    private byte[] loginBytes(int offset, int length) {
        byte[] bytes = new byte[length];
        MemorySegment.copy(loginData, offset, MemorySegment.ofArray(bytes), 0, length);
        return bytes;
    }

    private void loginAnswered(int status) {
        if (status != StatusCode.SUCCESS) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} at {1} refused step {2} of the login: status {3}",
                    device,
                    address,
                    state,
                    Integer.toHexString(status));
            drop();
            retryAtNs += 10 * RETRY_NS;
            return;
        }
        switch (state) {
            case JOINING -> challenge();
            case CHALLENGING -> {
                if (++challengeAnswers == 2) {
                    prove();
                }
            }
            case PROVING -> {
                state = State.READY;
                connections++;
            }
            default -> drop();
        }
    }

    /** One connection's stream and PDUs; calls for a connection that was dropped go nowhere. */
    private final class Link implements StreamHandler, PduReader.Handler {
        private static final PduLimits LIMITS = new PduLimits(false, 0, DATA_BYTES_MAX, 4);

        private final PduReader reader = new PduReader(readers, LIMITS, this);
        private @Nullable TcpStream stream;
        private MemorySegment target = MemorySegment.NULL;
        private long targetOffset;
        private int answeredId = -1;
        private int answeredStatus;
        private long answeredResult;
        private boolean initialized;

        private boolean isCurrent() {
            return link == this;
        }

        @Override
        public void onConnected(TcpStream connected) {
            stream = connected;
            if (isCurrent()) {
                challengeAnswers = 0;
                initialize();
            } else {
                connected.close();
            }
        }

        @Override
        public int onData(TcpStream from, MemorySegment buffer, long offset, int length) {
            if (!isCurrent()) {
                return length;
            }
            heard = true;
            int consumed = reader.read(buffer, offset, length);
            PduError error = reader.error();
            if (error != null && isCurrent()) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "{0} at {1} broke the protocol: {2}",
                        device,
                        address,
                        error);
                drop();
            }
            return isCurrent() ? consumed : length;
        }

        @Override
        public void onSendSpace(TcpStream of) {
            if (isCurrent()) {
                sendWaiting();
            }
        }

        @Override
        public void onClosed(TcpStream closed, int errno) {
            if (isCurrent()) {
                stream = null;
                drop();
            }
        }

        @Override
        public boolean onHeader(PduType type, MemorySegment pdu, long offset, int dataBytes) {
            if (!isCurrent()) {
                return true;
            }
            switch (type) {
                case IC_RESP -> {
                    if (state != State.INITIALIZING || IcResp.digests(pdu, offset) != 0) {
                        reader.fail(PduError.sequence("ICResp out of order"));
                    }
                    initialized = true;
                }
                case CAPSULE_RESP -> {
                    answeredId = CompletionEntry.commandId(pdu, offset + CapsuleResp.CQE);
                    answeredStatus = CompletionEntry.status(pdu, offset + CapsuleResp.CQE);
                    answeredResult = CompletionEntry.result(pdu, offset + CapsuleResp.CQE);
                    if (answeredId > LOGIN_COMMAND
                            || (answeredId < LOGIN_COMMAND && inFlight[answeredId] == null)) {
                        reader.fail(PduError.sequence("an answer to no command: " + answeredId));
                    }
                }
                case C2H_DATA -> aim(pdu, offset, dataBytes);
                default -> reader.fail(PduError.sequence("unexpected " + type));
            }
            return true;
        }

        private void aim(MemorySegment pdu, long offset, int dataBytes) {
            int id = DataPdu.commandId(pdu, offset);
            long at = DataPdu.dataOffset(pdu, offset);
            if (id == LOGIN_COMMAND
                    && state == State.CHALLENGING
                    && at + dataBytes <= loginData.byteSize()) {
                target = loginData;
                targetOffset = at;
                return;
            }
            FragmentRequest request = id < QUEUE_DEPTH ? inFlight[id] : null;
            if (request == null
                    || !reads(request.op)
                    || at + dataBytes > request.bufferBytes
                    || at != received[id]) {
                reader.fail(
                        PduError.sequence(
                                "data that nobody asked for: " + DataPdu.describe(pdu, offset)));
                return;
            }
            received[id] += dataBytes;
            target = request.buffer;
            targetOffset = request.bufferOffset + at;
        }

        private long expectedBytes(FragmentRequest request) {
            return switch (request.op) {
                case READ, READ_AT -> request.bufferBytes;
                case LIST ->
                        (answeredResult & ~FragmentFormat.LIST_MORE)
                                * FragmentFormat.LIST_ENTRY_BYTES;
                default -> 0;
            };
        }

        private static boolean reads(FragmentOp op) {
            return op == FragmentOp.READ || op == FragmentOp.READ_AT || op == FragmentOp.LIST;
        }

        @Override
        public void onData(MemorySegment source, long offset, int length) {
            if (isCurrent()) {
                MemorySegment.copy(source, offset, target, targetOffset, length);
                targetOffset += length;
            }
        }

        @Override
        public void onEnd(boolean dataIntact) {
            if (!isCurrent()) {
                return;
            }
            if (initialized && state == State.INITIALIZING) {
                join();
            } else if (answeredId == LOGIN_COMMAND) {
                answeredId = -1;
                loginAnswered(answeredStatus);
            } else if (answeredId >= 0) {
                int id = answeredId;
                answeredId = -1;
                FragmentRequest request = inFlight[id];
                IoStatus status = PeerOpcodes.status(answeredStatus);
                if (request != null
                        && status == IoStatus.OK
                        && received[id] != expectedBytes(request)) {
                    status = IoStatus.MEDIA_ERROR; // less than was asked for is no answer
                }
                end(id, status, answeredResult);
                sendWaiting();
            }
        }
    }
}
