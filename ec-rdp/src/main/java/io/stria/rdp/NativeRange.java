package io.stria.rdp;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** Checks a caller's range of memory once, and turns it into an address. */
final class NativeRange {

    private NativeRange() {}

    static long forRead(MemorySegment segment, long offset, int bytes) {
        if (!segment.isNative()) {
            throw new IllegalArgumentException("not native memory: " + segment);
        }
        if (!segment.isAccessibleBy(Thread.currentThread())) {
            throw new WrongThreadException("memory of another thread: " + segment);
        }
        if (!segment.scope().isAlive()) {
            throw new IllegalStateException("memory already freed: " + segment);
        }
        Objects.checkFromIndexSize(offset, bytes, segment.byteSize());
        return segment.address() + offset;
    }

    static long forWrite(MemorySegment segment, long offset, int bytes) {
        if (segment.isReadOnly()) {
            throw new IllegalArgumentException("read-only memory: " + segment);
        }
        return forRead(segment, offset, bytes);
    }

    static boolean areDisjoint(long a, int aBytes, long b, int bBytes) {
        return a + aBytes <= b || b + bBytes <= a;
    }
}
