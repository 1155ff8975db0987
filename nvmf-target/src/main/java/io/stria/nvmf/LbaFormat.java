package io.stria.nvmf;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.IoOp;
import io.stria.dataplane.device.IoRequest;
import java.lang.foreign.MemorySegment;

/**
 * The logical blocks of a namespace, and where they are in the blocks of its device.
 *
 * @param bytes size of one: 512 or 4096
 */
record LbaFormat(int bytes) {
    LbaFormat {
        if (bytes != IoRequest.SECTOR_BYTES && bytes != BlockDevice.BLOCK_BYTES) {
            throw new IllegalArgumentException(
                    "logical blocks have 512 or 4096 bytes, not " + bytes);
        }
    }

    /** Logical blocks in one block of the device. */
    int perBlock() {
        return BlockDevice.BLOCK_BYTES / bytes;
    }

    /** LBADS. */
    int shift() {
        return Integer.numberOfTrailingZeros(bytes);
    }

    /** Sets what the request is to do with logical blocks, which leave out parts of blocks. */
    IoRequest set(
            IoRequest request,
            IoOp op,
            long lba,
            int count,
            MemorySegment memory,
            IoRequest.Completion completion) {
        int perBlock = perBlock();
        long block = lba / perBlock;
        long end = blocksBefore(lba + count);
        request.set(op, block, (int) (end - block), memory, 0, completion);
        return perBlock == 1 || count == 0
                ? request
                : request.trim(
                        (int) (lba - block * perBlock) * bytes,
                        (int) (end * perBlock - lba - count) * bytes);
    }

    /** Blocks, the last perhaps in part, that all logical blocks before this one take. */
    long blocksBefore(long lba) {
        return (lba + perBlock() - 1) / perBlock();
    }
}
