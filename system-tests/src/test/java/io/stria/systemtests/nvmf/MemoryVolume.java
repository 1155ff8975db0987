package io.stria.systemtests.nvmf;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoRequest;
import io.stria.dataplane.device.IoStatus;
import io.stria.runtime.Poller;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;

/**
 * Blocks in memory that several processes share by mapping one file, and that outlives them. A
 * request ends in the loop after the one that submitted it.
 */
final class MemoryVolume implements BlockDevice, Poller {
    private final MemorySegment memory;
    private final ArrayDeque<IoRequest> submitted = new ArrayDeque<>();

    MemoryVolume(Path file, long blocks) throws IOException {
        try (FileChannel channel =
                FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            memory =
                    channel.map(
                            FileChannel.MapMode.READ_WRITE,
                            0,
                            blocks * BLOCK_BYTES,
                            Arena.global());
        }
    }

    @Override
    public long blocks() {
        return memory.byteSize() / BLOCK_BYTES;
    }

    @Override
    public void submit(IoRequest request) {
        submitted.add(request);
    }

    @Override
    public int poll(long nowNs) {
        int count = submitted.size();
        for (int i = 0; i < count; i++) {
            IoRequest request = submitted.remove();
            request.complete(execute(request));
        }
        return count;
    }

    private IoStatus execute(IoRequest request) {
        if (request.op() == IoOp.FLUSH) {
            return IoStatus.OK;
        }
        if (request.block() < 0 || request.block() > blocks() - request.blocks()) {
            return IoStatus.OUT_OF_RANGE;
        }
        long offset = request.block() * BLOCK_BYTES;
        long bytes = (long) request.blocks() * BLOCK_BYTES;
        switch (request.op()) {
            case READ ->
                    MemorySegment.copy(
                            memory, offset, request.buffer(), request.bufferOffset(), bytes);
            case WRITE ->
                    MemorySegment.copy(
                            request.buffer(), request.bufferOffset(), memory, offset, bytes);
            case UNMAP -> memory.asSlice(offset, bytes).fill((byte) 0);
            case FLUSH -> {}
        }
        return IoStatus.OK;
    }
}
