package io.stria.nvmf;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoStatus;
import io.stria.nvme.IoOpcode;
import io.stria.nvme.SubmissionEntry;
import java.lang.foreign.MemorySegment;

/**
 * One Compare or Verify: what the device has is read into one of a few buffers that the target
 * keeps for this alone, for each volume one command after the other. So nobody holds a host's data
 * while he waits for a second buffer of the kind that others hold, and a volume that is stuck keeps
 * one buffer from the others.
 */
final class DataCheck extends BufferWaiter {
    private final VolumeSubsystem volume;
    private final BufferShare checks;
    private final Command command;
    private final Command.IoHandler onEnd;
    private MemorySegment found = MemorySegment.NULL;

    /**
     * @param onEnd hears {@link IoStatus#MISCOMPARE} of a Compare whose data differs
     */
    DataCheck(
            VolumeSubsystem volume, BufferShare checks, Command command, Command.IoHandler onEnd) {
        this.volume = volume;
        this.checks = checks;
        this.command = command;
        this.onEnd = onEnd;
    }

    void begin() {
        MemorySegment buffer = checks.take(this);
        if (buffer != null) {
            onBuffer(checks, buffer);
        }
    }

    boolean isOf(Connection connection) {
        return command.connection == connection;
    }

    /** It has not begun, and does not begin. */
    void giveUp() {
        onEnd.onIo(command, IoStatus.ABORTED);
    }

    /** The same if it stands in line for a buffer; otherwise it goes on. */
    void giveUpWaiting() {
        if (isInLine()) {
            leaveLine();
            giveUp();
            volume.onCheckEnded();
        }
    }

    @Override
    boolean onBuffer(BufferShare from, MemorySegment buffer) {
        BlockDevice device = volume.serving(command);
        found = buffer;
        if (device == null) {
            end(IoStatus.NOT_SERVING);
        } else if (!command.connection.isOpen()) {
            end(IoStatus.ABORTED);
        } else {
            long lba = SubmissionEntry.startingLba(command.entry(), command.entryOffset());
            LbaFormat format = volume.format();
            command.submitIo(device, format, IoOp.READ, lba, count(), found, this::onRead);
        }
        return true;
    }

    /** The buffer goes back first: who hears of the end may look whether all are there. */
    private void end(IoStatus status) {
        checks.giveBack(found);
        onEnd.onIo(command, status);
        volume.onCheckEnded();
    }

    private int count() {
        return SubmissionEntry.lbaCount(command.entry(), command.entryOffset());
    }

    private void onRead(Command read, IoStatus status) {
        end(status == IoStatus.OK && differs() ? IoStatus.MISCOMPARE : status);
    }

    private boolean differs() {
        if (command.opcode() != IoOpcode.COMPARE) {
            return false;
        }
        int bytes = command.dataBytes();
        return MemorySegment.mismatch(command.data(), 0, bytes, found, 0, bytes) >= 0;
    }
}
