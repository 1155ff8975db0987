package io.stria.nvmf;

import io.stria.nvme.CapsuleCmd;
import io.stria.nvme.ConnectCommand;
import io.stria.nvme.ConnectData;
import io.stria.nvme.DataPdu;
import io.stria.nvme.DatasetRange;
import io.stria.nvme.Digest;
import io.stria.nvme.IcReq;
import io.stria.nvme.IcResp;
import io.stria.nvme.IoOpcode;
import io.stria.nvme.LittleEndian;
import io.stria.nvme.PduError;
import io.stria.nvme.PduHeader;
import io.stria.nvme.PduType;
import io.stria.nvme.PropertyCommand;
import io.stria.nvme.R2t;
import io.stria.nvme.SglDescriptor;
import io.stria.nvme.SubmissionEntry;
import io.stria.nvme.TermReq;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A PDU as it should be, and where its fields are, so that they can be made wrong. Without digests;
 * {@link #framed} puts them in, right ones for whatever the fields say.
 *
 * @param header with PDO and PLEN for no digests
 */
record PduTemplate(String name, byte[] header, byte[] data, List<Field> fields) {
    /** Offset in the header; from the header's end on it is one in the data. */
    record Field(int offset, int bytes) {}

    private static final int COMMAND_ID = 0x1234;

    private static final List<Field> COMMON =
            List.of(
                    new Field(0, 1),
                    new Field(1, 1),
                    new Field(2, 1),
                    new Field(3, 1),
                    new Field(4, 4));

    /** What can be wrong in any connection to {@link World}. */
    static List<PduTemplate> all() {
        return all(World.NQN);
    }

    /** What can be wrong in any connection to a subsystem. */
    static List<PduTemplate> all(String nqn) {
        List<PduTemplate> all = new ArrayList<>();
        MemorySegment ic = pdu(IcReq.BYTES);
        IcReq.write(ic, 0, 0, 0, 0);
        all.add(of("ICReq", ic, 8, 2, 10, 1, 11, 1, 12, 4, 16, 4, 124, 4));
        MemorySegment icResp = pdu(IcResp.BYTES);
        IcResp.write(icResp, 0, 0, 0, 4096);
        all.add(of("ICResp", icResp));
        for (PduType type : new PduType[] {PduType.H2C_TERM_REQ, PduType.C2H_TERM_REQ}) {
            MemorySegment term = pdu(TermReq.BYTES);
            TermReq.write(term, 0, type, PduError.header(4, "hostile"), term, 0, 0);
            all.add(of(type.name(), term, 8, 2, 10, 4, 14, 4));
        }
        MemorySegment response = pdu(24);
        PduHeader.write(response, 0, PduType.CAPSULE_RESP);
        all.add(of("CapsuleResp", response));
        MemorySegment r2t = pdu(R2t.BYTES);
        R2t.write(r2t, 0, 0, 0, 0, 4096);
        all.add(of("R2T", r2t));
        for (PduType type : new PduType[] {PduType.H2C_DATA, PduType.C2H_DATA}) {
            all.add(data(type, 0, 0, 0, 4096));
        }
        all.addAll(commands(nqn));
        return all;
    }

    static PduTemplate data(PduType type, int commandId, int tag, int offset, int bytes) {
        MemorySegment pdu = pdu(DataPdu.BYTES);
        DataPdu.write(pdu, 0, type, PduHeader.FLAG_LAST, commandId, tag, offset, bytes);
        PduTemplate plain = of(type.name(), pdu, 8, 2, 10, 2, 12, 4, 16, 4, 20, 4);
        return new PduTemplate(plain.name, plain.header, new byte[bytes], plain.fields);
    }

    private static List<PduTemplate> commands(String nqn) {
        byte[] connect = new byte[ConnectData.BYTES];
        ConnectData.write(MemorySegment.ofArray(connect), 0, new byte[16], 0xFFFF, nqn, "nqn.bad");
        byte[] ranges = new byte[32];
        DatasetRange.write(MemorySegment.ofArray(ranges), 0, 100, 8);
        List<PduTemplate> all = new ArrayList<>();
        MemorySegment sqe = pdu(SubmissionEntry.BYTES);
        ConnectCommand.write(sqe, 0, COMMAND_ID, 0, 32, 0, 0);
        List<Field> inData = new ArrayList<>();
        for (int[] field :
                new int[][] {{0, 8}, {16, 2}, {256, 1}, {479, 1}, {511, 1}, {512, 1}, {767, 1}}) {
            inData.add(new Field(CapsuleCmd.BYTES + field[0], field[1]));
        }
        PduTemplate plain = capsule("Connect", sqe, connect);
        inData.addAll(plain.fields);
        inData.add(new Field(48, 2));
        inData.add(new Field(50, 2));
        inData.add(new Field(52, 2));
        inData.add(new Field(54, 1));
        all.add(new PduTemplate("Connect", plain.header, plain.data, inData));
        PropertyCommand.writeGet(sqe, 0, COMMAND_ID, 0, true);
        all.add(capsule("PropertyGet", transport(sqe, 0), new byte[0]));
        PropertyCommand.writeSet(sqe, 0, COMMAND_ID, 0x14, 0x0046_0001);
        all.add(capsule("PropertySet", transport(sqe, 0), new byte[0]));
        for (int opcode : new int[] {0x06, 0x02, 0x09, 0x0A, 0x08, 0x0C, 0x18}) {
            SubmissionEntry.write(sqe, 0, opcode, COMMAND_ID, 1);
            LittleEndian.put32(sqe, SubmissionEntry.CDW10, 1);
            boolean reads = IoOpcode.dataToHost(opcode);
            all.add(capsule("admin " + opcode, transport(sqe, reads ? 4096 : 0), new byte[0]));
        }
        for (int opcode : new int[] {0x00, 0x02, 0x08, 0x0C}) {
            TestHost.io(sqe, opcode, 100, 1);
            LittleEndian.put16(sqe, SubmissionEntry.CID, COMMAND_ID);
            int bytes = opcode == IoOpcode.READ ? 4096 : 0;
            all.add(capsule("io " + opcode, transport(sqe, bytes), new byte[0]));
        }
        for (int opcode : new int[] {0x01, 0x05}) {
            TestHost.io(sqe, opcode, 100, 1);
            LittleEndian.put16(sqe, SubmissionEntry.CID, COMMAND_ID);
            SglDescriptor.write(sqe, SubmissionEntry.SGL, SglDescriptor.ID_IN_CAPSULE, 4096);
            all.add(capsule("in capsule " + opcode, sqe, new byte[4096]));
            all.add(capsule("transfer " + opcode, transport(sqe, 4096), new byte[0]));
        }
        SubmissionEntry.write(sqe, 0, IoOpcode.DATASET_MANAGEMENT, COMMAND_ID, 1);
        LittleEndian.put32(sqe, SubmissionEntry.CDW11, DatasetRange.DEALLOCATE);
        SglDescriptor.write(sqe, SubmissionEntry.SGL, SglDescriptor.ID_IN_CAPSULE, 32);
        PduTemplate deallocate = capsule("deallocate", sqe, ranges);
        List<Field> inRanges = new ArrayList<>(deallocate.fields);
        for (int[] field : new int[][] {{0, 4}, {4, 4}, {8, 8}, {20, 4}, {24, 8}}) {
            inRanges.add(new Field(CapsuleCmd.BYTES + field[0], field[1]));
        }
        all.add(new PduTemplate("deallocate", deallocate.header, deallocate.data, inRanges));
        for (int opcode : new int[] {IoOpcode.READ, IoOpcode.WRITE_ZEROES, IoOpcode.VERIFY}) {
            TestHost.io(sqe, opcode, World.BLOCKS - 1, 1);
            LittleEndian.put16(sqe, SubmissionEntry.CID, COMMAND_ID);
            all.add(capsule("last block " + opcode, transport(sqe, 4096), new byte[0]));
        }
        return all;
    }

    private static MemorySegment transport(MemorySegment sqe, int bytes) {
        SglDescriptor.write(sqe, SubmissionEntry.SGL, SglDescriptor.ID_TRANSPORT, bytes);
        return sqe;
    }

    static PduTemplate capsule(String name, MemorySegment sqe, byte[] data) {
        MemorySegment pdu = pdu(CapsuleCmd.BYTES);
        CapsuleCmd.writeHeader(pdu, 0);
        MemorySegment.copy(sqe, 0, pdu, CapsuleCmd.SQE, SubmissionEntry.BYTES);
        PduHeader.frame(pdu, 0, data.length, 4, false, false);
        int[] entry = {
            0, 1, 1, 1, 2, 2, 4, 4, 8, 4, 16, 8, 24, 8, 32, 4, 36, 2, 39, 1, 40, 4, 44, 4, 48, 4,
            52, 4, 56, 4, 60, 4
        };
        int[] shifted = entry.clone();
        for (int i = 0; i < shifted.length; i += 2) {
            shifted[i] += CapsuleCmd.SQE;
        }
        PduTemplate plain = of(name, pdu, shifted);
        return new PduTemplate(name, plain.header, data, plain.fields);
    }

    private static MemorySegment pdu(int bytes) {
        return MemorySegment.ofArray(new byte[bytes]);
    }

    /** Fields beyond the common header: offsets and sizes in turn. */
    private static PduTemplate of(String name, MemorySegment pdu, int... offsetsAndSizes) {
        List<Field> fields = new ArrayList<>(COMMON);
        for (int i = 0; i < offsetsAndSizes.length; i += 2) {
            fields.add(new Field(offsetsAndSizes[i], offsetsAndSizes[i + 1]));
        }
        return new PduTemplate(name, pdu.toArray(ValueLayout.JAVA_BYTE), new byte[0], fields);
    }

    boolean isCommand() {
        return header[0] == PduType.CAPSULE_CMD.code();
    }

    int commandId() {
        return COMMAND_ID;
    }

    /** The data that PDO and PLEN say is in the capsule, of what is {@link #framed}. */
    byte[] carried(boolean headerDigest, boolean dataDigest) {
        MemorySegment pdu = MemorySegment.ofArray(header);
        int head = PduHeader.hlen(pdu, 0) + (headerDigest ? 4 : 0);
        int plen = (int) PduHeader.plen(pdu, 0);
        if (plen == head) {
            return new byte[0];
        }
        int end = plen - (dataDigest ? 4 : 0);
        return Arrays.copyOfRange(framed(headerDigest, dataDigest), PduHeader.pdo(pdu, 0), end);
    }

    /** The same with the header fields that digests ask for. */
    PduTemplate digested(boolean headerDigest, boolean dataDigest) {
        PduType type = PduType.of(header[0]);
        if (type == null || !type.hasDigests()) {
            return this;
        }
        byte[] changed = header.clone();
        MemorySegment pdu = MemorySegment.ofArray(changed);
        PduHeader.frame(pdu, 0, data.length, 4, headerDigest, dataDigest);
        return new PduTemplate(name, changed, data, fields);
    }

    /** The field becomes this number; only as many bytes of it as the field has. */
    PduTemplate with(Field field, long value) {
        byte[] newHeader = header.clone();
        byte[] newData = data.clone();
        for (int i = 0; i < field.bytes; i++) {
            int at = field.offset + i;
            byte piece = (byte) (value >>> 8 * i);
            if (at < newHeader.length) {
                newHeader[at] = piece;
            } else if (at - newHeader.length < newData.length) {
                newData[at - newHeader.length] = piece;
            }
        }
        return new PduTemplate(name, newHeader, newData, fields);
    }

    long value(Field field) {
        long value = 0;
        for (int i = 0; i < field.bytes; i++) {
            int at = field.offset + i;
            byte[] from = at < header.length ? header : data;
            int index = at < header.length ? at : at - header.length;
            value |= (index < from.length ? from[index] & 0xFFL : 0) << 8 * i;
        }
        return value;
    }

    /**
     * What a field may wrongly be: 0, 1, the largest and the one below, one more and one less than
     * is right; the volume's end.
     */
    Set<Long> limits(Field field) {
        long largest = field.bytes() == 8 ? -1L : (1L << 8 * field.bytes()) - 1;
        long right = value(field);
        Set<Long> values =
                new LinkedHashSet<>(
                        List.of(0L, 1L, largest, largest - 1, right, right + 1, right - 1));
        if (field.bytes() >= 4) {
            values.addAll(List.of(World.BLOCKS - 8L, World.BLOCKS - 7L, (long) World.BLOCKS));
        }
        if (field.bytes() == 1) {
            values.addAll(List.of(0x7FL, 0x80L, right ^ 0x40, right + 4, right - 4));
        }
        return values;
    }

    /** The bytes on the wire, with digests that are right. */
    byte[] framed(boolean headerDigest, boolean dataDigest) {
        PduType type = PduType.of(header[0] & 0xFF);
        boolean digests = type == null || type.hasDigests();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(header);
        if (headerDigest && digests) {
            out.writeBytes(digest(header));
        }
        if (data.length > 0) {
            out.writeBytes(data);
            if (dataDigest && digests) {
                out.writeBytes(digest(data));
            }
        }
        return out.toByteArray();
    }

    private static byte[] digest(byte[] bytes) {
        byte[] value = new byte[4];
        int crc = new Digest().of(MemorySegment.ofArray(bytes), 0, bytes.length);
        LittleEndian.put32(MemorySegment.ofArray(value), 0, crc);
        return value;
    }
}
