package io.stria.nvme;

import java.lang.foreign.MemorySegment;
import java.util.HexFormat;

/** Hand-written dumps for tests: hex digits and blanks, anything after # is a remark. */
final class Hex {
    private Hex() {}

    static byte[] bytes(String dump) {
        StringBuilder digits = new StringBuilder();
        for (String line : dump.split("\n")) {
            int remark = line.indexOf('#');
            digits.append((remark < 0 ? line : line.substring(0, remark)).replace(" ", ""));
        }
        return HexFormat.of().parseHex(digits);
    }

    /** The dump, followed by zeros up to the size. */
    static MemorySegment segment(String dump, int size) {
        MemorySegment segment = MemorySegment.ofArray(new byte[size]);
        byte[] bytes = bytes(dump);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, segment, 0, bytes.length);
        return segment;
    }

    static MemorySegment segment(String dump) {
        return MemorySegment.ofArray(bytes(dump));
    }
}
