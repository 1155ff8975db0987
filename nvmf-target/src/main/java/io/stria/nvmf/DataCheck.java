package io.stria.nvmf;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoStatus;
import io.stria.nvme.IoOpcode;
import io.stria.nvme.SubmissionEntry;
import java.lang.foreign.MemorySegment;

/**
 * One Compare or Verify: what the device has is read into a buffer that the target keeps for this
 * alone, one command after the other. So nobody holds a host's data while he waits for a second
 * buffer of the kind that others hold.
 */
final class DataCheck implements BufferQueue.Waiter {
    private final VolumeSubsystem volume;
    private final BufferQueue checks;
    private final Command command;
    private final Command.IoHandler onEnd;
    private MemorySegment found = MemorySegment.NULL;

    /**
     * @param onEnd hears {@link IoStatus#MISCOMPARE} of a Compare whose data differs
     */
    DataCheck(
            VolumeSubsystem volume, BufferQueue checks, Command command, Command.IoHandler onEnd) {
        this.volume = volume;
        this.checks = checks;
        this.command = command;
        this.onEnd = onEnd;
    }

    void begin() {
        MemorySegment buffer = checks.take(this);
        if (buffer != null && !onBuffer(checks, buffer)) {
            checks.giveBack(buffer);
        }
    }

    @Override
    public boolean onBuffer(BufferQueue from, MemorySegment buffer) {
        BlockDevice device = volume.serving();
        if (device == null || !command.connection.isOpen()) {
            onEnd.onIo(command, device == null ? IoStatus.NOT_SERVING : IoStatus.ABORTED);
            return false;
        }
        found = buffer;
        long lba = SubmissionEntry.startingLba(command.entry(), command.entryOffset());
        command.submitIo(device, IoOp.READ, lba, blocks(), found, this::onRead);
        return true;
    }

    private int blocks() {
        return SubmissionEntry.lbaCount(command.entry(), command.entryOffset());
    }

    private void onRead(Command read, IoStatus status) {
        IoStatus result = status == IoStatus.OK && differs() ? IoStatus.MISCOMPARE : status;
        checks.giveBack(found);
        onEnd.onIo(read, result);
    }

    private boolean differs() {
        if (command.opcode() != IoOpcode.COMPARE) {
            return false;
        }
        int bytes = command.dataBytes();
        return MemorySegment.mismatch(command.data(), 0, bytes, found, 0, bytes) >= 0;
    }
}
