package io.stria.dataplane.study;

import io.stria.dataplane.device.DeviceAddress;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.dataplane.device.FragmentOp;
import io.stria.dataplane.device.FragmentRequest;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoStatus;
import io.stria.dataplane.device.Version;
import io.stria.dataplane.store.StoreStats;
import io.stria.runtime.BlockFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.zip.CRC32C;

/** A chunk store on a device, with fragments of 4 KiB: block b is fragment b of the device. */
final class StoreTurns extends OneAtATime implements FragmentRequest.Completion {
    /** Fragments of a chunk. */
    static final int CHUNK = (512 << StudyStore.PAGE_SHIFT) / BLOCK_BYTES;

    private static final int VUID = 7;
    private static final int EPOCH = 1;
    private static final int STRIDE = FragmentFormat.stride(BLOCK_BYTES);

    private final StudyStore store;
    private final FragmentRequest request = new FragmentRequest();
    private final MemorySegment buffer = Arena.ofAuto().allocate((long) CHUNK * STRIDE, 8);
    private final int crc;
    private long version = Version.of(EPOCH, 0);

    StoreTurns(SteppedReactor stepped, BlockFile device) {
        super(stepped);
        store = new StudyStore(stepped.reactor(), stepped::until, device, 0);
        byte[] block = new byte[BLOCK_BYTES];
        new Random(1).nextBytes(block);
        CRC32C sum = new CRC32C();
        sum.update(block);
        crc = (int) sum.getValue();
        for (int i = 0; i < CHUNK; i++) {
            MemorySegment.copy(
                    MemorySegment.ofArray(block), 0, buffer, (long) i * STRIDE, BLOCK_BYTES);
        }
        request.fragmentBytes = BLOCK_BYTES;
        request.epoch = EPOCH;
        request.allInSync = true;
        request.buffer = buffer;
        request.completion = this;
        run(() -> submit(FragmentOp.ATTACH, 0, 0));
    }

    StoreStats stats() {
        return store.stats();
    }

    /** Writes every block of these chunks, a chunk at a time. */
    void fill(long firstChunk, long chunks) {
        for (long chunk = firstChunk; chunk < firstChunk + chunks; chunk++) {
            long block = chunk * CHUNK;
            run(() -> submit(FragmentOp.WRITE, block, CHUNK));
        }
    }

    @Override
    void begin(IoOp op, long block) {
        submit(op == IoOp.READ ? FragmentOp.READ : FragmentOp.WRITE, block, 1);
    }

    private void submit(FragmentOp op, long block, int count) {
        request.op = op;
        request.address = DeviceAddress.of(VUID, block * (BLOCK_BYTES / 512));
        request.count = count;
        request.watermark = version;
        if (op == FragmentOp.WRITE) {
            request.version = ++version;
            for (int i = 0; i < count; i++) {
                FragmentFormat.putMetadata(
                        buffer, (long) i * STRIDE + BLOCK_BYTES, version, crc, 0);
            }
        }
        store.submit(request);
    }

    @Override
    public void complete(FragmentRequest ended, IoStatus status, long result) {
        if (status != IoStatus.OK) {
            throw new AssertionError(ended.op + " ends with " + status);
        }
        onEnded();
    }
}
