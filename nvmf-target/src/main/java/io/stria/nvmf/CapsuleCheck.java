package io.stria.nvmf;

import io.stria.nvme.FabricsType;
import io.stria.nvme.IoOpcode;
import io.stria.nvme.SglDescriptor;
import io.stria.nvme.StatusCode;
import io.stria.nvme.SubmissionEntry;

/** Finds out from a command capsule where the command's data is, and whether it can be so. */
final class CapsuleCheck {
    private CapsuleCheck() {}

    /**
     * Tells the command what data to expect.
     *
     * @param capsuleBytes data in the capsule
     * @param transferBytesMax most data that the command may move
     * @return {@link StatusCode#SUCCESS}, or what is wrong
     */
    static int expectData(Command command, int capsuleBytes, int transferBytesMax) {
        int flags = SubmissionEntry.flags(command.entry(), command.entryOffset());
        int checked = SubmissionEntry.FLAGS_FUSE_MASK | SubmissionEntry.FLAGS_PSDT_MASK;
        if ((flags & checked) != SubmissionEntry.FLAGS_PSDT_SGL) {
            return StatusCode.INVALID_FIELD | StatusCode.DNR;
        }
        int code = directionCode(command);
        boolean fromHost = IoOpcode.dataFromHost(code);
        boolean toHost = IoOpcode.dataToHost(code);
        if ((code & 3) == 3) {
            return StatusCode.INVALID_OPCODE | StatusCode.DNR;
        }
        long sgl = command.entryOffset() + SubmissionEntry.SGL;
        long bytes = SglDescriptor.dataBytes(command.entry(), sgl);
        boolean inCapsule = SglDescriptor.id(command.entry(), sgl) == SglDescriptor.ID_IN_CAPSULE;
        int status = checkPlace(command, sgl, bytes, capsuleBytes, fromHost);
        if (status != StatusCode.SUCCESS) {
            return status;
        }
        if (bytes > transferBytesMax) {
            return StatusCode.INVALID_FIELD | StatusCode.DNR;
        }
        command.expectData(fromHost || toHost ? (int) bytes : 0, fromHost, inCapsule);
        return StatusCode.SUCCESS;
    }

    private static int directionCode(Command command) {
        return command.opcode() == FabricsType.OPCODE
                ? SubmissionEntry.fabricsType(command.entry(), command.entryOffset())
                : command.opcode();
    }

    private static int checkPlace(
            Command command, long sgl, long bytes, int capsuleBytes, boolean fromHost) {
        switch (SglDescriptor.id(command.entry(), sgl)) {
            case SglDescriptor.ID_IN_CAPSULE -> {
                if (!fromHost) {
                    return StatusCode.SGL_TYPE_INVALID | StatusCode.DNR;
                }
                if (SglDescriptor.address(command.entry(), sgl) != 0) {
                    return StatusCode.SGL_OFFSET_INVALID | StatusCode.DNR;
                }
                return bytes == capsuleBytes
                        ? StatusCode.SUCCESS
                        : StatusCode.SGL_LENGTH_INVALID | StatusCode.DNR;
            }
            case SglDescriptor.ID_TRANSPORT -> {
                return capsuleBytes == 0
                        ? StatusCode.SUCCESS
                        : StatusCode.SGL_LENGTH_INVALID | StatusCode.DNR;
            }
            default -> {
                return StatusCode.SGL_TYPE_INVALID | StatusCode.DNR;
            }
        }
    }
}
