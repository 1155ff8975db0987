package io.stria.nvmf;

import java.util.HexFormat;

/**
 * Who a host says it is.
 *
 * @param hostId 32 hex digits
 */
public record HostIdentity(String nqn, String hostId) {
    static HostIdentity of(String nqn, byte[] hostId) {
        return new HostIdentity(nqn, HexFormat.of().formatHex(hostId));
    }

    @Override
    public String toString() {
        return nqn;
    }
}
