package io.stria.dataplane.peer;

import io.stria.dataplane.device.FragmentRequest;
import io.stria.nvme.CapsuleCmd;
import io.stria.nvme.ConnectData;
import io.stria.nvme.IoOpcode;
import io.stria.nvme.PduHeader;
import io.stria.nvme.PeerCommand;
import io.stria.nvme.SglDescriptor;
import io.stria.nvme.SubmissionEntry;
import io.stria.runtime.TcpStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Sends command capsules, all from the same memory: a stream has copied what it was given when it
 * returns.
 */
final class CapsuleSender {
    private final MemorySegment header;

    CapsuleSender(Arena arena) {
        header = arena.allocate(CapsuleCmd.BYTES + ConnectData.BYTES, 8);
    }

    /** Where the next command is written, and small data behind it. */
    MemorySegment header() {
        return header;
    }

    /** Whether the stream takes the whole capsule of such a command now. */
    static boolean fits(TcpStream stream, FragmentRequest request) {
        int dataBytes = capsuleBytes(PeerOpcodes.opcode(request.op), request);
        return stream.sendSpace() >= CapsuleCmd.BYTES + dataBytes;
    }

    private static int capsuleBytes(int opcode, FragmentRequest request) {
        return IoOpcode.dataFromHost(opcode) ? request.bufferBytes : 0;
    }

    void send(TcpStream stream, FragmentRequest request, int id) {
        int opcode = PeerOpcodes.opcode(request.op);
        boolean fromOwner = IoOpcode.dataFromHost(opcode);
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
        send(stream, request.buffer, request.bufferOffset, capsuleBytes(opcode, request));
    }

    /** The command that was written to the header, with data. */
    void send(TcpStream stream, MemorySegment data, long offset, int bytes) {
        CapsuleCmd.writeHeader(header, 0);
        PduHeader.frame(header, 0, bytes, 4, false, false);
        stream.send(header, 0, CapsuleCmd.BYTES);
        if (bytes > 0) {
            stream.send(data, offset, bytes);
        }
    }
}
