package io.stria.nvmf;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoStatus;
import io.stria.nvme.DatasetRange;
import io.stria.nvme.IoOpcode;
import io.stria.nvme.StatusCode;
import io.stria.nvme.SubmissionEntry;

/**
 * The NVM command set on a volume's device. Every write is durable when it completes, so FUA asks
 * for nothing more, and Write Zeroes and Deallocate are the same: both unmap. Verify reads: the
 * layers below check what they read.
 *
 * <p>A command is checked before its data moves, and again for the volume's state when it begins: a
 * path that has become inaccessible meanwhile, if only for a while, does not touch the device.
 */
final class VolumeCommands implements CommandExecutor {
    /** Longer unmaps go to the device piece after piece. */
    static final int UNMAP_PIECE_BLOCKS = 2048;

    private final VolumeSubsystem volume;
    private final Controller controller;
    private final Command.IoHandler onIo = this::onIo;
    private final Command.IoHandler onUnmapped = this::onUnmapped;

    VolumeCommands(VolumeSubsystem volume, QueuePair queue) {
        this.volume = volume;
        this.controller = queue.controller();
    }

    @Override
    public int admit(Command command) {
        int opcode = command.opcode();
        boolean anyNamespace =
                opcode == IoOpcode.FLUSH && command.nsid() == SubmissionEntry.NSID_ALL;
        if (command.nsid() != VolumeSubsystem.NSID && !anyNamespace) {
            return StatusCode.INVALID_NAMESPACE | StatusCode.DNR;
        }
        int status =
                switch (opcode) {
                    case IoOpcode.READ, IoOpcode.WRITE, IoOpcode.COMPARE -> admitTransfer(command);
                    case IoOpcode.VERIFY -> admitVerify(command);
                    case IoOpcode.WRITE_ZEROES -> checkRange(command);
                    case IoOpcode.DATASET_MANAGEMENT -> admitRanges(command);
                    case IoOpcode.FLUSH -> StatusCode.SUCCESS;
                    default -> StatusCode.INVALID_OPCODE | StatusCode.DNR;
                };
        command.term = volume.term();
        return status == StatusCode.SUCCESS && volume.serving() == null ? refused() : status;
    }

    private int admitTransfer(Command command) {
        int status = checkRange(command);
        if (status != StatusCode.SUCCESS) {
            return status;
        }
        long bytes = (long) lbaCount(command) * volume.format().bytes();
        return bytes == command.dataBytes()
                ? StatusCode.SUCCESS
                : StatusCode.SGL_LENGTH_INVALID | StatusCode.DNR;
    }

    private int admitVerify(Command command) {
        return lbaCount(command) > volume.transferLbasMax()
                ? StatusCode.INVALID_FIELD | StatusCode.DNR
                : checkRange(command);
    }

    private int admitRanges(Command command) {
        return command.dataBytes() < rangeCount(command) * DatasetRange.BYTES
                ? StatusCode.SGL_LENGTH_INVALID | StatusCode.DNR
                : StatusCode.SUCCESS;
    }

    private int checkRange(Command command) {
        return isInside(startingLba(command), lbaCount(command))
                ? StatusCode.SUCCESS
                : StatusCode.LBA_OUT_OF_RANGE | StatusCode.DNR;
    }

    /** Both numbers are unsigned and come from outside. */
    private boolean isInside(long lba, long count) {
        long lbas = volume.lbas();
        return lba >= 0 && lba < lbas && count <= lbas - lba;
    }

    private int refused() {
        volume.counters().onRefused();
        return volume.refusal();
    }

    @Override
    public void execute(Command command) {
        BlockDevice device = volume.serving(command);
        if (device == null) {
            command.complete(refused());
            return;
        }
        switch (command.opcode()) {
            case IoOpcode.READ -> begin(command, device, IoOp.READ, lbaCount(command));
            case IoOpcode.WRITE -> begin(command, device, IoOp.WRITE, lbaCount(command));
            case IoOpcode.FLUSH -> begin(command, device, IoOp.FLUSH, 0);
            case IoOpcode.COMPARE, IoOpcode.VERIFY -> {
                volume.onIoBegun();
                volume.begin(
                        new DataCheck(volume, controller.buffers().forChecks(), command, onIo));
            }
            default -> {
                volume.onIoBegun();
                unmapNext(command);
            }
        }
    }

    @Override
    public void onConnectionEnded(Connection connection) {
        volume.endChecksOf(connection);
    }

    private void begin(Command command, BlockDevice device, IoOp op, int count) {
        volume.onIoBegun();
        long lba = count == 0 ? 0 : startingLba(command);
        command.submitIo(device, volume.format(), op, lba, count, onIo);
    }

