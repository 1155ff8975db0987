package io.stria.nvme;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/** Formats of fixed length: all fields of each as a list, and how they are written. */
enum FieldFormat {
    IC_REQ {
        @Override
        List<?> read(MemorySegment s, long at) {
            return List.of(IcReq.hpda(s, at), IcReq.digests(s, at), IcReq.maxR2t(s, at));
        }

        @Override
        boolean rewrite(MemorySegment in, MemorySegment out, long at) {
            IcReq.write(out, at, IcReq.hpda(in, 0), IcReq.digests(in, 0), IcReq.maxR2t(in, 0));
            return true;
        }
    },
    IC_RESP {
        @Override
        List<?> read(MemorySegment s, long at) {
            return List.of(IcResp.cpda(s, at), IcResp.digests(s, at), IcResp.maxH2cData(s, at));
        }

        @Override
        boolean rewrite(MemorySegment in, MemorySegment out, long at) {
            int dataMax = IcResp.maxH2cData(in, 0);
            if (dataMax < IcResp.MAXH2CDATA_MIN || dataMax % 4 != 0) {
                return false;
            }
            IcResp.write(out, at, IcResp.cpda(in, 0), IcResp.digests(in, 0), dataMax);
            return true;
        }
    },
    R2T {
        @Override
        List<?> read(MemorySegment s, long at) {
            return List.of(
                    R2t.commandId(s, at),
                    R2t.transferTag(s, at),
                    R2t.dataOffset(s, at),
                    R2t.dataBytes(s, at));
        }

        @Override
        boolean rewrite(MemorySegment in, MemorySegment out, long at) {
            R2t.write(
                    out,
                    at,
                    R2t.commandId(in, 0),
                    R2t.transferTag(in, 0),
                    (int) R2t.dataOffset(in, 0),
                    (int) R2t.dataBytes(in, 0));
            return true;
        }
    },
    DATA {
        @Override
        List<?> read(MemorySegment s, long at) {
            return List.of(
                    DataPdu.commandId(s, at),
                    DataPdu.transferTag(s, at),
                    DataPdu.dataOffset(s, at),
                    DataPdu.dataBytes(s, at),
                    DataPdu.isLast(s, at),
                    DataPdu.isSuccess(s, at),
                    DataPdu.describe(s, at));
        }

        @Override
        boolean rewrite(MemorySegment in, MemorySegment out, long at) {
            DataPdu.write(
                    out,
                    at,
                    PduType.H2C_DATA,
                    PduHeader.flags(in, 0),
                    DataPdu.commandId(in, 0),
                    DataPdu.transferTag(in, 0),
                    (int) DataPdu.dataOffset(in, 0),
                    (int) DataPdu.dataBytes(in, 0));
            return true;
        }
    },
    SGL {
        @Override
        List<?> read(MemorySegment s, long at) {
            return List.of(SglDescriptor.dataBytes(s, at), SglDescriptor.id(s, at));
        }

        @Override
        boolean rewrite(MemorySegment in, MemorySegment out, long at) {
            int dataBytes = (int) SglDescriptor.dataBytes(in, 0);
            SglDescriptor.write(out, at, SglDescriptor.id(in, 0), dataBytes);
            return true;
        }
    },
    COMPLETION {
        @Override
        List<?> read(MemorySegment s, long at) {
            return List.of(
                    CompletionEntry.result(s, at),
                    CompletionEntry.dw0(s, at),
                    CompletionEntry.sqHead(s, at),
                    CompletionEntry.commandId(s, at),
                    CompletionEntry.status(s, at));
        }

        @Override
        boolean rewrite(MemorySegment in, MemorySegment out, long at) {
            CompletionEntry.write(
                    out,
                    at,
                    CompletionEntry.result(in, 0),
                    CompletionEntry.sqHead(in, 0),
                    CompletionEntry.commandId(in, 0),
                    CompletionEntry.status(in, 0));
            return true;
        }
    },
    LBAS {
        @Override
        List<?> read(MemorySegment s, long at) {
            return List.of(
                    SubmissionEntry.opcode(s, at),
                    SubmissionEntry.commandId(s, at),
                    SubmissionEntry.nsid(s, at),
                    SubmissionEntry.startingLba(s, at),
                    SubmissionEntry.lbaCount(s, at));
        }

        @Override
        boolean rewrite(MemorySegment in, MemorySegment out, long at) {
            SubmissionEntry.write(
                    out,
                    at,
                    SubmissionEntry.opcode(in, 0),
                    SubmissionEntry.commandId(in, 0),
                    SubmissionEntry.nsid(in, 0));
            SubmissionEntry.putLbas(
                    out, at, SubmissionEntry.startingLba(in, 0), SubmissionEntry.lbaCount(in, 0));
            return true;
        }
    },
    CONNECT {
        @Override
        List<?> read(MemorySegment s, long at) {
            return List.of(
                    ConnectCommand.queueId(s, at),
                    ConnectCommand.queueEntries(s, at),
                    ConnectCommand.attributes(s, at),
                    ConnectCommand.keepAliveMs(s, at));
        }

        @Override
        boolean rewrite(MemorySegment in, MemorySegment out, long at) {
            ConnectCommand.write(
                    out,
                    at,
                    SubmissionEntry.commandId(in, 0),
                    ConnectCommand.queueId(in, 0),
                    ConnectCommand.queueEntries(in, 0),
                    ConnectCommand.attributes(in, 0),
                    (int) ConnectCommand.keepAliveMs(in, 0));
            return true;
        }
    },
    CONNECT_DATA {
        @Override
        List<?> read(MemorySegment s, long at) {
            return List.of(
                    ConnectData.controllerId(s, at),
                    ConnectData.subsystemNqn(s, at),
                    ConnectData.hostNqn(s, at),
                    Arrays.hashCode(ConnectData.hostId(s, at)));
        }

        @Override
        boolean rewrite(MemorySegment in, MemorySegment out, long at) {
            String subsystem = ConnectData.subsystemNqn(in, 0);
            String host = ConnectData.hostNqn(in, 0);
            // A byte that is not ASCII is read as one sign that says so; it is never written.
            if ((subsystem + host).indexOf('\uFFFD') >= 0) {
                return false;
            }
            ConnectData.write(
                    out,
                    at,
                    ConnectData.hostId(in, 0),
                    ConnectData.controllerId(in, 0),
                    subsystem,
                    host);
            return true;
        }
    },
    PROPERTY {
        @Override
        List<?> read(MemorySegment s, long at) {
            return List.of(PropertyCommand.property(s, at), PropertyCommand.isLong(s, at));
        }

        @Override
        boolean rewrite(MemorySegment in, MemorySegment out, long at) {
            PropertyCommand.writeGet(
                    out,
                    at,
                    SubmissionEntry.commandId(in, 0),
                    PropertyCommand.property(in, 0),
                    PropertyCommand.isLong(in, 0));
            return true;
        }
    },
    DATASET_RANGE {
        @Override
        List<?> read(MemorySegment s, long at) {
            return List.of(DatasetRange.blocks(s, at), DatasetRange.startingLba(s, at));
        }

        @Override
        boolean rewrite(MemorySegment in, MemorySegment out, long at) {
            int blocks = (int) DatasetRange.blocks(in, 0);
            DatasetRange.write(out, at, DatasetRange.startingLba(in, 0), blocks);
            return true;
        }
    },
    PEER_COMMAND {
        @Override
        List<?> read(MemorySegment s, long at) {
            return List.of(
                    PeerCommand.watermark(s, at),
                    PeerCommand.groups(s, at),
                    PeerCommand.address(s, at),
                    PeerCommand.count(s, at),
                    PeerCommand.fragmentShift(s, at),
                    PeerCommand.allInSync(s, at),
                    PeerCommand.dropsOthers(s, at),
                    PeerCommand.epoch(s, at),
                    PeerCommand.version(s, at));
        }

        @Override
        boolean rewrite(MemorySegment in, MemorySegment out, long at) {
            PeerCommand.write(
                    out,
                    at,
                    SubmissionEntry.opcode(in, 0),
                    SubmissionEntry.commandId(in, 0),
                    PeerCommand.groups(in, 0),
                    PeerCommand.address(in, 0),
                    PeerCommand.count(in, 0),
                    PeerCommand.fragmentShift(in, 0),
                    PeerCommand.epoch(in, 0),
                    PeerCommand.watermark(in, 0),
                    PeerCommand.allInSync(in, 0),
                    PeerCommand.dropsOthers(in, 0),
                    PeerCommand.version(in, 0));
            return true;
        }
    };

    abstract List<?> read(MemorySegment s, long at);

    /** False if the fields are such as nobody writes. */
    abstract boolean rewrite(MemorySegment in, MemorySegment out, long at);
}
