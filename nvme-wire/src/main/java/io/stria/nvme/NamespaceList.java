package io.stria.nvme;

import static io.stria.nvme.LittleEndian.put32;

import java.lang.foreign.MemorySegment;

/**
 * Namespace identifiers in ascending order, 4 bytes each, zero filled: 4096 bytes. Active
 * namespaces (CNS 02h, 07h) and the changed namespace list (log page 04h).
 */
public final class NamespaceList {
    public static final int BYTES = 4096;

    private NamespaceList() {}

    public static void write(MemorySegment data, long offset, int... namespaceIds) {
        data.asSlice(offset, BYTES).fill((byte) 0);
        for (int i = 0; i < namespaceIds.length; i++) {
            put32(data, offset + 4L * i, namespaceIds[i]);
        }
    }
}
