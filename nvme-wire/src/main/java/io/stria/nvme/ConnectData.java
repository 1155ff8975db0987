package io.stria.nvme;

import static io.stria.nvme.LittleEndian.put16;
import static io.stria.nvme.LittleEndian.putText;
import static io.stria.nvme.LittleEndian.text;
import static io.stria.nvme.LittleEndian.u16;

import java.lang.foreign.MemorySegment;

/**
 * Data of the Connect command: who wants to reach what.
 *
 * <pre>
 *   0            16       18         256            512            768        1024
 *   | HOSTID 16  | CNTLID | reserved | SUBNQN 256   | HOSTNQN 256  | reserved |
 *
 *   CNTLID  FFFFh on the admin queue: any controller; then the one that was given
 * </pre>
 */
public final class ConnectData {
    public static final int BYTES = 1024;
    public static final int HOSTID = 0;
    public static final int HOSTID_BYTES = 16;
    public static final int CNTLID = 16;
    public static final int SUBNQN = 256;
    public static final int HOSTNQN = 512;

    public static final int NQN_FIELD_BYTES = 256;
    public static final int NQN_BYTES_MAX = 223;

    /** CNTLID of the dynamic controller model. */
    public static final int ANY_CONTROLLER = 0xFFFF;

    private ConnectData() {}

    public static int controllerId(MemorySegment data, long offset) {
        return u16(data, offset + CNTLID);
    }

    public static String subsystemNqn(MemorySegment data, long offset) {
        return text(data, offset + SUBNQN, NQN_FIELD_BYTES);
    }

    public static String hostNqn(MemorySegment data, long offset) {
        return text(data, offset + HOSTNQN, NQN_FIELD_BYTES);
    }

    public static byte[] hostId(MemorySegment data, long offset) {
        byte[] id = new byte[HOSTID_BYTES];
        MemorySegment.copy(data, offset + HOSTID, MemorySegment.ofArray(id), 0, HOSTID_BYTES);
        return id;
    }

    public static void write(
            MemorySegment data,
            long offset,
            byte[] hostId,
            int controllerId,
            String subsystemNqn,
            String hostNqn) {
        assert hostId.length == HOSTID_BYTES;
        data.asSlice(offset, BYTES).fill((byte) 0);
        MemorySegment.copy(MemorySegment.ofArray(hostId), 0, data, offset + HOSTID, HOSTID_BYTES);
        put16(data, offset + CNTLID, controllerId);
        putText(data, offset + SUBNQN, NQN_FIELD_BYTES, subsystemNqn, 0);
        putText(data, offset + HOSTNQN, NQN_FIELD_BYTES, hostNqn, 0);
    }
}
