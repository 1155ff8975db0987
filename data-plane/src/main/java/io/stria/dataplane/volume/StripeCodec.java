package io.stria.dataplane.volume;

import io.stria.dataplane.device.BlockDevice;
import io.stria.dataplane.device.FragmentFormat;
import io.stria.rdp.ErasurePattern;
import io.stria.rdp.RdpCode;
import io.stria.runtime.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Turns blocks into fragments as they travel (data, then metadata) and back. A stripe buffer has
 * one region per chunk, each with room for {@link StripeOp#BLOCKS_MAX} fragments. Belongs to one
 * owner's thread: it keeps scratch memory.
 */
final class StripeCodec {
    private final StripeLayout layout;
    private final RdpCode code;
    private final int fragmentBytes;
    private final int stride;
    private final CRC32C crc = new CRC32C();
    private final MemorySegment scratch;
    private final ByteBuffer scratchView;

    StripeCodec(StripeLayout layout) {
        this.layout = layout;
        this.code = RdpCode.of(layout.dataFragments());
        this.fragmentBytes = layout.fragmentBytes();
        this.stride = FragmentFormat.stride(fragmentBytes);
        this.scratch = Arena.ofAuto().allocate((long) layout.fragments() * fragmentBytes, 64);
        this.scratchView = scratch.asByteBuffer();
    }

    /** For one operation: most touch but a small part of it. */
    MemorySegment newBuffer() {
        return Memory.untilCollected((long) layout.fragments() * regionBytes());
    }

    /** What {@link #encode} fills. */
    MemorySegment newCodedBuffer() {
        return Memory.untilCollected((long) codedRegions() * regionBytes());
    }

    /** With one data fragment both parities are copies of it: all locations get the same bytes. */
    private int codedRegions() {
        return layout.dataFragments() == 1 ? 1 : layout.fragments();
    }

    /** Where {@link #encode} has put the fragment of the i-th block for a chunk. */
    long codedOffset(int chunk, int i) {
        return offset(codedRegions() == 1 ? 0 : chunk, i);
    }

    int regionBytes() {
        return StripeOp.BLOCKS_MAX * stride;
    }

    /** Offset of the fragment of the i-th block of the operation in a stripe buffer. */
    long offset(int chunk, int i) {
        return (long) chunk * regionBytes() + (long) i * stride;
    }

    long metadataOffset(int chunk, int i) {
        return offset(chunk, i) + fragmentBytes;
    }

    /**
     * Encodes consecutive blocks, each fragment with version and checksum, see {@link
     * #codedOffset}.
     */
    void encode(
            MemorySegment blocks,
            long blocksOffset,
            int count,
            MemorySegment buffer,
            ByteBuffer view,
            long version) {
        int data = layout.dataFragments();
        for (int i = 0; i < count; i++) {
            long block = blocksOffset + (long) i * BlockDevice.BLOCK_BYTES;
            for (int j = 0; j < data; j++) {
                MemorySegment.copy(
                        blocks,
                        block + (long) j * fragmentBytes,
                        buffer,
                        offset(j, i),
                        fragmentBytes);
            }
            int regions = codedRegions();
            if (regions > data) {
                code.encode(blocks, block, buffer, offset(data, i), buffer, offset(data + 1, i));
            }
            for (int j = 0; j < regions; j++) {
                int sum = checksum(view, (int) offset(j, i));
                FragmentFormat.putMetadata(buffer, metadataOffset(j, i), version, sum, 0);
            }
        }
    }

    /** Encodes one block and puts its fragment of one chunk at the offset, with metadata. */
    void encodeOne(
            MemorySegment blocks,
            long blockOffset,
            int chunk,
            MemorySegment target,
            long offset,
            long version) {
        int data = layout.dataFragments();
        if (chunk < data) {
            MemorySegment.copy(
                    blocks, blockOffset + (long) chunk * fragmentBytes, scratch, 0, fragmentBytes);
        } else {
            long row = chunk == data ? 0 : fragmentBytes;
            code.encode(blocks, blockOffset, scratch, row, scratch, fragmentBytes - row);
        }
        MemorySegment.copy(scratch, 0, target, offset, fragmentBytes);
        FragmentFormat.putMetadata(
                target, offset + fragmentBytes, version, checksum(scratchView, 0), 0);
    }

    /** Whether the fragment's checksum, as it arrived, matches its data. */
    boolean isWhole(MemorySegment buffer, ByteBuffer view, int chunk, int i) {
        return isWhole(buffer, view, (int) offset(chunk, i));
    }

    /** The same for a fragment that lies anywhere. */
    boolean isWhole(MemorySegment buffer, ByteBuffer view, int offset) {
        return FragmentFormat.crc(buffer, (long) offset + fragmentBytes) == checksum(view, offset);
    }

    /**
     * Makes the lost fragments of one block from good ones, with version and checksum.
     *
     * @param regionBytes from the fragment of one chunk to that of the next
     * @param offset of the block's fragment of chunk 0
     * @param good chunks, as bits, whose fragments are there: at least n
     * @param lost chunks, as bits, to be made
     */
    void rebuild(
            MemorySegment buffer, long regionBytes, long offset, int good, int lost, long version) {
        int chunks = layout.fragments();
        for (int j = 0; j < chunks; j++) {
            if ((good & 1 << j) != 0) {
                long from = offset + j * regionBytes;
                MemorySegment.copy(buffer, from, scratch, (long) j * fragmentBytes, fragmentBytes);
            }
        }
        code.decode(scratch, 0, ErasurePattern.ofMask((1 << chunks) - 1 & ~good));
        for (int j = 0; j < chunks; j++) {
            if ((lost & 1 << j) != 0) {
                long to = offset + j * regionBytes;
                MemorySegment.copy(scratch, (long) j * fragmentBytes, buffer, to, fragmentBytes);
                int sum = checksum(scratchView, j * fragmentBytes);
                FragmentFormat.putMetadata(buffer, to + fragmentBytes, version, sum, 0);
            }
        }
    }

    /** Puts one data fragment to where it is in the block. */
    void join(MemorySegment buffer, int chunk, int i, MemorySegment target, long targetOffset) {
        MemorySegment.copy(
                buffer,
                offset(chunk, i),
                target,
                targetOffset + (long) chunk * fragmentBytes,
                fragmentBytes);
    }

    /**
     * Puts the block together from the fragments whose bits are set in {@code good}: at least n.
     */
    void reconstruct(
            MemorySegment buffer, int i, int good, MemorySegment target, long targetOffset) {
        int all = (1 << layout.fragments()) - 1;
        for (int j = 0; j < layout.fragments(); j++) {
            if ((good & 1 << j) != 0) {
                MemorySegment.copy(
                        buffer, offset(j, i), scratch, (long) j * fragmentBytes, fragmentBytes);
            }
        }
        code.decode(scratch, 0, ErasurePattern.ofMask(all & ~good));
        MemorySegment.copy(scratch, 0, target, targetOffset, BlockDevice.BLOCK_BYTES);
    }

    private int checksum(ByteBuffer view, int offset) {
        view.limit(offset + fragmentBytes).position(offset);
        crc.reset();
        crc.update(view);
        view.clear();
        return (int) crc.getValue();
    }
}
