package io.stria.nvme;

import org.jspecify.annotations.Nullable;

/**
 * The kinds of PDU of NVMe/TCP, with the length of their headers (HLEN) and who may send them.
 * Types 8h and Ah upward are reserved.
 */
public enum PduType {
    IC_REQ(0x00, 128, true),
    IC_RESP(0x01, 128, false),
    H2C_TERM_REQ(0x02, 24, true),
    C2H_TERM_REQ(0x03, 24, false),
    CAPSULE_CMD(0x04, 72, true),
    CAPSULE_RESP(0x05, 24, false),
    H2C_DATA(0x06, 24, true),
    C2H_DATA(0x07, 24, false),
    R2T(0x09, 24, false);

    private static final @Nullable PduType[] BY_CODE = new PduType[10];

    static {
        for (PduType type : values()) {
            BY_CODE[type.code] = type;
        }
    }

    private final int code;
    private final int headerBytes;
    private final boolean fromHost;

    PduType(int code, int headerBytes, boolean fromHost) {
        this.code = code;
        this.headerBytes = headerBytes;
        this.fromHost = fromHost;
    }

    /** Null for a reserved code. */
    public static @Nullable PduType of(int code) {
        return code < BY_CODE.length ? BY_CODE[code] : null;
    }

    public int code() {
        return code;
    }

    /** HLEN: common and PDU specific header, without digest. */
    public int headerBytes() {
        return headerBytes;
    }

    public boolean fromHost() {
        return fromHost;
    }

    /** Digests, once negotiated, guard all PDUs but those that open and terminate a connection. */
    public boolean hasDigests() {
        return switch (this) {
            case IC_REQ, IC_RESP, H2C_TERM_REQ, C2H_TERM_REQ -> false;
            case CAPSULE_CMD, CAPSULE_RESP, H2C_DATA, C2H_DATA, R2T -> true;
        };
    }

    /** PDO says where the data begins. (A TermReq carries a copy of a header behind its own.) */
    public boolean mayCarryData() {
        return this == CAPSULE_CMD || this == H2C_DATA || this == C2H_DATA;
    }
}
