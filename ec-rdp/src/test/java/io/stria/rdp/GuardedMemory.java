package io.stria.rdp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Native memory at a chosen misalignment, between two areas that nothing may write to. */
final class GuardedMemory implements AutoCloseable {

    private static final int GUARD_BYTES = 128;
    private static final byte GUARD = 0x5a;

    final MemorySegment segment;
    final long offset;
    private final Arena arena = Arena.ofConfined();
    private final int bytes;

    GuardedMemory(int bytes, int misalignment) {
        this.bytes = bytes;
        this.offset = GUARD_BYTES + misalignment;
        this.segment = arena.allocate(offset + bytes + GUARD_BYTES, 64).fill(GUARD);
    }

    GuardedMemory(byte[] content, int misalignment) {
        this(content.length, misalignment);
        set(content);
    }

    void set(byte[] content) {
        MemorySegment.copy(content, 0, segment, ValueLayout.JAVA_BYTE, offset, content.length);
    }

    byte[] get() {
        return segment.asSlice(offset, bytes).toArray(ValueLayout.JAVA_BYTE);
    }

    void flip(int at, int bits) {
        byte was = segment.get(ValueLayout.JAVA_BYTE, offset + at);
        segment.set(ValueLayout.JAVA_BYTE, offset + at, (byte) (was ^ bits));
    }

    void fill(int at, int length, int value) {
        segment.asSlice(offset + at, length).fill((byte) value);
    }

    @Override
    public void close() {
        for (long at = 0; at < segment.byteSize(); at++) {
            if (at < offset || at >= offset + bytes) {
                assertEquals(
                        GUARD, segment.get(ValueLayout.JAVA_BYTE, at), "written outside: " + at);
            }
        }
        arena.close();
    }
}
