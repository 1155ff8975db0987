package io.stria.dataplane.study;

import io.stria.dataplane.device.IoOp;
import io.stria.runtime.BlockFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A device itself. */
final class DeviceTurns extends OneAtATime implements BlockFile.Completion {
    private final BlockFile device;
    private final MemorySegment buffer = Arena.ofAuto().allocate(BLOCK_BYTES, BLOCK_BYTES);

    DeviceTurns(SteppedReactor stepped, BlockFile device) {
        super(stepped);
        this.device = device;
    }

    @Override
    void begin(IoOp op, long block) {
        long offset = block * BLOCK_BYTES;
        if (op == IoOp.READ) {
            device.read(offset, buffer, 0, BLOCK_BYTES, this, 0);
        } else {
            device.write(offset, buffer, 0, BLOCK_BYTES, true, this, 0);
        }
    }

    @Override
    public void complete(long token, int result) {
        if (result != BLOCK_BYTES) {
            throw new AssertionError("the device ends with " + result);
        }
        onEnded();
    }
}
