package io.stria.dataplane.peer;

import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.IoStatus;
import io.stria.nvme.PeerCommand;
import io.stria.nvme.StatusCode;
import org.jspecify.annotations.Nullable;

/** Fragment operations and statuses as opcodes and status codes. */
final class PeerOpcodes {
    private PeerOpcodes() {}

    static int opcode(FragmentOp op) {
        return switch (op) {
            case ATTACH -> PeerCommand.ATTACH;
            case WRITE -> PeerCommand.WRITE;
            case UNMAP -> PeerCommand.UNMAP;
            case READ -> PeerCommand.READ;
            case READ_AT -> PeerCommand.READ_AT;
            case REPLACE -> PeerCommand.REPLACE;
            case FREE -> PeerCommand.FREE;
            case LIST -> PeerCommand.LIST;
            case COMMIT -> PeerCommand.COMMIT;
            case DELETE -> PeerCommand.DELETE;
        };
    }

    static @Nullable FragmentOp opOrNull(int opcode) {
        return switch (opcode) {
            case PeerCommand.ATTACH -> FragmentOp.ATTACH;
            case PeerCommand.WRITE -> FragmentOp.WRITE;
            case PeerCommand.UNMAP -> FragmentOp.UNMAP;
            case PeerCommand.READ -> FragmentOp.READ;
            case PeerCommand.READ_AT -> FragmentOp.READ_AT;
            case PeerCommand.REPLACE -> FragmentOp.REPLACE;
            case PeerCommand.FREE -> FragmentOp.FREE;
            case PeerCommand.LIST -> FragmentOp.LIST;
            case PeerCommand.COMMIT -> FragmentOp.COMMIT;
            case PeerCommand.DELETE -> FragmentOp.DELETE;
            default -> null;
        };
    }

    static int statusCode(IoStatus status) {
        return switch (status) {
            case OK -> StatusCode.SUCCESS;
            case OUT_OF_RANGE -> StatusCode.LBA_OUT_OF_RANGE;
            case INVALID -> StatusCode.INVALID_FIELD;
            case MEDIA_ERROR -> StatusCode.WRITE_FAULT;
            case NO_SPACE -> StatusCode.CAPACITY_EXCEEDED;
            case NOT_SERVING -> PeerCommand.STATUS_NOT_SERVING;
            case FENCED -> PeerCommand.STATUS_FENCED;
            case UNAVAILABLE, DISCONNECTED -> StatusCode.INTERNAL_PATH_ERROR;
            case MISCOMPARE -> StatusCode.COMPARE_FAILURE;
            case ABORTED -> StatusCode.ABORT_REQUESTED;
        };
    }

    static IoStatus status(int code) {
        return switch (StatusCode.code(code)) {
            case StatusCode.SUCCESS -> IoStatus.OK;
            case StatusCode.LBA_OUT_OF_RANGE -> IoStatus.OUT_OF_RANGE;
            case StatusCode.INVALID_FIELD -> IoStatus.INVALID;
            case StatusCode.CAPACITY_EXCEEDED -> IoStatus.NO_SPACE;
            case PeerCommand.STATUS_NOT_SERVING -> IoStatus.NOT_SERVING;
            case PeerCommand.STATUS_FENCED -> IoStatus.FENCED;
            case StatusCode.INTERNAL_PATH_ERROR -> IoStatus.UNAVAILABLE;
            case StatusCode.ABORT_REQUESTED -> IoStatus.ABORTED;
            default -> IoStatus.MEDIA_ERROR;
        };
    }
}
