package io.stria.nvmf;

import io.stria.nvme.CapsuleCmd;
import io.stria.nvme.CapsuleResp;
import io.stria.nvme.CompletionEntry;
import io.stria.nvme.DataPdu;
import io.stria.nvme.Digest;
import io.stria.nvme.FatalErrorStatus;
import io.stria.nvme.IcReq;
import io.stria.nvme.IcResp;
import io.stria.nvme.LittleEndian;
import io.stria.nvme.PduError;
import io.stria.nvme.PduHeader;
import io.stria.nvme.PduLimits;
import io.stria.nvme.PduReader;
import io.stria.nvme.PduType;
import io.stria.nvme.R2t;
import io.stria.nvme.SglDescriptor;
import io.stria.nvme.StatusCode;
import io.stria.nvme.SubmissionEntry;
import io.stria.nvme.TermReq;
import io.stria.runtime.StreamHandler;
import io.stria.runtime.TcpStream;
import io.stria.runtime.sim.SimulatedEngine;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The host's end of one connection, for tests: sends what it is told to, right or wrong, and
 * answers R2Ts unless it is told not to.
 */
final class HostQueue implements StreamHandler, PduReader.Handler {
    /** What the host asks for in ICReq, and how it sends its data. */
    record Style(boolean headerDigest, boolean dataDigest, int hpda, int h2cBytesMax) {
        static final Style PLAIN = new Style(false, false, 0, 1 << 20);
        static final Style DIGESTS = new Style(true, true, 0, 1 << 20);
    }

    /** One R2T, as it came. */
    record Request(int commandId, int tag, int offset, int bytes) {}

    private final SimulatedEngine engine;
    private final Style style;
    private final Arena arena = Arena.ofAuto();
    private final PduReader reader =
            new PduReader(arena, new PduLimits(false, 0, 1 << 22, 4), this);
    private final ArrayDeque<byte[]> unsent = new ArrayDeque<>();
    private final Map<Integer, Answer> answers = new HashMap<>();
    private final Map<Integer, byte[]> writeData = new HashMap<>();
    private final Map<Integer, ByteArrayOutputStream> readData = new HashMap<>();
    final List<Request> requests = new ArrayList<>();
    final List<Integer> order = new ArrayList<>();
    boolean answersRequests = true;

    /** It uses identifiers twice, so that nothing can be said of its answers. */
    boolean hostile;

    @Nullable FatalErrorStatus terminated;
    int terminatedInformation;
    int maxH2cData;
    boolean closed;
    int closedErrno;
    boolean dataBroken;
    private boolean initialized;
    private @Nullable TcpStream stream;
    private int nextCommandId;
    private @Nullable Answer halfAnswer;
    private int current = -1;

    HostQueue(SimulatedEngine engine, InetSocketAddress target, Style style) {
        this.engine = engine;
        this.style = style;
        stream = engine.connect(target, this);
    }

    /** A connection that has been initialized. */
    static HostQueue open(SimulatedEngine engine, InetSocketAddress target, Style style) {
        HostQueue queue = new HostQueue(engine, target, style);
        queue.initialize();
        engine.runUntil(() -> queue.initialized || queue.closed);
        return queue;
    }

    TcpStream stream() {
        return Objects.requireNonNull(stream);
    }

    boolean isDigested() {
        return style.headerDigest && style.dataDigest;
    }

    void initialize() {
        MemorySegment pdu = arena.allocate(IcReq.BYTES);
        int digests =
                (style.headerDigest ? IcReq.DGST_HEADER : 0)
                        | (style.dataDigest ? IcReq.DGST_DATA : 0);
        IcReq.write(pdu, 0, style.hpda, digests, 0);
        send(pdu.toArray(ValueLayout.JAVA_BYTE));
    }

    // Sending.

    void send(byte[] bytes) {
        unsent.add(bytes);
        drain();
    }

    private void drain() {
        TcpStream to = stream();
        while (!unsent.isEmpty() && to.isOpen() && to.sendSpace() > 0) {
            byte[] next = unsent.remove();
            int now = Math.min(next.length, to.sendSpace());
            to.send(MemorySegment.ofArray(next), 0, now);
            if (now < next.length) {
                byte[] rest = new byte[next.length - now];
                System.arraycopy(next, now, rest, 0, rest.length);
                unsent.addFirst(rest);
            }
        }
    }

