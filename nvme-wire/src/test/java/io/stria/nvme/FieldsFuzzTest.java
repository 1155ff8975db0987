package io.stria.nvme;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.stria.fuzz.AllocationBound;
import io.stria.fuzz.FuzzTest;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Everything of fixed length that a host or a peer sends: byte 0 chooses the format. What is read
 * from any bytes and written again reads the same, and reading leaves the bytes alone.
 */
class FieldsFuzzTest extends FuzzTest {
    private static final int BYTES = 1024;

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        AllocationBound.hold(1 << 18, () -> rewrite(input));
    }

    private static void rewrite(byte[] input) {
        byte[] bytes = Arrays.copyOf(Arrays.copyOfRange(input, 1, input.length), BYTES);
        byte[] before = bytes.clone();
        MemorySegment in = MemorySegment.ofArray(bytes);
        // 13: nothing here may need alignment or begin at zero.
        MemorySegment out = MemorySegment.ofArray(new byte[13 + BYTES]);
        out.fill((byte) 0xA5);
        FieldFormat format = FieldFormat.values()[(input[0] & 0xFF) % FieldFormat.values().length];
        if (format.rewrite(in, out, 13)) {
            assertEquals(format.read(in, 0), format.read(out, 13));
        }
        byte[] front = out.asSlice(0, 13).toArray(ValueLayout.JAVA_BYTE);
        assertEquals("a5".repeat(13), HexFormat.of().formatHex(front));
        assertEquals(Arrays.hashCode(before), Arrays.hashCode(bytes));
    }
}
