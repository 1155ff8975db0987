package io.stria.nvmf;

import io.stria.nvme.CapsuleResp;
import io.stria.nvme.CompletionEntry;
import io.stria.nvme.ConnectCommand;
import io.stria.nvme.ConnectData;
import io.stria.nvme.ControllerProperty;
import io.stria.nvme.FatalErrorStatus;
import io.stria.nvme.IcReq;
import io.stria.nvme.IcResp;
import io.stria.nvme.IoOpcode;
import io.stria.nvme.LittleEndian;
import io.stria.nvme.PduType;
import io.stria.nvme.PropertyCommand;
import io.stria.nvme.R2t;
import io.stria.nvme.SglDescriptor;
import io.stria.nvme.StatusCode;
import io.stria.nvme.SubmissionEntry;
import io.stria.nvme.TermReq;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import org.jspecify.annotations.Nullable;

/** One connection of a hostile host over a real socket; belongs to one thread, which it blocks. */
final class HostileConnection implements AutoCloseable {
    private static final int CONNECT_MILLIS = 10_000;
    private static final int ANSWER_MILLIS = 5_000;
    private static final int PLEN_MAX = 1 << 22;

    /** A PDU that came; its type is null where the connection was closed instead. */
    record Reply(@Nullable PduType type, byte[] bytes) {
        static final Reply CLOSED = new Reply(null, new byte[0]);

        private MemorySegment pdu() {
            return MemorySegment.ofArray(bytes);
        }

        boolean isClosed() {
            return type == null;
        }

        int status() {
            return CompletionEntry.status(pdu(), CapsuleResp.CQE) & StatusCode.CODE_MASK;
        }

        long result() {
            return CompletionEntry.result(pdu(), CapsuleResp.CQE);
        }

        @Nullable FatalErrorStatus fatal() {
            return type == PduType.C2H_TERM_REQ ? FatalErrorStatus.of(TermReq.fes(pdu(), 0)) : null;
        }

        HostQueue.Request request() {
            return new HostQueue.Request(
                    R2t.commandId(pdu(), 0),
                    R2t.transferTag(pdu(), 0),
                    (int) R2t.dataOffset(pdu(), 0),
                    (int) R2t.dataBytes(pdu(), 0));
        }

        /** For people who count answers. */
        String kind() {
            return switch (type) {
                case null -> "closed";
                case C2H_TERM_REQ -> "terminated, " + fatal();
                case CAPSULE_RESP -> status() == 0 ? "command done" : "command refused";
                case IC_RESP -> "initialized";
                case R2T -> "asked for data";
                case C2H_DATA -> "data";
                default -> type.name();
            };
        }
    }

    private final Socket socket = new Socket();
    private final DataInputStream in;
    private int nextCommandId;
    boolean headerDigest;
    boolean dataDigest;

