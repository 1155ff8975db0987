package io.stria.nvme;

import static io.stria.nvme.LittleEndian.put8;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * Namespace identification descriptors (CNS 03h), 4096 bytes, ended by a descriptor of length 0.
 *
 * <pre>
 *   each:  0 NIDT | 1 NIDL | 2 reserved 2 | 4 NID
 *
 *   NIDT  1 EUI64 (8), 2 NGUID (16), 3 UUID (16, big endian), 4 command set (1)
 * </pre>
 */
public final class NamespaceDescriptors {
    public static final int BYTES = 4096;
    public static final int NGUID = 2;
    public static final int UUID_TYPE = 3;
    public static final int COMMAND_SET = 4;
    private static final int HEADER_BYTES = 4;

    private NamespaceDescriptors() {}

    public static void write(MemorySegment data, long offset, byte[] nguid, UUID uuid) {
        data.asSlice(offset, BYTES).fill((byte) 0);
        long end = append(data, offset, NGUID, nguid);
        end = append(data, end, UUID_TYPE, bytes(uuid));
        append(data, end, COMMAND_SET, new byte[] {Cns.CSI_NVM});
    }

    private static long append(MemorySegment data, long offset, int type, byte[] id) {
        put8(data, offset, type);
        put8(data, offset + 1, id.length);
        MemorySegment.copy(MemorySegment.ofArray(id), 0, data, offset + HEADER_BYTES, id.length);
        return offset + HEADER_BYTES + id.length;
    }

    /** The UUID's 16 bytes in the order of its text form. */
    public static byte[] bytes(UUID uuid) {
        return ByteBuffer.allocate(16)
                .putLong(uuid.getMostSignificantBits())
                .putLong(uuid.getLeastSignificantBits())
                .array();
    }
}
