package io.stria.nvme;

import static io.stria.nvme.LittleEndian.put16;
import static io.stria.nvme.LittleEndian.put32;
import static io.stria.nvme.LittleEndian.put8;
import static io.stria.nvme.LittleEndian.putText;

import java.lang.foreign.MemorySegment;

/**
 * Identify Controller (CNS 01h), 4096 bytes. The fields that Stria sets:
 *
 * <pre>
 *      4 SN 20      24 MN 40     64 FR 8      76 CMIC      77 MDTS     78 CNTLID
 *     80 VER        92 OAES      96 CTRATT   111 CNTRLTYPE           128 CRDT1
 *    256 OACS      258 ACL      259 AERL     260 FRMW     261 LPA     262 ELPE
 *    320 KAS       342 ANATT    343 ANACAP   344 ANAGRPMAX           348 NANAGRPID
 *    512 SQES      513 CQES     514 MAXCMD   516 NN       520 ONCS    525 VWC
 *    536 SGLS      540 MNAN     768 SUBNQN 256
 *   1792 IOCCSZ   1796 IORCSZ  1800 ICDOFF  1803 MSDBD  1804 OFCS    1806 DCTYPE
 * </pre>
 */
public final class IdentifyController {
    public static final int BYTES = 4096;
    public static final int SN = 4;
    public static final int SN_BYTES = 20;
    public static final int MN = 24;
    public static final int MN_BYTES = 40;
    public static final int FR = 64;
    public static final int FR_BYTES = 8;
    public static final int CMIC = 76;
    public static final int MDTS = 77;
    public static final int CNTLID = 78;
    public static final int VER = 80;
    public static final int OAES = 92;
    public static final int CTRATT = 96;
    public static final int CNTRLTYPE = 111;
    public static final int CRDT1 = 128;
    public static final int OACS = 256;
    public static final int ACL = 258;
    public static final int AERL = 259;
    public static final int FRMW = 260;
    public static final int LPA = 261;
    public static final int ELPE = 262;
    public static final int KAS = 320;
    public static final int ANATT = 342;
    public static final int ANACAP = 343;
    public static final int ANAGRPMAX = 344;
    public static final int NANAGRPID = 348;
    public static final int SQES = 512;
    public static final int CQES = 513;
    public static final int MAXCMD = 514;
    public static final int NN = 516;
    public static final int ONCS = 520;
    public static final int VWC = 525;
    public static final int SGLS = 536;
    public static final int MNAN = 540;
    public static final int SUBNQN = 768;
    public static final int IOCCSZ = 1792;
    public static final int IORCSZ = 1796;
    public static final int ICDOFF = 1800;
    public static final int MSDBD = 1803;
    public static final int OFCS = 1804;
    public static final int DCTYPE = 1806;

    public static final int TYPE_IO = 1;
    public static final int TYPE_DISCOVERY = 2;

    /** CMIC: several ports, several controllers, ANA reporting. */
    public static final int CMIC_MULTIPATH_ANA = 0x0B;

    public static final int CTRATT_HOSTID_128 = 1;

    /** CTRATT: any command keeps the association alive, not only Keep Alive. */
    public static final int CTRATT_TRAFFIC_KEEPS_ALIVE = 1 << 6;

    /** LPA: SMART log of a namespace; command effects log; offsets and long transfers of logs. */
    public static final int LPA_SMART_NAMESPACE = 1;

    public static final int LPA_EFFECTS = 1 << 1;

    public static final int LPA_EXTENDED = 1 << 2;

    /** FRMW: one slot, read only. */
    public static final int FRMW_ONE_SLOT = 0x03;

    /** ONCS: compare, dataset management, write zeroes, verify. */
    public static final int ONCS_COMPARE = 1;

    public static final int ONCS_DSM = 1 << 2;
    public static final int ONCS_WRITE_ZEROES = 1 << 3;
    public static final int ONCS_VERIFY = 1 << 7;

    /** VWC: no volatile cache; a flush may name all namespaces. */
    public static final int VWC_NONE = 3 << 1;

    /** SGLS: SGLs of any alignment; offsets into the capsule. */
    public static final int SGLS_FABRICS = 1 | 1 << 20;

    /**
     * ANACAP: reports optimized, inaccessible and change. Nothing is said of namespaces that keep
     * their group, though they do: nvme-cli then reads too little of the ANA log to see them.
     */
    public static final int ANACAP_REPORTED = 1 | 1 << 2 | 1 << 4;

    /** OFCS: Disconnect deletes an IO queue. */
    public static final int OFCS_DISCONNECT = 1;

    /** DCTYPE: a discovery service that knows what is behind it, and needs nobody to register. */
    public static final int DCTYPE_DIRECT = 1;

    private IdentifyController() {}

    /** What every controller has: names, queue and capsule sizes. The rest is cleared. */
    public static void write(
            MemorySegment data,
            long offset,
            int type,
            String serial,
            String model,
            String firmware,
            String nqn,
            int controllerId) {
        data.asSlice(offset, BYTES).fill((byte) 0);
        putText(data, offset + SN, SN_BYTES, serial, ' ');
        putText(data, offset + MN, MN_BYTES, model, ' ');
        putText(data, offset + FR, FR_BYTES, firmware, ' ');
        putText(data, offset + SUBNQN, ConnectData.NQN_FIELD_BYTES, nqn, 0);
        put16(data, offset + CNTLID, controllerId);
        put32(data, offset + VER, ControllerProperty.VERSION_1_4);
        put32(data, offset + CTRATT, CTRATT_HOSTID_128 | CTRATT_TRAFFIC_KEEPS_ALIVE);
        put8(data, offset + CNTRLTYPE, type);
        put32(data, offset + SGLS, SGLS_FABRICS);
        put8(data, offset + MSDBD, 1);
    }

    /** Queue entry sizes (64 and 16 bytes), commands per queue, capsule sizes. */
    public static void putQueues(
            MemorySegment data, long offset, int queueEntries, int capsuleDataBytes) {
        put8(data, offset + SQES, 0x66);
        put8(data, offset + CQES, 0x44);
        put16(data, offset + MAXCMD, queueEntries);
        put32(data, offset + IOCCSZ, (SubmissionEntry.BYTES + capsuleDataBytes) / 16);
        put32(data, offset + IORCSZ, CompletionEntry.BYTES / 16);
    }

    /** MDTS as 2^n pages of 4 KiB. */
    public static void putMaxTransfer(MemorySegment data, long offset, int transferBytes) {
        assert Integer.bitCount(transferBytes) == 1 && transferBytes >= 4096;
        put8(data, offset + MDTS, Integer.numberOfTrailingZeros(transferBytes / 4096));
    }
}
