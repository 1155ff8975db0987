package io.stria.nvme;

import org.jspecify.annotations.Nullable;

/** FES of a {@link TermReq}: why a connection must end. */
public enum FatalErrorStatus {
    /** A header field is wrong; FEI is its offset within the header. */
    INVALID_PDU_HEADER(1),
    /** This PDU is not allowed now. */
    PDU_SEQUENCE_ERROR(2),
    /** FEI is the digest that was received. */
    HEADER_DIGEST_ERROR(3),
    /** Data outside of what an R2T asked for, or of the command's buffer. */
    DATA_OUT_OF_RANGE(4),
    /** From the controller: more data in one PDU than MAXH2CDATA. */
    DATA_LIMIT_EXCEEDED(5),
    /** FEI is the offset of the field. */
    UNSUPPORTED_PARAMETER(6);

    private final int code;

    FatalErrorStatus(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    public static @Nullable FatalErrorStatus of(int code) {
        return code >= 1 && code <= values().length ? values()[code - 1] : null;
    }
}
