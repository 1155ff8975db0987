package io.stria.systemtests.linear;

import io.stria.nvme.CapsuleCmd;
import io.stria.nvme.CapsuleResp;
import io.stria.nvme.CompletionEntry;
import io.stria.nvme.ConnectCommand;
import io.stria.nvme.ConnectData;
import io.stria.nvme.ControllerProperty;
import io.stria.nvme.DataPdu;
import io.stria.nvme.IcReq;
import io.stria.nvme.IoOpcode;
import io.stria.nvme.LittleEndian;
import io.stria.nvme.PduHeader;
import io.stria.nvme.PduType;
import io.stria.nvme.PropertyCommand;
import io.stria.nvme.SglDescriptor;
import io.stria.nvme.StatusCode;
import io.stria.nvme.SubmissionEntry;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.function.Consumer;

/**
 * One queue of a host over a blocking socket, with one command at a time. Whatever goes wrong ends
 * it: no answer in time, a lost connection, an answer that does not fit.
 */
final class HostConnection implements Closeable {
    private static final int ENTRIES = 32;
    private static final int ENABLE = 0x0046_0001;
    private static final int PDU_BYTES_MAX = 1 << 20;

    private final Socket socket = new Socket();
    private final DataInputStream in;
    private int lastCommandId;
    private int result;

    HostConnection(InetSocketAddress address, int answerMs) throws IOException {
        try {
            socket.setTcpNoDelay(true);
            socket.connect(address, answerMs);
            socket.setSoTimeout(answerMs);
            in = new DataInputStream(socket.getInputStream());
            byte[] pdu = new byte[IcReq.BYTES];
            IcReq.write(MemorySegment.ofArray(pdu), 0, 0, 0, 0);
            socket.getOutputStream().write(pdu);
            expect(receive(), PduType.IC_RESP);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    boolean isOpen() {
        return !socket.isClosed();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** Fabrics Connect; returns the controller's identifier. */
    int connect(int queueId, int controller, String nqn, HostName host, int keepAliveMs)
            throws IOException {
        byte[] data = new byte[ConnectData.BYTES];
        ConnectData.write(MemorySegment.ofArray(data), 0, host.id(), controller, nqn, host.nqn());
        check(
                command(
                        sqe -> ConnectCommand.write(sqe, 0, 0, queueId, ENTRIES, 0, keepAliveMs),
                        data,
                        new byte[0]));
        return result & 0xFFFF;
    }

    void enable() throws IOException {
        check(command(sqe -> PropertyCommand.writeSet(sqe, 0, 0, ControllerProperty.CC, ENABLE)));
    }

    /** Writes one block of 4 KiB, and returns the status. */
    int writeBlock(long lba, byte[] data) throws IOException {
        return command(sqe -> block(sqe, IoOpcode.WRITE, lba), data, new byte[0]);
    }

    int readBlock(long lba, byte[] data) throws IOException {
        return read(sqe -> block(sqe, IoOpcode.READ, lba), data);
    }

    private static void block(MemorySegment sqe, int opcode, long lba) {
        SubmissionEntry.write(sqe, 0, opcode, 0, 1);
        SubmissionEntry.putLbas(sqe, 0, lba, 1);
    }

    int command(Consumer<MemorySegment> fields) throws IOException {
        return command(fields, new byte[0], new byte[0]);
    }

    /** A command that reads as much as {@code data} holds. */
    int read(Consumer<MemorySegment> fields, byte[] data) throws IOException {
        return command(fields, new byte[0], data);
    }

    /** An error status is as good as a lost connection. */
    void check(int status) throws IOException {
        if (StatusCode.code(status) != StatusCode.SUCCESS) {
            throw new IOException("status " + Integer.toHexString(status));
        }
    }

    private int command(Consumer<MemorySegment> fields, byte[] out, byte[] read)
            throws IOException {
        try {
            send(fields, out, read.length);
            return receiveAnswer(read);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private void send(Consumer<MemorySegment> fields, byte[] out, int readBytes)
            throws IOException {
        lastCommandId = (lastCommandId + 1) & 0xFFFF;
        byte[] pdu = new byte[CapsuleCmd.BYTES + out.length];
        MemorySegment segment = MemorySegment.ofArray(pdu);
        MemorySegment sqe = segment.asSlice(CapsuleCmd.SQE, SubmissionEntry.BYTES);
        fields.accept(sqe);
        LittleEndian.put16(sqe, SubmissionEntry.CID, lastCommandId);
        int kind = out.length > 0 ? SglDescriptor.ID_IN_CAPSULE : SglDescriptor.ID_TRANSPORT;
        SglDescriptor.write(sqe, SubmissionEntry.SGL, kind, out.length + readBytes);
        CapsuleCmd.writeHeader(segment, 0);
        PduHeader.frame(segment, 0, out.length, 4, false, false);
        System.arraycopy(out, 0, pdu, CapsuleCmd.BYTES, out.length);
        socket.getOutputStream().write(pdu);
    }

    private int receiveAnswer(byte[] read) throws IOException {
        long received = 0;
        while (true) {
            MemorySegment pdu = MemorySegment.ofArray(receive());
            PduType type = PduType.of(LittleEndian.u8(pdu, 0));
            if (type == PduType.CAPSULE_RESP) {
                expectCommand(CompletionEntry.commandId(pdu, CapsuleResp.CQE));
                result = CompletionEntry.dw0(pdu, CapsuleResp.CQE);
                int status = CompletionEntry.status(pdu, CapsuleResp.CQE);
                expectAll(received, read, status);
                return status;
            }
            if (type != PduType.C2H_DATA) {
                throw new IOException("unexpected " + type);
            }
            expectCommand(DataPdu.commandId(pdu, 0));
            long offset = DataPdu.dataOffset(pdu, 0);
            long bytes = DataPdu.dataBytes(pdu, 0);
            if (offset + bytes > read.length) {
                throw new IOException("more data than was asked for");
            }
            MemorySegment.copy(
                    pdu, PduHeader.pdo(pdu, 0), MemorySegment.ofArray(read), offset, bytes);
            received += bytes;
            if (DataPdu.isSuccess(pdu, 0)) {
                expectAll(received, read, StatusCode.SUCCESS);
                return StatusCode.SUCCESS;
            }
        }
    }

    /** What was in the buffer before must not pass for what was read. */
    private static void expectAll(long received, byte[] read, int status) throws IOException {
        if (status == StatusCode.SUCCESS && received != read.length) {
            throw new IOException(received + " of " + read.length + " bytes came, and success");
        }
    }

    private void expectCommand(int commandId) throws IOException {
        if (commandId != lastCommandId) {
            throw new IOException("an answer to command " + commandId);
        }
    }

    private static void expect(byte[] pdu, PduType type) throws IOException {
        if (PduType.of(pdu[0] & 0xFF) != type) {
            throw new IOException("no " + type);
        }
    }

    private byte[] receive() throws IOException {
        byte[] head = new byte[8];
        in.readFully(head);
        long bytes = LittleEndian.u32(MemorySegment.ofArray(head), 4);
        if (bytes < head.length || bytes > PDU_BYTES_MAX) {
            throw new IOException("a PDU of " + bytes + " bytes");
        }
        byte[] pdu = new byte[(int) bytes];
        System.arraycopy(head, 0, pdu, 0, head.length);
        in.readFully(pdu, head.length, pdu.length - head.length);
        return pdu;
    }
}
