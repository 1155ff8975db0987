package io.stria.nvme;

/**
 * A violation of the transport's rules that ends the connection.
 *
 * @param status FES of the TermReq that reports it
 * @param information its FEI
 * @param reason for logs, with the values at fault
 */
public record PduError(FatalErrorStatus status, int information, String reason) {
    public static PduError header(int fieldOffset, String reason) {
        return new PduError(FatalErrorStatus.INVALID_PDU_HEADER, fieldOffset, reason);
    }

    public static PduError sequence(String reason) {
        return new PduError(FatalErrorStatus.PDU_SEQUENCE_ERROR, 0, reason);
    }
}