    /**
     * One command.
     *
     * @param fields writes opcode and dwords; the SGL is set here
     * @return its identifier
     */
    int submit(Consumer<MemorySegment> fields, byte[] data, boolean inCapsule, int readBytes) {
        int commandId = nextCommandId++ & 0xFFFF;
        MemorySegment pdu = arena.allocate(CapsuleCmd.BYTES + 8);
        MemorySegment sqe = pdu.asSlice(CapsuleCmd.SQE, SubmissionEntry.BYTES);
        fields.accept(sqe);
        LittleEndian.put16(sqe, SubmissionEntry.CID, commandId);
        int bytes = data.length > 0 ? data.length : readBytes;
        boolean carries = inCapsule && data.length > 0;
        int id = carries ? SglDescriptor.ID_IN_CAPSULE : SglDescriptor.ID_TRANSPORT;
        SglDescriptor.write(sqe, SubmissionEntry.SGL, id, bytes);
        CapsuleCmd.writeHeader(pdu, 0);
        sendPdu(pdu, CapsuleCmd.BYTES, carries ? data : new byte[0]);
        if (!carries && data.length > 0) {
            writeData.put(commandId, data);
        }
        return commandId;
    }

    /** Sends an entry just as it is, with data in the capsule or none. */
    void submitRaw(MemorySegment sqe, byte[] capsuleData) {
        MemorySegment pdu = arena.allocate(CapsuleCmd.BYTES + 8);
        MemorySegment.copy(sqe, 0, pdu, CapsuleCmd.SQE, SubmissionEntry.BYTES);
        CapsuleCmd.writeHeader(pdu, 0);
        sendPdu(pdu, CapsuleCmd.BYTES, capsuleData);
    }

    private void sendPdu(MemorySegment pdu, int headerBytes, byte[] data) {
        int dataAt = PduHeader.frame(pdu, 0, data.length, 4, style.headerDigest, style.dataDigest);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(pdu.asSlice(0, headerBytes).toArray(ValueLayout.JAVA_BYTE));
        if (style.headerDigest) {
            out.writeBytes(littleEndian(new Digest().of(pdu, 0, headerBytes)));
        }
        if (data.length > 0) {
            out.writeBytes(new byte[dataAt - out.size()]);
            out.writeBytes(data);
            if (style.dataDigest) {
                int crc = new Digest().of(MemorySegment.ofArray(data), 0, data.length);
                out.writeBytes(littleEndian(dataBroken ? ~crc : crc));
            }
        }
        send(out.toByteArray());
    }

    private static byte[] littleEndian(int value) {
        return new byte[] {
            (byte) value, (byte) (value >> 8), (byte) (value >> 16), (byte) (value >> 24)
        };
    }

    /** Answers an R2T as it should be: in order, in pieces. */
    void answer(Request request) {
        int done = writeData.containsKey(request.commandId) ? 0 : request.bytes;
        while (done < request.bytes) {
            int now = Math.min(request.bytes - done, Math.min(style.h2cBytesMax, maxH2cData));
            sendData(request, request.offset + done, now, done + now == request.bytes);
            done += now;
        }
    }

    /** One H2CData with a piece of the command's data. */
    void sendData(Request request, int offset, int bytes, boolean last) {
        byte[] all = Objects.requireNonNull(writeData.get(request.commandId));
        byte[] piece = new byte[bytes];
        System.arraycopy(all, Math.min(offset, all.length - bytes), piece, 0, bytes);
        sendData(request.commandId, request.tag, offset, piece, last);
    }

    void sendData(int commandId, int tag, int offset, byte[] piece, boolean last) {
        MemorySegment pdu = arena.allocate(DataPdu.BYTES + 8);
        int flags = last ? PduHeader.FLAG_LAST : 0;
        DataPdu.write(pdu, 0, PduType.H2C_DATA, flags, commandId, tag, offset, piece.length);
        sendPdu(pdu, DataPdu.BYTES, piece);
    }

    // Waiting.

    Answer await(int commandId) {
        engine.runUntil(() -> answers.containsKey(commandId) || closed);
        Answer answer = answers.remove(commandId);
        if (answer == null) {
            throw new AssertionError("closed before command %d ended".formatted(commandId));
        }
        return answer;
    }

    /** The answer that came last. */
    Answer lastAnswer() {
        return Objects.requireNonNull(answers.get(order.getLast()));
    }

