package io.stria.nvmf;

import java.net.InetSocketAddress;

/**
 * One way to reach a subsystem.
 *
 * @param portId the same for all subsystems at one address
 */
public record DiscoveryPath(String nqn, InetSocketAddress address, int portId) {
    public DiscoveryPath {
        if (address.isUnresolved()) {
            throw new IllegalArgumentException(address + " is not an address but a name");
        }
    }
}
