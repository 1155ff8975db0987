package io.stria.nvmf;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.IoRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.Poller;
import java.lang.foreign.MemorySegment;

/** Blocks in memory that take one loop of their reactor, and nothing to allocate. */
final class InstantDevice implements BlockDevice, Poller {
    private final MemorySegment memory;
    private final IoRequest[] submitted = new IoRequest[4096];
    private int count;

    InstantDevice(MemorySegment memory) {
        this.memory = memory;
    }

    @Override
    public long blocks() {
        return memory.byteSize() / BLOCK_BYTES;
    }

    @Override
    public void submit(IoRequest request) {
        submitted[count++] = request;
    }

    @Override
    public int poll(long nowNs) {
        int due = count;
        for (int i = 0; i < due; i++) {
            execute(submitted[i]);
        }
        count -= due;
        System.arraycopy(submitted, due, submitted, 0, count);
        return due;
    }

    private void execute(IoRequest request) {
        long offset = request.block() * BLOCK_BYTES;
        long bytes = (long) request.blocks() * BLOCK_BYTES;
        switch (request.op()) {
            case READ ->
                    MemorySegment.copy(
                            memory, offset, request.buffer(), request.bufferOffset(), bytes);
            case WRITE ->
                    MemorySegment.copy(
                            request.buffer(), request.bufferOffset(), memory, offset, bytes);
            case UNMAP, FLUSH -> {}
        }
        request.complete(IoStatus.OK);
    }
}
