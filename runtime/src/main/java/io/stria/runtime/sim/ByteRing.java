package io.stria.runtime.sim;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Bytes of a stream from its tail to its head, both counted from the stream's begin. Grows with
 * what it holds: most connections hold little.
 */
final class ByteRing {
    private static final int FIRST_BYTES = 1024;

    private byte[] bytes = new byte[FIRST_BYTES];
    private long tail;
    private long head;

    void append(MemorySegment source, long offset, int length) {
        if (head - tail + length > bytes.length) {
            grow(Math.toIntExact(head - tail + length));
        }
        for (int done = 0; done < length; ) {
            int at = index(head);
            int run = Math.min(length - done, bytes.length - at);
            MemorySegment.copy(source, ValueLayout.JAVA_BYTE, offset + done, bytes, at, run);
            head += run;
            done += run;
        }
    }

    void copyTo(long position, MemorySegment target, long targetOffset, int length) {
        assert position >= tail && position + length <= head;
        for (int done = 0; done < length; ) {
            int at = index(position + done);
            int run = Math.min(length - done, bytes.length - at);
            MemorySegment.copy(bytes, at, target, ValueLayout.JAVA_BYTE, targetOffset + done, run);
            done += run;
        }
    }

    void checksum(long from, CRC32C checksum) {
        for (long position = from; position < head; ) {
            int at = index(position);
            int run = (int) Math.min(head - position, bytes.length - at);
            checksum.update(bytes, at, run);
            position += run;
        }
    }

    /** Bytes before this position are not needed any more. */
    void release(long position) {
        assert position >= tail && position <= head;
        tail = position;
    }

    /** Bytes from this position on are taken back. */
    void truncate(long position) {
        assert position >= tail && position <= head;
        head = position;
    }

    private void grow(int needed) {
        byte[] larger = new byte[Integer.highestOneBit(needed - 1) << 1];
        int held = (int) (head - tail);
        for (int done = 0; done < held; ) {
            int from = index(tail + done);
            int to = (int) ((tail + done) & (larger.length - 1));
            int run = Math.min(held - done, Math.min(bytes.length - from, larger.length - to));
            System.arraycopy(bytes, from, larger, to, run);
            done += run;
        }
        bytes = larger;
    }

    private int index(long position) {
        return (int) (position & (bytes.length - 1));
    }

    @Override
    public String toString() {
        return Arrays.toString(new long[] {tail, head});
    }
}
