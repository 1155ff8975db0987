package io.stria.nvme;

import static io.stria.nvme.LittleEndian.put16;
import static io.stria.nvme.LittleEndian.put32;
import static io.stria.nvme.LittleEndian.put64;
import static io.stria.nvme.LittleEndian.put8;

import java.lang.foreign.MemorySegment;

/**
 * Asymmetric namespace access log (0Ch) of a subsystem with one group and one namespace.
 *
 * <pre>
 *   0              8          10         16
 *   | CHGCNT 8     | GROUPS 2 | reserved | descriptors ...
 *
 *   descriptor:
 *   0         4        8           16      17         32
 *   | GRPID 4 | NNSID  | CHGCNT 8  | STATE | reserved | NSID 4 ...
 * </pre>
 */
public final class AnaLog {
    public static final int HEADER_BYTES = 16;
    public static final int DESCRIPTOR_BYTES = 32;
    public static final int BYTES = HEADER_BYTES + DESCRIPTOR_BYTES + 4;

    /** LSP: only the groups, without the namespaces in them. */
    public static final int GROUPS_ONLY = 1;

    private AnaLog() {}

    /** Returns the bytes written: {@link #BYTES}, or 4 less without the namespace. */
    public static int write(
            MemorySegment data,
            long offset,
            long changes,
            int group,
            AnaState state,
            int namespaceId,
            boolean groupsOnly) {
        int bytes = groupsOnly ? BYTES - 4 : BYTES;
        data.asSlice(offset, bytes).fill((byte) 0);
        put64(data, offset, changes);
        put16(data, offset + 8, 1);
        long descriptor = offset + HEADER_BYTES;
        put32(data, descriptor, group);
        put64(data, descriptor + 8, changes);
        put8(data, descriptor + 16, state.code());
        if (!groupsOnly) {
            put32(data, descriptor + 4, 1);
            put32(data, descriptor + DESCRIPTOR_BYTES, namespaceId);
        }
        return bytes;
    }
}
