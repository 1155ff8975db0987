package io.stria.nvmf;

import io.stria.nvme.AdminOpcode;
import io.stria.nvme.CapsuleCmd;
import io.stria.nvme.ConnectCommand;
import io.stria.nvme.ConnectData;
import io.stria.nvme.DatasetRange;
import io.stria.nvme.FabricsType;
import io.stria.nvme.IoOpcode;
import io.stria.nvme.LittleEndian;
import io.stria.nvme.SglDescriptor;
import io.stria.nvme.StatusCode;
import io.stria.nvme.SubmissionEntry;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;

/**
 * What is wrong with one command in a well-formed capsule, as status codes: written down once more
 * from the bytes alone, for the target to be compared with. A controller may name any fault that
 * there is, and succeeds only where there is none.
 */
final class CommandJudge {
    /** Longest transfer of one command. */
    private static final int TRANSFER_BYTES_MAX = 1 << 20;

    private static final int CAPSULE_BYTES_MAX = 8192;
    private static final Set<Integer> ADMIN_OPCODES =
            Set.of(
                    AdminOpcode.GET_LOG_PAGE,
                    AdminOpcode.IDENTIFY,
                    AdminOpcode.ABORT,
                    AdminOpcode.SET_FEATURES,
                    AdminOpcode.GET_FEATURES,
                    AdminOpcode.ASYNC_EVENT_REQUEST,
                    AdminOpcode.KEEP_ALIVE);

    private final Stage stage;
    private final MemorySegment sqe;
    private final byte[] data;
    private final Set<Integer> faults = new TreeSet<>();

    /** Whether a command without faults has to succeed; else only faults are known. */
    private boolean complete = true;

    /**
     * @param data what the capsule carries
     */
    CommandJudge(Stage stage, byte[] header, byte[] data) {
        this.stage = stage;
        this.sqe = MemorySegment.ofArray(header).asSlice(CapsuleCmd.SQE, SubmissionEntry.BYTES);
        this.data = data;
        judgeCapsule();
        if (opcode() == FabricsType.OPCODE) {
            judgeFabrics(LittleEndian.u8(sqe, SubmissionEntry.FCTYPE));
        } else if (stage == Stage.INITIALIZED || stage == Stage.CONNECTED) {
            faults.add(StatusCode.COMMAND_SEQUENCE_ERROR);
        } else if (stage == Stage.ENABLED) {
            judgeAdmin();
        } else {
            judgeIo();
        }
    }

    /** The answer is right. */
    boolean permits(int code) {
        if (faults.isEmpty()) {
            return !complete || code == StatusCode.SUCCESS;
        }
        return faults.contains(code) || !complete && code != StatusCode.SUCCESS;
    }

    /** The command may be asked for its data. */
    boolean isFaultless() {
        return faults.isEmpty();
    }

    @Override
    public String toString() {
        return "faults " + faults.stream().map(Integer::toHexString).toList();
    }

    private int opcode() {
        return LittleEndian.u8(sqe, SubmissionEntry.OPC);
    }

    private long bytes() {
        return SglDescriptor.dataBytes(sqe, SubmissionEntry.SGL);
    }

    private void judgeCapsule() {
        if ((LittleEndian.u8(sqe, SubmissionEntry.FLAGS) & 0xC3) != 0x40) {
            faults.add(StatusCode.INVALID_FIELD);
        }
        int direction =
                3
                        & LittleEndian.u8(
                                sqe,
                                opcode() == FabricsType.OPCODE
                                        ? SubmissionEntry.FCTYPE
                                        : SubmissionEntry.OPC);
        if (direction == 3) {
            faults.add(StatusCode.INVALID_OPCODE);
        }
        switch (SglDescriptor.id(sqe, SubmissionEntry.SGL)) {
            case SglDescriptor.ID_IN_CAPSULE -> {
                if (direction != 1) {
                    faults.add(StatusCode.SGL_TYPE_INVALID);
                }
                if (SglDescriptor.address(sqe, SubmissionEntry.SGL) != 0) {
                    faults.add(StatusCode.SGL_OFFSET_INVALID);
                }
                if (bytes() != data.length) {
                    faults.add(StatusCode.SGL_LENGTH_INVALID);
                }
            }
            case SglDescriptor.ID_TRANSPORT -> {
                if (data.length != 0) {
                    faults.add(StatusCode.SGL_LENGTH_INVALID);
                }
            }
            default -> faults.add(StatusCode.SGL_TYPE_INVALID);
        }
        if (bytes() > bytesMax()) {
            faults.add(StatusCode.INVALID_FIELD);
        }
    }

    private int bytesMax() {
        return stage == Stage.INITIALIZED ? CAPSULE_BYTES_MAX : TRANSFER_BYTES_MAX;
    }