    boolean isAnswered(int commandId) {
        return answers.containsKey(commandId);
    }

    int answered() {
        return answers.size();
    }

    void awaitClosed() {
        engine.runUntil(() -> closed);
    }

    void awaitRequests(int count) {
        engine.runUntil(() -> requests.size() >= count || closed);
    }

    // The stream.

    @Override
    public void onConnected(TcpStream connected) {
        stream = connected;
        drain();
    }

    @Override
    public int onData(TcpStream from, MemorySegment buffer, long offset, int length) {
        int consumed = reader.read(buffer, offset, length);
        PduError error = reader.error();
        if (error != null) {
            throw new AssertionError("the target sent nonsense: " + error);
        }
        return consumed;
    }

    @Override
    public void onSendSpace(TcpStream from) {
        drain();
    }

    @Override
    public void onClosed(TcpStream from, int errno) {
        closed = true;
        closedErrno = errno;
    }

    @Override
    public boolean onHeader(PduType type, MemorySegment pdu, long offset, int dataBytes) {
        current = -1;
        switch (type) {
            case IC_RESP -> {
                initialized = true;
                maxH2cData = IcResp.maxH2cData(pdu, offset);
                int digests = IcResp.digests(pdu, offset);
                boolean header = (digests & IcReq.DGST_HEADER) != 0;
                boolean data = (digests & IcReq.DGST_DATA) != 0;
                boolean asAsked = header == style.headerDigest && data == style.dataDigest;
                if (!asAsked && !hostile) {
                    throw new AssertionError("digests " + digests);
                }
                reader.useDigests(header, data);
            }
            case C2H_TERM_REQ -> {
                terminated = FatalErrorStatus.of(TermReq.fes(pdu, offset));
                terminatedInformation = TermReq.fei(pdu, offset);
            }
            case CAPSULE_RESP -> {
                long cqe = offset + CapsuleResp.CQE;
                int commandId = CompletionEntry.commandId(pdu, cqe);
                finish(
                        commandId,
                        new Answer(
                                CompletionEntry.status(pdu, cqe),
                                CompletionEntry.result(pdu, cqe),
                                CompletionEntry.sqHead(pdu, cqe),
                                false,
                                taken(commandId)));
            }
            case C2H_DATA -> onReadData(pdu, offset);
            case R2T -> {
                Request request =
                        new Request(
                                R2t.commandId(pdu, offset),
                                R2t.transferTag(pdu, offset),
                                (int) R2t.dataOffset(pdu, offset),
                                (int) R2t.dataBytes(pdu, offset));
                requests.add(request);
                if (answersRequests) {
                    answer(request);
                }
            }
            default -> throw new AssertionError("unexpected " + type);
        }
        return true;
    }

    private void onReadData(MemorySegment pdu, long offset) {
        int alignment = 4 * (style.hpda + 1);
        if (PduHeader.pdo(pdu, offset) % alignment != 0) {
            throw new AssertionError("data at " + PduHeader.pdo(pdu, offset));
        }
        current = DataPdu.commandId(pdu, offset);
        int had = readData.computeIfAbsent(current, _ -> new ByteArrayOutputStream()).size();
        if (DataPdu.dataOffset(pdu, offset) != had && !hostile) {
            throw new AssertionError("data out of order");
        }
        if (DataPdu.isSuccess(pdu, offset)) {
            halfAnswer = new Answer(StatusCode.SUCCESS, 0, 0, true, new byte[0]);
        }
    }

    @Override
    public void onData(MemorySegment source, long offset, int length) {
        if (current >= 0) {
            Objects.requireNonNull(readData.get(current))
                    .writeBytes(source.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    @Override
    public void onEnd(boolean dataIntact) {
        if (!dataIntact) {
            throw new AssertionError("data digest");
        }
        Answer half = halfAnswer;
        if (half != null && current >= 0) {
            halfAnswer = null;
            finish(current, new Answer(half.status(), 0, 0, true, taken(current)));
        }
    }

    private byte[] taken(int commandId) {
        ByteArrayOutputStream data = readData.remove(commandId);
        return data == null ? new byte[0] : data.toByteArray();
    }

    private void finish(int commandId, Answer answer) {
        writeData.remove(commandId);
        order.add(commandId);
        if (answers.put(commandId, answer) != null && !hostile) {
            throw new AssertionError("command %d ended twice".formatted(commandId));
        }
    }
}