    private void onIo(Command command, IoStatus status) {
        end(command, status);
    }

    private void count(Command command, IoStatus status) {
        IoCounters.Kind kind =
                switch (command.opcode()) {
                    case IoOpcode.READ -> IoCounters.Kind.READ;
                    case IoOpcode.WRITE -> IoCounters.Kind.WRITE;
                    case IoOpcode.FLUSH -> IoCounters.Kind.FLUSH;
                    case IoOpcode.COMPARE, IoOpcode.VERIFY -> IoCounters.Kind.CHECK;
                    default -> IoCounters.Kind.UNMAP;
                };
        long bytes =
                switch (kind) {
                    case READ, CHECK -> (long) lbaCount(command) * volume.format().bytes();
                    case WRITE -> command.dataBytes();
                    case UNMAP, FLUSH -> 0;
                };
        long elapsedNs = command.connection.nowNs() - command.beganNs;
        volume.counters().onEnded(kind, status, bytes, elapsedNs);
    }

    private void end(Command command, IoStatus status) {
        volume.onIoEnded();
        count(command, status);
        boolean reads =
                switch (command.opcode()) {
                    case IoOpcode.READ, IoOpcode.COMPARE, IoOpcode.VERIFY -> true;
                    default -> false;
                };
        command.complete(HostStatus.of(status, !reads, controller.honoursRetryDelays()));
    }

    // Unmaps: command.step is the range, command.stepProgress the logical blocks of it that are
    // done. Deallocate is a hint, and leaves out blocks that it covers in part.

    private void unmapNext(Command command) {
        BlockDevice device = volume.serving(command);
        if (device == null || !command.connection.isOpen()) {
            end(command, device == null ? IoStatus.NOT_SERVING : IoStatus.ABORTED);
            return;
        }
        boolean ranges = command.opcode() == IoOpcode.DATASET_MANAGEMENT;
        int steps = ranges ? deallocatedRanges(command) : 1;
        while (command.step < steps) {
            long range = (long) command.step * DatasetRange.BYTES;
            long lba =
                    ranges ? DatasetRange.startingLba(command.data(), range) : startingLba(command);
            long count = ranges ? DatasetRange.blocks(command.data(), range) : lbaCount(command);
            if (!isInside(lba, count)) {
                end(command, IoStatus.OUT_OF_RANGE);
                return;
            }
            int perBlock = volume.format().perBlock();
            long start = ranges ? volume.format().blocksBefore(lba) * perBlock : lba;
            long end = ranges ? processedEnd(command, lba, count) : lba + count;
            long from = start + command.stepProgress;
            if (from < end) {
                long most = (long) UNMAP_PIECE_BLOCKS * perBlock - from % perBlock;
                int piece = (int) Math.min(end - from, most);
                command.stepProgress += piece;
                command.submitIo(device, volume.format(), IoOp.UNMAP, from, piece, onUnmapped);
                return;
            }
            command.step++;
            command.stepProgress = 0;
        }
        end(command, IoStatus.OK);
    }

    /**
     * What lies beyond the limits that hosts are told is left out, and no error, as for a
     * controller with NVMDSMSV set (NVM Command Set specification, Dataset Management Processing
     * Limits): hosts that do not know these limits send more.
     */
    private long processedEnd(Command command, long lba, long count) {
        int perBlock = volume.format().perBlock();
        boolean left = command.step >= VolumeSubsystem.UNMAP_RANGES_MAX;
        long max = left ? 0 : (long) VolumeSubsystem.UNMAP_BLOCKS_MAX * perBlock;
        return (lba + Math.min(count, max)) / perBlock * perBlock;
    }

    private void onUnmapped(Command command, IoStatus status) {
        if (status == IoStatus.OK) {
            unmapNext(command);
        } else {
            end(command, status);
        }
    }

    private static long startingLba(Command command) {
        return SubmissionEntry.startingLba(command.entry(), command.entryOffset());
    }

    private static int lbaCount(Command command) {
        return SubmissionEntry.lbaCount(command.entry(), command.entryOffset());
    }

    private static int rangeCount(Command command) {
        return (SubmissionEntry.cdw10(command.entry(), command.entryOffset()) & 0xFF) + 1;
    }

    /** All ranges, or none where the host only gives hints. */
    private static int deallocatedRanges(Command command) {
        int attributes = SubmissionEntry.cdw11(command.entry(), command.entryOffset());
        return (attributes & DatasetRange.DEALLOCATE) != 0 ? rangeCount(command) : 0;
    }
}
