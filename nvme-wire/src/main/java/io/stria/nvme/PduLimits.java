package io.stria.nvme;

/**
 * What a {@link PduReader} lets pass.
 *
 * @param fromHost true at the controller: PDUs of hosts are expected
 * @param capsuleDataBytes most in-capsule data
 * @param dataPduBytes most data in one H2CData (MAXH2CDATA) or C2HData
 * @param dataAlignmentBytes what PDO must be a multiple of: 4 x (CPDA or HPDA + 1)
 */
public record PduLimits(
        boolean fromHost, int capsuleDataBytes, int dataPduBytes, int dataAlignmentBytes) {
    public PduLimits {
        if (capsuleDataBytes < 0 || dataPduBytes < IcResp.MAXH2CDATA_MIN) {
            throw new IllegalArgumentException(
                    "limits of %d and %d data bytes are too small"
                            .formatted(capsuleDataBytes, dataPduBytes));
        }
        if (dataAlignmentBytes < 4 || dataAlignmentBytes > 128 || dataAlignmentBytes % 4 != 0) {
            throw new IllegalArgumentException(
                    "data alignment " + dataAlignmentBytes + " is not 4 to 128 in steps of 4");
        }
    }
}
