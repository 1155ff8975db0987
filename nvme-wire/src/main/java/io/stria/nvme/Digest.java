package io.stria.nvme;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * CRC32C as NVMe/TCP uses it for header and data digests, computed piece by piece. One per
 * connection and direction; it remembers a view of the last segment so that a steady stream of
 * pieces of one segment allocates nothing.
 */
public final class Digest {
    private final CRC32C crc = new CRC32C();
    private MemorySegment viewed = MemorySegment.NULL;
    private ByteBuffer view = ByteBuffer.allocate(0);

    public void reset() {
        crc.reset();
    }

    public void update(MemorySegment segment, long offset, int length) {
        if (!viewed.equals(segment)) {
            viewed = segment;
            view = segment.asByteBuffer();
        }
        view.clear().position((int) offset).limit((int) offset + length);
        crc.update(view);
    }

    public int value() {
        return (int) crc.getValue();
    }

    public int of(MemorySegment segment, long offset, int length) {
        reset();
        update(segment, offset, length);
        return value();
    }
}
