package io.stria.nvme;

import static io.stria.nvme.LittleEndian.i64;
import static io.stria.nvme.LittleEndian.put16;
import static io.stria.nvme.LittleEndian.put64;
import static io.stria.nvme.LittleEndian.put8;
import static io.stria.nvme.LittleEndian.putText;
import static io.stria.nvme.LittleEndian.text;
import static io.stria.nvme.LittleEndian.u16;
import static io.stria.nvme.LittleEndian.u8;

import java.lang.foreign.MemorySegment;

/**
 * Discovery log (70h): a header and one record for each path, 1024 bytes each.
 *
 * <pre>
 *   header:  0 GENCTR 8 | 8 NUMREC 8 | 16 RECFMT 2 | reserved
 *
 *   record:  0 TRTYPE (3: TCP) | 1 ADRFAM (1: IPv4, 2: IPv6) | 2 SUBTYPE | 3 TREQ
 *            4 PORTID | 6 CNTLID | 8 ASQSZ | 10 EFLAGS
 *            32 TRSVCID 32 | 256 SUBNQN 256 | 512 TRADDR 256 | 768 TSAS 256 (byte 0: security)
 * </pre>
 */
public final class DiscoveryLog {
    public static final int HEADER_BYTES = 1024;
    public static final int RECORD_BYTES = 1024;
    public static final int GENCTR = 0;
    public static final int NUMREC = 8;

    public static final int TRTYPE = 0;
    public static final int ADRFAM = 1;
    public static final int SUBTYPE = 2;
    public static final int TREQ = 3;
    public static final int PORTID = 4;
    public static final int CNTLID = 6;
    public static final int ASQSZ = 8;
    public static final int EFLAGS = 10;
    public static final int TRSVCID = 32;
    public static final int SUBNQN = 256;
    public static final int TRADDR = 512;

    public static final int TRTYPE_TCP = 3;
    public static final int ADRFAM_IPV4 = 1;
    public static final int ADRFAM_IPV6 = 2;

    /** EFLAGS of this very service: all its ports say the same; hosts may stay connected. */
    public static final int EFLAGS_DUPLICATE = 1;

    public static final int EFLAGS_PERSISTENT = 1 << 1;

    /** SUBTYPE: another discovery service, a subsystem with namespaces, this very service. */
    public static final int SUBTYPE_REFERRAL = 1;

    public static final int SUBTYPE_NVM = 2;
    public static final int SUBTYPE_SELF = 3;

    /**
     * TREQ: submission queue flow control can be off. Nothing is said of a secure channel: nvme-cli
     * takes even "not required" for a reason to ask the kernel for TLS, which older ones refuse.
     */
    private static final int TREQ_NO_FLOW_CONTROL = 1 << 2;

    private DiscoveryLog() {}

    public static void writeHeader(MemorySegment data, long offset, long generation, long records) {
        data.asSlice(offset, HEADER_BYTES).fill((byte) 0);
        put64(data, offset + GENCTR, generation);
        put64(data, offset + NUMREC, records);
    }

    /**
     * @param address numeric, IPv4 or IPv6
     */
    public static void writeRecord(
            MemorySegment data,
            long offset,
            int subtype,
            String nqn,
            String address,
            int port,
            int portId,
            int adminQueueEntries,
            int flags) {
        data.asSlice(offset, RECORD_BYTES).fill((byte) 0);
        boolean ipv6 = address.indexOf(':') >= 0;
        put8(data, offset + TRTYPE, TRTYPE_TCP);
        put8(data, offset + ADRFAM, ipv6 ? ADRFAM_IPV6 : ADRFAM_IPV4);
        put8(data, offset + SUBTYPE, subtype);
        put8(data, offset + TREQ, TREQ_NO_FLOW_CONTROL);
        put16(data, offset + PORTID, portId);
        put16(data, offset + CNTLID, ConnectData.ANY_CONTROLLER);
        put16(data, offset + ASQSZ, adminQueueEntries);
        put16(data, offset + EFLAGS, flags);
        putText(data, offset + TRSVCID, 32, Integer.toString(port), 0);
        putText(data, offset + SUBNQN, 256, nqn, 0);
        putText(data, offset + TRADDR, 256, address, 0);
    }

    public static long generation(MemorySegment data, long offset) {
        return i64(data, offset + GENCTR);
    }

    public static long records(MemorySegment data, long offset) {
        return i64(data, offset + NUMREC);
    }

    public static int subtype(MemorySegment data, long offset) {
        return u8(data, offset + SUBTYPE);
    }

    public static int portId(MemorySegment data, long offset) {
        return u16(data, offset + PORTID);
    }

    public static int flags(MemorySegment data, long offset) {
        return u16(data, offset + EFLAGS);
    }

    public static String nqn(MemorySegment data, long offset) {
        return text(data, offset + SUBNQN, 256);
    }

    public static String address(MemorySegment data, long offset) {
        return text(data, offset + TRADDR, 256);
    }

    public static String port(MemorySegment data, long offset) {
        return text(data, offset + TRSVCID, 32);
    }
}
