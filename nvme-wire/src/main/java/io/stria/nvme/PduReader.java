package io.stria.nvme;

import static io.stria.nvme.LittleEndian.i32;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a byte stream into PDUs, for initiator and target alike. A header is handed over whole and
 * checked; data is handed over in the pieces in which it arrives, so that it is copied once, to
 * where it belongs. Every length is checked against {@link PduLimits} before it is used, and data
 * is never gathered here.
 *
 * <p>A violation of the rules is a value: {@link #error} names it and the reader consumes nothing
 * more. The handler may {@link #fail} it too, with violations that only it can see; it does not
 * call {@link #read}.
 */
public final class PduReader {
    /** Hears PDUs, from within {@link #read}. */
    public interface Handler {
        /**
         * A whole header. The memory is valid only during the call.
         *
         * @param dataBytes how many bytes {@link #onData} will bring before {@link #onEnd}
         * @return false to have the same header again in the next {@link #read}: there is no room
         *     for it now
         */
        boolean onHeader(PduType type, MemorySegment pdu, long offset, int dataBytes);

        /** Next piece of the data; the memory is valid only during the call. */
        void onData(MemorySegment source, long offset, int length);

        /**
         * The PDU is complete.
         *
         * @param dataIntact false if the data digest does not match: the command fails with a
         *     transient transport error, the connection goes on
         */
        void onEnd(boolean dataIntact);
    }

    private enum State {
        HEADER,
        PADDING,
        DATA,
        DATA_DIGEST
    }

    /** Memory that a reader needs. */
    public static final int HELD_BYTES_MAX = IcReq.BYTES + PduHeader.DIGEST_BYTES;

    private final PduLimits limits;
    private final Handler handler;
    private final Digest digest = new Digest();

    /** A header that did not arrive in one piece, or that the handler had no room for. */
    private final MemorySegment held;

    private int heldBytes;
    private State state = State.HEADER;
    private PduType type = PduType.IC_REQ;
    private int headBytes;
    private int paddingLeft;
    private int dataBytes;
    private int dataLeft;
    private int digestReceived;
    private int digestBytes;
    private boolean digestFollows;
    private boolean headerDigests;
    private boolean dataDigests;

    /** A header was delivered: progress, even where an earlier read had taken its bytes. */
    private boolean delivered;

    private @Nullable PduError error;

    /** The reader keeps {@link #HELD_BYTES_MAX} bytes of the memory. */
    public PduReader(SegmentAllocator memory, PduLimits limits, Handler handler) {
        this.limits = limits;
        this.handler = handler;
        this.held = memory.allocate(HELD_BYTES_MAX, 8);
    }

    /** From the next PDU on, as ICReq and ICResp agreed. */
    public void useDigests(boolean header, boolean data) {
        headerDigests = header;
        dataDigests = data;
    }

    /** The violation that stopped the reader, or null. */
    public @Nullable PduError error() {
        return error;
    }

    /** Stops the reader. The first error stays. */
    public void fail(PduError violation) {
        if (error == null) {
            error = violation;
        }
    }

    /** True while a header waits for the handler to have room. */
    public boolean isWaiting() {
        return state == State.HEADER && heldBytes > 0 && heldBytes == headBytes;
    }

    /** True from a PDU's first byte to its last. */
    public boolean isInside() {
        return state != State.HEADER || heldBytes > 0;
    }

    /** The header at fault, as far as it arrived: for the copy in a TermReq. */
    public MemorySegment faultyHeader() {
        return held.asSlice(0, heldBytes);
    }

    /**
     * Takes what arrived, all of it unless the handler has no room or there is an error.
     *
     * @return bytes consumed; the rest is to be given again
     */
    public int read(MemorySegment buffer, long offset, int length) {
        int consumed = 0;
        boolean progress = true;
        while (progress && error == null) {
            int left = length - consumed;
            delivered = false;
            int taken =
                    switch (state) {
                        case HEADER -> readHeader(buffer, offset + consumed, left);
                        case PADDING -> skipPadding(left);
                        case DATA -> readData(buffer, offset + consumed, left);
                        case DATA_DIGEST -> readDigest(buffer, offset + consumed, left);
                    };
            consumed += taken;
            progress = (taken > 0 || delivered) && !isWaiting();
        }
        return consumed;
    }

    private int readHeader(MemorySegment buffer, long offset, int length) {
        if (heldBytes == 0 && length >= PduHeader.BYTES) {
            if (!checkCommonHeader(buffer, offset)) {
                return hold(buffer, offset, PduHeader.BYTES);
            }
            if (length >= headBytes) {
                if (deliverHeader(buffer, offset)) {
                    return headBytes;
                }
                return hold(buffer, offset, headBytes);
            }
            return hold(buffer, offset, length);
        }
        int taken = 0;
        if (heldBytes < PduHeader.BYTES) {
            taken = hold(buffer, offset, Math.min(PduHeader.BYTES - heldBytes, length));
            if (heldBytes < PduHeader.BYTES || !checkCommonHeader(held, 0)) {
                return taken;
            }
        }
        taken += hold(buffer, offset + taken, Math.min(headBytes - heldBytes, length - taken));
        if (heldBytes == headBytes && deliverHeader(held, 0)) {
            heldBytes = 0;
        }
        return taken;
    }

    private int hold(MemorySegment buffer, long offset, int length) {
        MemorySegment.copy(buffer, offset, held, heldBytes, length);
        heldBytes += length;
        return length;
    }

    /** Sets type, headBytes, paddingLeft, dataBytes and digestFollows, or the error. */
    private boolean checkCommonHeader(MemorySegment pdu, long offset) {
        int code = PduHeader.type(pdu, offset);
        PduType found = PduType.of(code);
        if (found == null) {
            fail(PduError.header(PduHeader.TYPE, "unknown PDU: " + describe(pdu, offset)));
            return false;
        }
        if (found.fromHost() != limits.fromHost()) {
            fail(PduError.sequence(found + " from the wrong side"));
            return false;
        }
        if (PduHeader.hlen(pdu, offset) != found.headerBytes()) {
            fail(PduError.header(PduHeader.HLEN, "header length: " + describe(pdu, offset)));
            return false;
        }
        type = found;
        boolean digested = headerDigests && found.hasDigests();
        if (digested && (PduHeader.flags(pdu, offset) & PduHeader.FLAG_HDGST) == 0) {
            fail(PduError.header(PduHeader.FLAGS, "no header digest: " + describe(pdu, offset)));
            return false;
        }
        headBytes = found.headerBytes() + (digested ? PduHeader.DIGEST_BYTES : 0);
        return found.mayCarryData()
                ? checkData(found, pdu, offset)
                : checkNoData(found, pdu, offset);
    }

    private boolean checkNoData(PduType found, MemorySegment pdu, long offset) {
        boolean term = found == PduType.H2C_TERM_REQ || found == PduType.C2H_TERM_REQ;
        long rest = PduHeader.plen(pdu, offset) - headBytes;
        if (rest < 0 || rest > (term ? TermReq.DATA_BYTES_MAX : 0)) {
            fail(PduError.header(PduHeader.PLEN, "PDU length: " + describe(pdu, offset)));
            return false;
        }
        paddingLeft = 0;
        dataBytes = (int) rest;
        digestFollows = false;
        return true;
    }

    private boolean checkData(PduType found, MemorySegment pdu, long offset) {
        long plen = PduHeader.plen(pdu, offset);
        paddingLeft = 0;
        dataBytes = 0;
        digestFollows = false;
        if (plen == headBytes && found == PduType.CAPSULE_CMD) {
            return true;
        }
        if (plen < headBytes) {
            fail(PduError.header(PduHeader.PLEN, "PDU length: " + describe(pdu, offset)));
            return false;
        }
        int pdo = PduHeader.pdo(pdu, offset);
        if (pdo < headBytes || pdo % limits.dataAlignmentBytes() != 0) {
            fail(PduError.header(PduHeader.PDO, "data offset: " + describe(pdu, offset)));
            return false;
        }
        digestFollows = dataDigests;
        if (digestFollows && (PduHeader.flags(pdu, offset) & PduHeader.FLAG_DDGST) == 0) {
            fail(PduError.header(PduHeader.FLAGS, "no data digest: " + describe(pdu, offset)));
            return false;
        }
        long data = plen - pdo - (digestFollows ? PduHeader.DIGEST_BYTES : 0);
        if (data <= 0) {
            fail(PduError.header(PduHeader.PLEN, "PDU length: " + describe(pdu, offset)));
            return false;
        }
        boolean capsule = found == PduType.CAPSULE_CMD;
        if (data > (capsule ? limits.capsuleDataBytes() : limits.dataPduBytes())) {
            fail(
                    new PduError(
                            FatalErrorStatus.DATA_LIMIT_EXCEEDED,
                            0,
                            "too much data: " + describe(pdu, offset)));
            return false;
        }
        paddingLeft = pdo - headBytes;
        dataBytes = (int) data;
        return true;
    }

    /** False if there was an error or the handler has no room: the header is still to be held. */
    private boolean deliverHeader(MemorySegment pdu, long offset) {
        if (headBytes > type.headerBytes()) {
            int received = i32(pdu, offset + type.headerBytes());
            if (digest.of(pdu, offset, type.headerBytes()) != received) {
                fail(
                        new PduError(
                                FatalErrorStatus.HEADER_DIGEST_ERROR,
                                received,
                                "header digest of " + type));
                return false;
            }
        }
        boolean dataPdu = type == PduType.H2C_DATA || type == PduType.C2H_DATA;
        if (dataPdu && DataPdu.dataBytes(pdu, offset) != dataBytes) {
            fail(
                    PduError.header(
                            DataPdu.DATAL,
                            "DATAL does not fit PLEN: " + DataPdu.describe(pdu, offset)));
            return false;
        }
        if (!handler.onHeader(type, pdu, offset, dataBytes) || error != null) {
            return false;
        }
        delivered = true;
        dataLeft = dataBytes;
        digest.reset();
        digestBytes = 0;
        digestReceived = 0;
        advance();
        return true;
    }

    private void advance() {
        if (paddingLeft > 0) {
            state = State.PADDING;
        } else if (dataLeft > 0) {
            state = State.DATA;
        } else if (digestFollows) {
            state = State.DATA_DIGEST;
        } else {
            end(true);
        }
    }

    private void end(boolean dataIntact) {
        state = State.HEADER;
        handler.onEnd(dataIntact);
    }

    private int skipPadding(int length) {
        int taken = Math.min(paddingLeft, length);
        paddingLeft -= taken;
        if (paddingLeft == 0) {
            advance();
        }
        return taken;
    }

    private int readData(MemorySegment buffer, long offset, int length) {
        int taken = Math.min(dataLeft, length);
        if (taken == 0) {
            return 0;
        }
        if (digestFollows) {
            digest.update(buffer, offset, taken);
        }
        handler.onData(buffer, offset, taken);
        dataLeft -= taken;
        if (dataLeft == 0) {
            advance();
        }
        return taken;
    }

    private int readDigest(MemorySegment buffer, long offset, int length) {
        int taken = Math.min(PduHeader.DIGEST_BYTES - digestBytes, length);
        for (int i = 0; i < taken; i++) {
            digestReceived |= LittleEndian.u8(buffer, offset + i) << (8 * digestBytes++);
        }
        if (digestBytes == PduHeader.DIGEST_BYTES) {
            end(digestReceived == digest.value());
        }
        return taken;
    }

    private static String describe(MemorySegment pdu, long offset) {
        return PduHeader.describe(pdu, offset);
    }
}
