package io.stria.nvmf;

import io.stria.nvme.Digest;
import io.stria.nvme.FatalErrorStatus;
import io.stria.nvme.LittleEndian;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * What the NVMe/TCP specification has a controller do with one PDU of a host: written down once
 * more, plainly and from the bytes alone, for the target to be compared with.
 *
 * @param fresh nothing has been sent before
 * @param transfer what the controller has asked the host to send, or null
 */
record PduJudge(
        boolean fresh,
        boolean headerDigests,
        boolean dataDigests,
        HostQueue.@Nullable Request transfer) {
    enum Outcome {
        /** With a C2HTermReq. */
        TERMINATED,
        CLOSED,
        /** Well formed: a response, or a request for data. */
        ANSWERED,
        /** The rest of it is awaited. */
        AWAITED,
        /** There was more behind it. */
        UNKNOWN
    }

    /**
     * @param information FEI; -1 where it is reserved or a digest
     */
    record Verdict(Outcome outcome, @Nullable FatalErrorStatus status, int information) {
        static Verdict of(Outcome outcome) {
            return new Verdict(outcome, null, -1);
        }

        static Verdict header(int offset) {
            return new Verdict(Outcome.TERMINATED, FatalErrorStatus.INVALID_PDU_HEADER, offset);
        }

        static Verdict fatal(FatalErrorStatus status, int information) {
            return new Verdict(Outcome.TERMINATED, status, information);
        }
    }

    private static final int CAPSULE_BYTES_MAX = 8192;
    private static final int PDU_DATA_MAX = 1 << 20;

    Verdict judge(byte[] wire) {
        MemorySegment pdu = MemorySegment.ofArray(wire);
        int type = wire[0] & 0xFF;
        int hlen = wire[2] & 0xFF;
        if (type == 8 || type > 9) {
            return Verdict.header(0);
        }
        if (type % 2 == 1) {
            return Verdict.fatal(FatalErrorStatus.PDU_SEQUENCE_ERROR, -1);
        }
        int expected = type == 0 ? 128 : type == 4 ? 72 : 24;
        if (hlen != expected) {
            return Verdict.header(2);
        }
        boolean carries = type == 4 || type == 6;
        boolean digested = headerDigests && carries;
        if (digested && (wire[1] & 1) == 0) {
            return Verdict.header(1);
        }
        int head = hlen + (digested ? 4 : 0);
        long plen = LittleEndian.u32(pdu, 4);
        if (!carries) {
            long longest = type == 2 ? 24 + 128 : 128;
            if (plen < head || plen > longest) {
                return Verdict.header(4);
            }
            return type == 0 ? judgeInitialize(pdu) : judgeTermination();
        }
        long data = 0;
        if (plen != head || type == 6) {
            int pdo = wire[3] & 0xFF;
            data = plen - pdo - (dataDigests ? 4 : 0);
            if (plen < head) {
                return Verdict.header(4);
            } else if (pdo < head || pdo % 4 != 0) {
                return Verdict.header(3);
            } else if (dataDigests && (wire[1] & 2) == 0) {
                return Verdict.header(1);
            } else if (data <= 0) {
                return Verdict.header(4);
            } else if (data > (type == 4 ? CAPSULE_BYTES_MAX : PDU_DATA_MAX)) {
                return Verdict.fatal(FatalErrorStatus.DATA_LIMIT_EXCEEDED, -1);
            }
        }
        if (digested && new Digest().of(pdu, 0, hlen) != LittleEndian.i32(pdu, hlen)) {
            return Verdict.fatal(FatalErrorStatus.HEADER_DIGEST_ERROR, -1);
        }
        if (type == 6 && LittleEndian.u32(pdu, 16) != data) {
            return Verdict.header(16);
        }
        if (fresh) {
            return Verdict.fatal(FatalErrorStatus.PDU_SEQUENCE_ERROR, -1);
        }
        Verdict verdict = type == 6 ? judgeData(pdu, data) : Verdict.of(Outcome.ANSWERED);
        if (verdict.outcome == Outcome.TERMINATED || plen == wire.length) {
            return verdict;
        }
        return Verdict.of(plen > wire.length ? Outcome.AWAITED : Outcome.UNKNOWN);
    }

    private Verdict judgeInitialize(MemorySegment pdu) {
        if (!fresh) {
            return Verdict.fatal(FatalErrorStatus.PDU_SEQUENCE_ERROR, -1);
        } else if (LittleEndian.u16(pdu, 8) != 0) {
            return Verdict.fatal(FatalErrorStatus.UNSUPPORTED_PARAMETER, 8);
        } else if (LittleEndian.u8(pdu, 10) > 31) {
            return Verdict.header(10);
        }
        return Verdict.of(Outcome.ANSWERED);
    }

    private Verdict judgeTermination() {
        return fresh
                ? Verdict.fatal(FatalErrorStatus.PDU_SEQUENCE_ERROR, -1)
                : Verdict.of(Outcome.CLOSED);
    }

    private Verdict judgeData(MemorySegment pdu, long data) {
        HostQueue.Request asked = transfer;
        if (asked == null
                || LittleEndian.u16(pdu, 8) != asked.commandId()
                || LittleEndian.u16(pdu, 10) != asked.tag()) {
            return Verdict.header(10);
        }
        if (LittleEndian.u32(pdu, 12) != asked.offset() || data > asked.bytes()) {
            return Verdict.fatal(FatalErrorStatus.DATA_OUT_OF_RANGE, -1);
        }
        return Verdict.of(data == asked.bytes() ? Outcome.ANSWERED : Outcome.AWAITED);
    }
}