    private void judgeFabrics(int type) {
        boolean connects = type == FabricsType.CONNECT;
        if (stage == Stage.INITIALIZED) {
            if (!connects) {
                faults.add(StatusCode.COMMAND_SEQUENCE_ERROR);
            } else if (bytes() != ConnectData.BYTES || data.length != ConnectData.BYTES) {
                faults.add(StatusCode.SGL_LENGTH_INVALID);
            } else {
                judgeConnect();
            }
            return;
        }
        switch (type) {
            case FabricsType.CONNECT,
                    FabricsType.AUTHENTICATION_SEND,
                    FabricsType.AUTHENTICATION_RECEIVE ->
                    faults.add(StatusCode.COMMAND_SEQUENCE_ERROR);
            case FabricsType.PROPERTY_GET, FabricsType.PROPERTY_SET -> {
                if (stage == Stage.IO) {
                    faults.add(StatusCode.INVALID_OPCODE);
                }
                complete = false;
            }
            case FabricsType.DISCONNECT -> {
                if (stage != Stage.IO) {
                    faults.add(StatusCode.INVALID_QUEUE_TYPE);
                }
            }
            default -> faults.add(StatusCode.INVALID_FIELD);
        }
    }

    private void judgeConnect() {
        if (LittleEndian.u16(sqe, ConnectCommand.RECFMT) != 0) {
            faults.add(StatusCode.CONNECT_INCOMPATIBLE_FORMAT);
        }
        int entries = LittleEndian.u16(sqe, ConnectCommand.SQSIZE) + 1;
        boolean right =
                entries >= 2
                        && entries <= 128
                        && LittleEndian.u16(sqe, ConnectCommand.QID) == 0
                        && LittleEndian.u16(MemorySegment.ofArray(data), ConnectData.CNTLID)
                                == ConnectData.ANY_CONTROLLER
                        && text(ConnectData.SUBNQN).equals(World.NQN)
                        && text(ConnectData.HOSTNQN).matches("[!-~]{1,223}");
        if (!right) {
            faults.add(StatusCode.CONNECT_INVALID_PARAMETERS);
        }
    }

    private String text(int offset) {
        int end = offset;
        while (end < offset + ConnectData.NQN_FIELD_BYTES && data[end] != 0) {
            end++;
        }
        return new String(data, offset, end - offset, StandardCharsets.ISO_8859_1);
    }

    /** Features and log pages have tests of their own. */
    private void judgeAdmin() {
        complete = false;
        if (!ADMIN_OPCODES.contains(opcode())) {
            faults.add(StatusCode.INVALID_OPCODE);
            complete = true;
        } else if (opcode() == AdminOpcode.IDENTIFY && bytes() != 4096) {
            faults.add(StatusCode.SGL_LENGTH_INVALID);
        }
    }

    private void judgeIo() {
        boolean flush = opcode() == IoOpcode.FLUSH;
        int nsid = LittleEndian.i32(sqe, SubmissionEntry.NSID);
        if (nsid != 1 && !(flush && nsid == -1)) {
            faults.add(StatusCode.INVALID_NAMESPACE);
        }
        long blocks = LittleEndian.u16(sqe, SubmissionEntry.CDW12) + 1;
        switch (opcode()) {
            case IoOpcode.FLUSH -> {}
            case IoOpcode.READ, IoOpcode.WRITE, IoOpcode.COMPARE -> {
                judgeRange(LittleEndian.i64(sqe, SubmissionEntry.CDW10), blocks);
                if (bytes() != blocks * 4096) {
                    faults.add(StatusCode.SGL_LENGTH_INVALID);
                }
            }
            case IoOpcode.VERIFY -> {
                judgeRange(LittleEndian.i64(sqe, SubmissionEntry.CDW10), blocks);
                if (blocks * 4096 > TRANSFER_BYTES_MAX) {
                    faults.add(StatusCode.INVALID_FIELD);
                }
            }
            case IoOpcode.WRITE_ZEROES ->
                    judgeRange(LittleEndian.i64(sqe, SubmissionEntry.CDW10), blocks);
            case IoOpcode.DATASET_MANAGEMENT -> judgeRanges();
            default -> faults.add(StatusCode.INVALID_OPCODE);
        }
    }

    private void judgeRange(long lba, long blocks) {
        if (lba < 0 || lba + blocks > World.BLOCKS) {
            faults.add(StatusCode.LBA_OUT_OF_RANGE);
        }
    }

    private void judgeRanges() {
        int ranges = LittleEndian.u8(sqe, SubmissionEntry.CDW10) + 1;
        boolean deallocates =
                (LittleEndian.i32(sqe, SubmissionEntry.CDW11) & DatasetRange.DEALLOCATE) != 0;
        if (bytes() < 16L * ranges) {
            faults.add(StatusCode.SGL_LENGTH_INVALID);
        } else if (deallocates && data.length >= 16 * ranges) {
            MemorySegment list = MemorySegment.ofArray(data);
            for (int i = 0; i < ranges; i++) {
                judgeRange(
                        DatasetRange.startingLba(list, 16L * i),
                        DatasetRange.blocks(list, 16L * i));
            }
        }
    }
}
