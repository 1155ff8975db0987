package io.stria.nvmf;

import io.stria.nvme.CapsuleResp;
import io.stria.nvme.CompletionEntry;
import io.stria.nvme.DataPdu;
import io.stria.nvme.Digest;
import io.stria.nvme.LittleEndian;
import io.stria.nvme.PduHeader;
import io.stria.nvme.PduType;
import io.stria.nvme.R2t;
import io.stria.nvme.StatusCode;
import io.stria.runtime.TcpStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What a connection has to tell its host, in order. When the stream's send ring is full the rest
 * waits here, whole or in the middle of its data, and goes on with {@link #send} when there is
 * space.
 */
final class SendQueue {
    /** What is left to send of the command at the head. */
    private enum Part {
        HEADER,
        DATA,
        DATA_DIGEST,
        RESPONSE
    }

    private static final int SCRATCH_BYTES = 256;

    private final Connection connection;
    private final TcpStream stream;
    private final MemorySegment scratch;
    private final Digest digest = new Digest();
    private int alignmentBytes = 4;
    private boolean headerDigests;
    private boolean dataDigests;
    private @Nullable Command head;
    private @Nullable Command tail;
    private Part part = Part.HEADER;
    private int sent;
    private boolean sending;
    private long sentBytes;

    SendQueue(Connection connection, TcpStream stream, Arena arena) {
        this.connection = connection;
        this.stream = stream;
        this.scratch = arena.allocate(SCRATCH_BYTES, 8);
    }

    void useFormat(int dataAlignmentBytes, boolean header, boolean data) {
        alignmentBytes = dataAlignmentBytes;
        headerDigests = header;
        dataDigests = data;
    }

    /** A command whose R2T or response is due. */
    void add(Command command) {
        assert command.nextToSend == null && tail != command;
        if (tail == null) {
            head = command;
        } else {
            tail.nextToSend = command;
        }
        tail = command;
        send();
    }

    boolean isEmpty() {
        return head == null;
    }

    /** What is sent now would not be taken for the rest of a command's data. */
    boolean isBetweenPdus() {
        return part == Part.HEADER || part == Part.RESPONSE;
    }

    /** Bytes sent since the beginning: progress, when there is more to send. */
    long sentBytes() {
        return sentBytes;
    }

    /** Forgets everything: the connection has gone. */
    void clear() {
        head = null;
        tail = null;
    }

    /** Sends what there is space for. */
    void send() {
        if (sending) {
            return;
        }
        sending = true;
        Command command = head;
        while (command != null && sendAll(command)) {
            // The command may be reused as soon as it advances.
            head = command.nextToSend;
            tail = head == null ? null : tail;
            command.nextToSend = null;
            part = Part.HEADER;
            connection.advance(command);
            command = head;
        }
        sending = false;
    }

    private boolean sendAll(Command command) {
        if (command.state == CommandState.REQUESTING) {
            return sendRequest(command);
        }
        return (!command.sendsData() || sendData(command)) && sendResponse(command);
    }

    private boolean sendRequest(Command command) {
        R2t.write(scratch, 0, command.commandId, command.slot(), 0, command.dataBytes());
        return sendHeader(PduHeader.frame(scratch, 0, 0, 4, headerDigests, false));
    }

    private boolean sendData(Command command) {
        if (part == Part.HEADER) {
            if (!sendDataHeader(command)) {
                return false;
            }
            sent = 0;
            part = Part.DATA;
        }
        if (part == Part.DATA) {
            if (!sendDataBytes(command)) {
                return false;
            }
            part = dataDigests ? Part.DATA_DIGEST : Part.RESPONSE;
        }
        if (part == Part.DATA_DIGEST) {
            if (stream.sendSpace() < PduHeader.DIGEST_BYTES) {
                return false;
            }
            int value = digest.of(command.data(), 0, command.dataBytes());
            LittleEndian.put32(scratch, 0, value);
            stream.send(scratch, 0, PduHeader.DIGEST_BYTES);
            part = Part.RESPONSE;
        }
        return true;
    }

    private boolean sendDataHeader(Command command) {
        int flags = PduHeader.FLAG_LAST | (endsWithData(command) ? PduHeader.FLAG_SUCCESS : 0);
        int bytes = command.dataBytes();
        DataPdu.write(scratch, 0, PduType.C2H_DATA, flags, command.commandId, 0, 0, bytes);
        return sendHeader(
                PduHeader.frame(scratch, 0, bytes, alignmentBytes, headerDigests, dataDigests));
    }

    private boolean sendDataBytes(Command command) {
        while (sent < command.dataBytes()) {
            // Asked until it says that it is full: only then does the stream tell of more space.
            int now = Math.min(command.dataBytes() - sent, stream.sendSpace());
            if (now == 0) {
                return false;
            }
            stream.send(command.data(), sent, now);
            sent += now;
            sentBytes += now;
        }
        return true;
    }

    private boolean sendResponse(Command command) {
        if (command.sendsData() && endsWithData(command)) {
            return true;
        }
        CapsuleResp.writeHeader(scratch, 0);
        CompletionEntry.write(
                scratch,
                CapsuleResp.CQE,
                command.result,
                connection.submissionHead(),
                command.commandId,
                command.status);
        return sendHeader(PduHeader.frame(scratch, 0, 0, 4, headerDigests, false));
    }

    /**
     * Only where no submission queue head has to be told and there is nothing to say but "done" may
     * the last data stand for the response.
     */
    private boolean endsWithData(Command command) {
        return command.status == StatusCode.SUCCESS
                && command.result == 0
                && !connection.hasFlowControl();
    }

    /** Header, digest and padding in one piece, or nothing. */
    private boolean sendHeader(int end) {
        if (stream.sendSpace() < end) {
            return false;
        }
        int hlen = PduHeader.hlen(scratch, 0);
        if (headerDigests) {
            LittleEndian.put32(scratch, hlen, digest.of(scratch, 0, hlen));
        }
        int headEnd = hlen + (headerDigests ? PduHeader.DIGEST_BYTES : 0);
        for (int padding = headEnd; padding < end; padding++) {
            LittleEndian.put8(scratch, padding, 0);
        }
        stream.send(scratch, 0, end);
        sentBytes += end;
        return true;
    }
}