    HostileConnection(InetAddress from, InetSocketAddress to) throws IOException {
        try {
            socket.setTcpNoDelay(true);
            socket.bind(new InetSocketAddress(from, 0));
            socket.connect(to, CONNECT_MILLIS);
            in = new DataInputStream(socket.getInputStream());
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    void send(byte[] wire) throws IOException {
        socket.getOutputStream().write(wire);
    }

    /** The next PDU, or the end; null when nothing comes for so long. */
    @Nullable Reply reply(int millis) throws IOException {
        try {
            socket.setSoTimeout(millis);
            byte[] common = new byte[8];
            int first = in.read();
            if (first < 0) {
                return Reply.CLOSED;
            }
            socket.setSoTimeout(ANSWER_MILLIS);
            common[0] = (byte) first;
            in.readFully(common, 1, 7);
            long plen = LittleEndian.u32(MemorySegment.ofArray(common), 4);
            if (plen < 8 || plen > PLEN_MAX) {
                throw new IOException("the target sent a PDU of " + plen + " bytes");
            }
            byte[] pdu = new byte[(int) plen];
            System.arraycopy(common, 0, pdu, 0, 8);
            in.readFully(pdu, 8, pdu.length - 8);
            return new Reply(PduType.of(first), pdu);
        } catch (SocketTimeoutException e) {
            return null;
        } catch (SocketException | EOFException e) {
            return Reply.CLOSED;
        }
    }

    /** ICReq and its answer; false when it was refused. */
    boolean initialize(HostQueue.Style style) throws IOException {
        MemorySegment pdu = segment(IcReq.BYTES);
        int digests =
                (style.headerDigest() ? IcReq.DGST_HEADER : 0)
                        | (style.dataDigest() ? IcReq.DGST_DATA : 0);
        IcReq.write(pdu, 0, style.hpda(), digests, 0);
        send(pdu.toArray(ValueLayout.JAVA_BYTE));
        Reply reply = reply(ANSWER_MILLIS);
        if (reply == null || reply.type() != PduType.IC_RESP) {
            return false;
        }
        int agreed = IcResp.digests(MemorySegment.ofArray(reply.bytes()), 0);
        headerDigest = (agreed & IcReq.DGST_HEADER) != 0;
        dataDigest = (agreed & IcReq.DGST_DATA) != 0;
        return true;
    }

    /** Fabrics Connect; what it was answered. */
    @Nullable Reply connect(int queueId, int controller, String nqn, String hostNqn)
            throws IOException {
        byte[] data = new byte[ConnectData.BYTES];
        byte[] hostId = new byte[16];
        hostId[0] = (byte) hostNqn.hashCode();
        hostId[15] = 1;
        ConnectData.write(MemorySegment.ofArray(data), 0, hostId, controller, nqn, hostNqn);
        MemorySegment sqe = segment(SubmissionEntry.BYTES);
        ConnectCommand.write(sqe, 0, nextCommandId++, queueId, 32, 0, 0);
        return command(sqe, data);
    }

    /** Sets CC.EN. */
    boolean enable() throws IOException {
        MemorySegment sqe = segment(SubmissionEntry.BYTES);
        PropertyCommand.writeSet(sqe, 0, nextCommandId++, ControllerProperty.CC, 0x0046_0001);
        SglDescriptor.write(sqe, SubmissionEntry.SGL, SglDescriptor.ID_TRANSPORT, 0);
        Reply reply = command(sqe, new byte[0]);
        return reply != null && reply.type() == PduType.CAPSULE_RESP && reply.status() == 0;
    }

    /** A Write whose data the target has to ask for: what it asks. */
    HostQueue.@Nullable Request write(long lba, int bytes) throws IOException {
        Reply reply = command(io(IoOpcode.WRITE, lba, bytes), new byte[0]);
        return reply != null && reply.type() == PduType.R2T ? reply.request() : null;
    }

    /** Sends a Read, and leaves its answer unread. */
    void sendRead(long lba, int bytes) throws IOException {
        send(framed(io(IoOpcode.READ, lba, bytes), new byte[0]));
    }

    private MemorySegment io(int opcode, long lba, int bytes) {
        MemorySegment sqe = segment(SubmissionEntry.BYTES);
        TestHost.io(sqe, opcode, lba, bytes / 4096);
        LittleEndian.put16(sqe, SubmissionEntry.CID, nextCommandId++);
        SglDescriptor.write(sqe, SubmissionEntry.SGL, SglDescriptor.ID_TRANSPORT, bytes);
        return sqe;
    }

    private @Nullable Reply command(MemorySegment sqe, byte[] data) throws IOException {
        send(framed(sqe, data));
        return reply(ANSWER_MILLIS);
    }

    private byte[] framed(MemorySegment sqe, byte[] data) {
        return PduTemplate.capsule("command", sqe, data)
                .digested(headerDigest, dataDigest)
                .framed(headerDigest, dataDigest);
    }

    private static MemorySegment segment(int bytes) {
        return MemorySegment.ofArray(new byte[bytes]);
    }

    /** Closes it with a reset. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
